// openfhe.node: what src/engine/openfhe/binding.ts types. Arguments become plain values here, tasks run in order on one
// queue, because OpenFHE keeps keys and contexts in process-wide state; for the same reason one environment (JavaScript
// thread) may hold the addon at a time.
#include <atomic>

#include "addon_common.h"

namespace openfhe_addon {
namespace {

using addon_support::Failure;

// OpenFHE's messages begin with "file:l.N:function(): ", which belongs in the cause.
Failure DescribeOpenFheException(const std::exception& error) {
  const std::string text = error.what();
  const size_t end = text.find("(): ");
  const bool located = text.find(":l.") < end && end != std::string::npos;
  return {"ERR_NATIVE", "OpenFHE: " + (located ? text.substr(end + 4) : text), text};
}

std::atomic<bool> loaded{false};

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  if (loaded.exchange(true)) {
    throw addon_support::MakeError(
        env, {"ERR_ENGINE_UNAVAILABLE", "the openfhe engine is in use by another thread of this process", {}});
  }
  env.AddCleanupHook([] { loaded = false; });
  env.SetInstanceData(new TaskQueue(env, DescribeOpenFheException));
  SetEngineExports(exports);
  SetKeyExports(exports);
  SetCiphertextExports(exports);
  Set<addon_support::DisposeHandle>(exports, "dispose");
  return exports;
}

NODE_API_MODULE(openfhe, Init)

}  // namespace
}  // namespace openfhe_addon
