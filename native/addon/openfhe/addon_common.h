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

using addon_support::argument;
using addon_support::field;
using addon_support::guarded;
using addon_support::objectArgument;
using addon_support::TaskQueue;
using addon_support::toFloat64Array;
using addon_support::toUint8Array;
using addon_support::unwrapHandle;
using addon_support::wrapHandle;
using Napi::CallbackInfo;
using Napi::Value;

// What one open engine holds.
struct Engine {
  explicit Engine(const ContextParameters& parameters) : context(parameters), encoder(context) {}
  Context context;
  PlaintextEncoder encoder;
};

using EnginePointer = std::shared_ptr<Engine>;

struct Queues {
  Queues(Napi::Env env, const addon_support::LibraryDescriber& describeLibrary)
      : operations(env, describeLibrary), reading(env, describeLibrary) {}
  TaskQueue operations;
  TaskQueue reading;
};

template <class Execute, class Complete>
Value run(const CallbackInfo& info, Execute execute, Complete complete) {
  return info.Env().GetInstanceData<Queues>()->operations.run(info.Env(), std::move(execute), std::move(complete));
}

// Beside the operations: `execute` may change nothing that they use.
template <class Execute, class Complete>
Value runReading(const CallbackInfo& info, Execute execute, Complete complete) {
  return info.Env().GetInstanceData<Queues>()->reading.run(info.Env(), std::move(execute), std::move(complete));
}

inline Value nothing(Napi::Env env, std::monostate&) { return env.Undefined(); }

inline EnginePointer engineArgument(const CallbackInfo& info) { return unwrapHandle<Engine>(info[0], "engine"); }
inline SecretKey secretArgument(const CallbackInfo& info, size_t index) {
  return *unwrapHandle<SecretKey>(info[index], "secret key");
}
inline PublicKey publicArgument(const CallbackInfo& info, size_t index) {
  return *unwrapHandle<PublicKey>(info[index], "public key");
}

inline Napi::Value toUint32Array(Napi::Env env, const std::vector<uint32_t>& values) {
  Napi::Uint32Array result = Napi::Uint32Array::New(env, values.size());
  std::copy(values.begin(), values.end(), result.Data());
  return result;
}

inline std::vector<uint32_t> indexArgument(const CallbackInfo& info, size_t index, const char* name) {
  const auto values = argument<std::vector<int32_t>>(info, index, name);
  return {values.begin(), values.end()};
}

template <Value (*Export)(const CallbackInfo&)>
void addExport(Napi::Object& exports, const char* name) {
  exports.Set(name, Napi::Function::New<guarded<Export>>(exports.Env(), name));
}

// Each adds the exports of one subject.
void setEngineExports(Napi::Object& exports);
void setKeyExports(Napi::Object& exports);
void setCiphertextExports(Napi::Object& exports);

}  // namespace openfhe_addon
