// openfhe.node: what src/engine/openfhe/binding.ts types. Arguments become plain values here. Operations run in order
// on one queue, because OpenFHE keeps keys and contexts in process-wide state; for the same reason one environment
// (JavaScript thread) may hold the addon at a time. Evaluation keys are read on a queue of their own, into memory that
// nobody else has, so that reading a stage's keys does not wait for the operations of the one before.
#include <atomic>

#include "addon_common.h"
#include "library_errors.h"

namespace openfhe_addon {
namespace {

using addon_support::Failure;

// OpenFHE's messages begin with "file:l.N:function(): ", which belongs in the cause.
Failure describeException(const std::exception& error) {
  if (const auto* known = dynamic_cast<const ckks::Error*>(&error)) {
    return {addon_support::codeOf(known->kind()), error.what(), {}};
  }
  const std::string text = error.what();
  const size_t end = text.find("(): ");
  const bool located = text.find(":l.") < end && end != std::string::npos;
  return {"ERR_NATIVE", "OpenFHE: " + (located ? text.substr(end + 4) : text), text};
}

std::atomic<bool> loaded{false};

Napi::Object init(Napi::Env env, Napi::Object exports) {
  if (loaded.exchange(true)) {
    throw addon_support::makeError(
        env, {"ERR_ENGINE_UNAVAILABLE", "the openfhe engine is in use by another thread of this process", {}});
  }
  env.AddCleanupHook([] { loaded = false; });
  env.SetInstanceData(new Queues(env, describeException));
  setEngineExports(exports);
  setKeyExports(exports);
  setCiphertextExports(exports);
  addExport<addon_support::disposeHandle>(exports, "dispose");
  return exports;
}

NODE_API_MODULE(openfhe, init)

}  // namespace
}  // namespace openfhe_addon
