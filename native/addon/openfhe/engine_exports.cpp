#include <omp.h>

#include "addon_common.h"
#include "bootstrap_rotations.h"
#include "evaluation.h"

namespace openfhe_addon {
namespace {

Value version(const CallbackInfo& info) { return Napi::String::New(info.Env(), GetOPENFHEVersion()); }

Value open(const CallbackInfo& info) {
  const Napi::Object object = objectArgument(info, 0, "parameters");
  ContextParameters parameters{
      field<uint32_t>(object, "ringDimension"),    field<uint32_t>(object, "slots"),
      field<uint32_t>(object, "firstModulusBits"), field<uint32_t>(object, "scalingModulusBits"),
      field<uint32_t>(object, "largeDigits"),      field<std::string>(object, "securityLevel"),
      field<std::string>(object, "secret"),        field<std::string>(object, "scalingTechnique"),
      field<uint32_t>(object, "levels"),           {},
  };
  for (const int32_t levels : field<std::vector<int32_t>>(object, "bootstrapLevelBudget")) {
    parameters.bootstrapLevelBudget.push_back(static_cast<uint32_t>(levels));
  }
  return run(
      info, [parameters] { return std::make_shared<Engine>(parameters); },
      [](Napi::Env env, EnginePointer& engine) -> Value {
        Napi::Object result = Napi::Object::New(env);
        const Context& context = engine->context;
        result.Set("handle", wrapHandle<Engine>(env, engine, 0));
        result.Set("depth", Napi::Number::New(env, context.depth()));
        result.Set("logQP", Napi::Number::New(env, context.logQP()));
        return result;
      });
}

Value keyBytesOf(const CallbackInfo& info) {
  const auto level = argument<uint32_t>(info, 1, "level");
  return Napi::Number::New(info.Env(), static_cast<double>(engineArgument(info)->context.keyBytes(level)));
}

Value setThreads(const CallbackInfo& info) {
  const auto threads = argument<int32_t>(info, 0, "threads");
  // The setting belongs to the calling thread, which is the queue's.
  return run(
      info, [threads] { omp_set_num_threads(threads > 0 ? threads : omp_get_num_procs()); }, nothing);
}

Value rotationAutomorphisms(const CallbackInfo& info) {
  const EnginePointer engine = engineArgument(info);
  const uint32_t order = 2 * engine->context.ringDimension();
  std::vector<uint32_t> result;
  for (const int32_t rotation : argument<std::vector<int32_t>>(info, 1, "rotations")) {
    result.push_back(lbcrypto::FindAutomorphismIndex2nComplex(rotation, order));
  }
  return toUint32Array(info.Env(), result);
}

Value bootstrapAutomorphismsOf(const CallbackInfo& info) {
  // Two by two: index and level.
  std::vector<uint32_t> result;
  for (const auto& [index, level] : bootstrapAutomorphisms(engineArgument(info)->context)) {
    result.push_back(index);
    result.push_back(level);
  }
  return toUint32Array(info.Env(), result);
}

Value libraryBootstrapAutomorphismsOf(const CallbackInfo& info) {
  const EnginePointer engine = engineArgument(info);
  return run(
      info, [engine] { return libraryBootstrapAutomorphisms(engine->context); },
      [](Napi::Env env, std::vector<uint32_t>& result) -> Value { return toUint32Array(env, result); });
}

}  // namespace

void setEngineExports(Napi::Object& exports) {
  addExport<version>(exports, "version");
  addExport<open>(exports, "open");
  addExport<keyBytesOf>(exports, "keyBytes");
  addExport<setThreads>(exports, "setThreads");
  addExport<rotationAutomorphisms>(exports, "rotationAutomorphisms");
  addExport<bootstrapAutomorphismsOf>(exports, "bootstrapAutomorphisms");
  addExport<libraryBootstrapAutomorphismsOf>(exports, "libraryBootstrapAutomorphisms");
}

}  // namespace openfhe_addon
