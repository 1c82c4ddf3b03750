// Parameters, processor kernels and their rates, threads, cancellation flags.
#include <string>
#include <vector>

#include "arguments.h"
#include "ckks/calibration/measured_rates.h"
#include "ckks/ring/kernels.h"
#include "exports.h"
#include "handle.h"
#include "objects.h"

namespace ckks_addon {
namespace {

using addon_support::argument;
using addon_support::field;
using addon_support::guarded;

ckks::SecurityCheck securityField(const Napi::Object& object) {
  const auto security = field<std::string>(object, "security");
  if (security == "checked") return ckks::SecurityCheck::kChecked;
  if (security == "unchecked") return ckks::SecurityCheck::kUnchecked;
  addon_support::throwArgument("security", "checked or unchecked");
}

// createContext(parameters): Promise<{context, logQP, primes}>
Napi::Value createContext(const Napi::CallbackInfo& info) {
  const Napi::Object object = addon_support::objectArgument(info, 0, "parameters");
  ckks::ParameterLiteral literal;
  literal.ringDimension = field<std::size_t>(object, "ringDimension");
  literal.primeBits = field<std::vector<int>>(object, "primeBits");
  literal.specialPrimeBits = field<int>(object, "specialPrimeBits");
  literal.specialPrimes = field<std::vector<int>>(object, "specialPrimes");
  literal.digits = field<std::vector<int>>(object, "digits");
  literal.resultRingDimension = field<std::size_t>(object, "resultRingDimension");
  literal.security = securityField(object);
  return run(
      info.Env(), [literal] { return std::make_shared<const ckks::Parameters>(literal); },
      [](Napi::Env env, std::shared_ptr<const ckks::Parameters>& parameters) -> Napi::Value {
        std::vector<double> primes;
        for (std::size_t limb = 0;
             limb < static_cast<std::size_t>(parameters->levels()) + 1 + parameters->specialCount(); ++limb) {
          primes.push_back(static_cast<double>(parameters->modulus(limb).value));
        }
        // What the garbage collector is told: the tables that transforms at every prime come to have.
        const std::size_t bytes = primes.size() * 2 * parameters->ringDimension() * sizeof(ckks::Word);
        Napi::Object result = Napi::Object::New(env);
        result.Set("logQP", Napi::Number::New(env, parameters->logQP()));
        result.Set("primes", addon_support::toFloat64Array(env, primes));
        result.Set("context", addon_support::wrapHandle(env, std::make_shared<Context>(Context{parameters}), bytes));
        return result;
      });
}

// kernelName(): string, availableKernels(): string[]
Napi::Value kernelName(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), std::string(ckks::kernels().name));
}

Napi::Value availableKernels(const Napi::CallbackInfo& info) {
  Napi::Array names = Napi::Array::New(info.Env());
  for (std::string_view name : ckks::availableKernels()) {
    names.Set(names.Length(), Napi::String::New(info.Env(), std::string(name)));
  }
  return names;
}

// measureRates(keyPath, threads, secondsPerRate): Promise<{[rate]: number}>; without a session of threads around it, as
// it compares sessions
Napi::Value measureRates(const Napi::CallbackInfo& info) {
  auto keyPath = argument<std::string>(info, 0, "keyPath");
  const auto threads = argument<unsigned>(info, 1, "threads");
  const auto secondsPerRate = argument<double>(info, 2, "secondsPerRate");
  return instance(info.Env())
      .queue.run(
          info.Env(), [=] { return ckks::measureRates(keyPath, threads, secondsPerRate); },
          [](Napi::Env env, std::vector<ckks::MeasuredRate>& rates) -> Napi::Value {
            Napi::Object result = Napi::Object::New(env);
            for (const auto& [name, value] : rates) result.Set(std::string(name), Napi::Number::New(env, value));
            return result;
          });
}

// setThreads(count): void; of the operations that are called after it, 0: as many as there are processors
Napi::Value setThreads(const Napi::CallbackInfo& info) {
  instance(info.Env()).threads = argument<unsigned>(info, 0, "count");
  return info.Env().Undefined();
}

// createCancelFlag(): handle; cancel(handle): void, at once, while operations run
Napi::Value createCancelFlag(const Napi::CallbackInfo& info) {
  return addon_support::wrapHandle(info.Env(), std::make_shared<CancelFlag>(), sizeof(CancelFlag));
}

Napi::Value cancel(const Napi::CallbackInfo& info) {
  addon_support::unwrapHandle<CancelFlag>(info[0], "cancel flag")->flag->store(true);
  return info.Env().Undefined();
}

}  // namespace

void exportContext(Napi::Env env, Napi::Object exports) {
  exports.Set("createContext", Napi::Function::New<guarded<createContext>>(env));
  exports.Set("kernelName", Napi::Function::New<guarded<kernelName>>(env));
  exports.Set("availableKernels", Napi::Function::New<guarded<availableKernels>>(env));
  exports.Set("measureRates", Napi::Function::New<guarded<measureRates>>(env));
  exports.Set("setThreads", Napi::Function::New<guarded<setThreads>>(env));
  exports.Set("createCancelFlag", Napi::Function::New<guarded<createCancelFlag>>(env));
  exports.Set("cancel", Napi::Function::New<guarded<cancel>>(env));
}

}  // namespace ckks_addon
