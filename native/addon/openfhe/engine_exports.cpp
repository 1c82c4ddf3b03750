#include <omp.h>

#include "addon_common.h"
#include "bootstrap_rotations.h"
#include "evaluation.h"

namespace openfhe_addon {
namespace {

Value Version(const CallbackInfo& info) { return Napi::String::New(info.Env(), GetOPENFHEVersion()); }

Value Open(const CallbackInfo& info) {
  const Napi::Object object = ObjectArgument(info, 0, "parameters");
  ContextParameters parameters{
      Field<uint32_t>(object, "ringDimension"),    Field<uint32_t>(object, "slots"),
      Field<uint32_t>(object, "firstModulusBits"), Field<uint32_t>(object, "scalingModulusBits"),
      Field<uint32_t>(object, "largeDigits"),      Field<std::string>(object, "securityLevel"),
      Field<std::string>(object, "secret"),        Field<std::string>(object, "scalingTechnique"),
      Field<uint32_t>(object, "levels"),           {},
  };
  for (const int32_t levels : Field<std::vector<int32_t>>(object, "bootstrapLevelBudget")) {
    parameters.bootstrap_level_budget.push_back(static_cast<uint32_t>(levels));
  }
  return Run(
      info, [parameters] { return std::make_shared<Engine>(parameters); },
      [](Napi::Env env, EnginePointer& engine) -> Value {
        Napi::Object result = Napi::Object::New(env);
        const Context& context = engine->context;
        result.Set("handle", WrapHandle<Engine>(env, engine, 0));
        result.Set("depth", Napi::Number::New(env, context.depth()));
        result.Set("logQP", Napi::Number::New(env, context.LogQP()));
        result.Set("evaluationKeyBytes", Napi::Number::New(env, static_cast<double>(context.EvaluationKeyBytes())));
        return result;
      });
}

Value SetThreads(const CallbackInfo& info) {
  const auto threads = Argument<int32_t>(info, 0, "threads");
  // The setting belongs to the calling thread, which is the queue's.
  return Run(
      info, [threads] { omp_set_num_threads(threads > 0 ? threads : omp_get_num_procs()); }, Nothing);
}

Value RotationAutomorphisms(const CallbackInfo& info) {
  const EnginePointer engine = EngineArgument(info);
  const uint32_t order = 2 * engine->context.ring_dimension();
  std::vector<uint32_t> result;
  for (const int32_t rotation : Argument<std::vector<int32_t>>(info, 1, "rotations")) {
    result.push_back(lbcrypto::FindAutomorphismIndex2nComplex(rotation, order));
  }
  return ToUint32Array(info.Env(), result);
}

Value BootstrapAutomorphismsOf(const CallbackInfo& info) {
  // Two by two: index and level.
  std::vector<uint32_t> result;
  for (const auto& [index, level] : BootstrapAutomorphisms(EngineArgument(info)->context)) {
    result.push_back(index);
    result.push_back(level);
  }
  return ToUint32Array(info.Env(), result);
}

Value LibraryBootstrapAutomorphismsOf(const CallbackInfo& info) {
  const EnginePointer engine = EngineArgument(info);
  return Run(
      info, [engine] { return LibraryBootstrapAutomorphisms(engine->context); },
      [](Napi::Env env, std::vector<uint32_t>& result) -> Value { return ToUint32Array(env, result); });
}

}  // namespace

void SetEngineExports(Napi::Object& exports) {
  Set<Version>(exports, "version");
  Set<Open>(exports, "open");
  Set<SetThreads>(exports, "setThreads");
  Set<RotationAutomorphisms>(exports, "rotationAutomorphisms");
  Set<BootstrapAutomorphismsOf>(exports, "bootstrapAutomorphisms");
  Set<LibraryBootstrapAutomorphismsOf>(exports, "libraryBootstrapAutomorphisms");
}

}  // namespace openfhe_addon
