#include <napi.h>

#include "exports.h"
#include "handle.h"

namespace ckks_addon {

addon_support::TaskQueue& Queue(Napi::Env env) { return *env.GetInstanceData<addon_support::TaskQueue>(); }

}  // namespace ckks_addon

static Napi::Object Init(Napi::Env env, Napi::Object exports) {
  env.SetInstanceData(new addon_support::TaskQueue(env, ckks_addon::DescribeFailure));
  ckks_addon::ExportContext(env, exports);
  ckks_addon::ExportClient(env, exports);
  ckks_addon::ExportEvaluator(env, exports);
  exports.Set("dispose", Napi::Function::New<addon_support::Guarded<addon_support::DisposeHandle>>(env));
  return exports;
}

NODE_API_MODULE(ckks, Init)
