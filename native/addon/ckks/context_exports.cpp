// Parameters, processor kernels, threads, cancellation flags.
#include <string>
#include <vector>

#include "arguments.h"
#include "ckks/ring/kernels.h"
#include "ckks/ring/parallel.h"
#include "exports.h"
#include "handle.h"
#include "objects.h"

namespace ckks_addon {
namespace {

using addon_support::Argument;
using addon_support::Field;
using addon_support::Guarded;

// createContext(parameters): Promise<{context, logQP, primes}>
Napi::Value CreateContext(const Napi::CallbackInfo& info) {
  const Napi::Object object = addon_support::ObjectArgument(info, 0, "parameters");
  ckks::ParameterLiteral literal;
  literal.ringDimension = Field<std::size_t>(object, "ringDimension");
  literal.firstPrimeBits = Field<int>(object, "firstPrimeBits");
  literal.scalingPrimeBits = Field<int>(object, "scalingPrimeBits");
  literal.levels = Field<int>(object, "levels");
  literal.specialPrimeBits = Field<int>(object, "specialPrimeBits");
  literal.specialPrimes = Field<std::vector<int>>(object, "specialPrimes");
  literal.digitPrimes = Field<int>(object, "digitPrimes");
  literal.resultRingDimension = Field<std::size_t>(object, "resultRingDimension");
  literal.allowInsecure = Field<bool>(object, "allowInsecure");
  return Queue(info.Env())
      .Run(
          info.Env(), [literal] { return std::make_shared<const ckks::Parameters>(literal); },
          [](Napi::Env env, std::shared_ptr<const ckks::Parameters>& parameters) -> Napi::Value {
            std::vector<double> primes;
            std::size_t bytes = 0;
            for (std::size_t limb = 0;
                 limb < static_cast<std::size_t>(parameters->levels()) + 1 + parameters->specialCount(); ++limb) {
              primes.push_back(static_cast<double>(parameters->modulus(limb).value));
              bytes += parameters->table(limb).bytes();
            }
            Napi::Object result = Napi::Object::New(env);
            result.Set("logQP", Napi::Number::New(env, parameters->logQP()));
            result.Set("primes", addon_support::ToFloat64Array(env, primes));
            result.Set("context",
                       addon_support::WrapHandle(env, std::make_shared<Context>(Context{parameters}), bytes));
            return result;
          });
}

// kernelName(): string, availableKernels(): string[]
Napi::Value KernelName(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), std::string(ckks::kernels().name));
}

Napi::Value AvailableKernels(const Napi::CallbackInfo& info) {
  Napi::Array names = Napi::Array::New(info.Env());
  for (std::string_view name : ckks::availableKernels()) {
    names.Set(names.Length(), Napi::String::New(info.Env(), std::string(name)));
  }
  return names;
}

// setThreads(count): Promise<void>; queued, so that no operation is under way.
Napi::Value SetThreads(const Napi::CallbackInfo& info) {
  const auto count = Argument<unsigned>(info, 0, "count");
  return Queue(info.Env())
      .Run(
          info.Env(), [count] { ckks::setThreadCount(count); },
          [](Napi::Env env, std::monostate&) -> Napi::Value { return env.Undefined(); });
}

// createCancelFlag(): handle; cancel(handle): void, at once, while operations run
Napi::Value CreateCancelFlag(const Napi::CallbackInfo& info) {
  return addon_support::WrapHandle(info.Env(), std::make_shared<CancelFlag>(), sizeof(CancelFlag));
}

Napi::Value Cancel(const Napi::CallbackInfo& info) {
  addon_support::UnwrapHandle<CancelFlag>(info[0], "cancel flag")->flag->store(true);
  return info.Env().Undefined();
}

}  // namespace

void ExportContext(Napi::Env env, Napi::Object exports) {
  exports.Set("createContext", Napi::Function::New<Guarded<CreateContext>>(env));
  exports.Set("kernelName", Napi::Function::New<Guarded<KernelName>>(env));
  exports.Set("availableKernels", Napi::Function::New<Guarded<AvailableKernels>>(env));
  exports.Set("setThreads", Napi::Function::New<Guarded<SetThreads>>(env));
  exports.Set("createCancelFlag", Napi::Function::New<Guarded<CreateCancelFlag>>(env));
  exports.Set("cancel", Napi::Function::New<Guarded<Cancel>>(env));
}

}  // namespace ckks_addon
