// What the export files share: the engine handle, running a task, and common arguments.
#pragma once

#include <napi.h>

#include <algorithm>
#include <memory>
#include <utility>
#include <variant>
#include <vector>

#include "arguments.h"
#include "context.h"
#include "errors.h"
#include "handle.h"
#include "key_files.h"
#include "plaintext_encoder.h"
#include "task_queue.h"

namespace openfhe_addon {

using addon_support::Argument;
using addon_support::Field;
using addon_support::Guarded;
using addon_support::ObjectArgument;
using addon_support::TaskQueue;
using addon_support::ToFloat64Array;
using addon_support::ToUint8Array;
using addon_support::UnwrapHandle;
using addon_support::WrapHandle;
using Napi::CallbackInfo;
using Napi::Value;

// What one open engine holds.
struct Engine {
  explicit Engine(const ContextParameters& parameters) : context(parameters), encoder(context) {}
  Context context;
  PlaintextEncoder encoder;
};

using EnginePointer = std::shared_ptr<Engine>;

template <class Execute, class Complete>
Value Run(const CallbackInfo& info, Execute execute, Complete complete) {
  return info.Env().GetInstanceData<TaskQueue>()->Run(info.Env(), std::move(execute), std::move(complete));
}

inline Value Nothing(Napi::Env env, std::monostate&) { return env.Undefined(); }

inline EnginePointer EngineArgument(const CallbackInfo& info) { return UnwrapHandle<Engine>(info[0], "engine"); }
inline SecretKey SecretArgument(const CallbackInfo& info, size_t index) {
  return *UnwrapHandle<SecretKey>(info[index], "secret key");
}

inline Napi::Value ToUint32Array(Napi::Env env, const std::vector<uint32_t>& values) {
  Napi::Uint32Array result = Napi::Uint32Array::New(env, values.size());
  std::copy(values.begin(), values.end(), result.Data());
  return result;
}

inline std::vector<uint32_t> IndexArgument(const CallbackInfo& info, size_t index, const char* name) {
  const auto values = Argument<std::vector<int32_t>>(info, index, name);
  return {values.begin(), values.end()};
}

template <Value (*Export)(const CallbackInfo&)>
void Set(Napi::Object& exports, const char* name) {
  exports.Set(name, Napi::Function::New<Guarded<Export>>(exports.Env(), name));
}

// Each adds the exports of one subject.
void SetEngineExports(Napi::Object& exports);
void SetKeyExports(Napi::Object& exports);
void SetCiphertextExports(Napi::Object& exports);

}  // namespace openfhe_addon
