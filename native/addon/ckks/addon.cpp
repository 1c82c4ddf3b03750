#include <napi.h>

#include "arguments.h"
#include "exports.h"
#include "handle.h"

namespace ckks_addon {

Instance& instance(Napi::Env env) { return *env.GetInstanceData<Instance>(); }

ckks::Digest digestArgument(const Napi::CallbackInfo& info, std::size_t index) {
  return ckks::digestFromHex(addon_support::argument<std::string>(info, index, "sha256"));
}

}  // namespace ckks_addon

static Napi::Object init(Napi::Env env, Napi::Object exports) {
  env.SetInstanceData(new ckks_addon::Instance{{env, ckks_addon::describeFailure}});
  ckks_addon::exportContext(env, exports);
  ckks_addon::exportClient(env, exports);
  ckks_addon::exportEvaluator(env, exports);
  exports.Set("dispose", Napi::Function::New<addon_support::guarded<addon_support::disposeHandle>>(env));
  return exports;
}

NODE_API_MODULE(ckks, init)
