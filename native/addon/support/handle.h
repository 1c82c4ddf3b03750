// Typed handles: a C++ object owned by an opaque JavaScript object.
//
//   return wrapHandle<Ciphertext>(env, std::make_shared<Ciphertext>(...), bytes);
//   std::shared_ptr<Ciphertext> value = unwrapHandle<Ciphertext>(info[0], "ciphertext");
//   exports.Set("dispose", Napi::Function::New<guarded<disposeHandle>>(env));
//
// The bytes are reported to V8, which otherwise sees a few words where a handle holds megabytes and collects too late.
// Disposing releases the handle's reference at once and may be repeated; a running task keeps its own shared_ptr.
// unwrapHandle throws CodedError: ERR_DISPOSED after dispose, ERR_NATIVE for anything that is not a handle of the type.
#pragma once

#include <napi.h>

#include <cstdint>
#include <memory>
#include <string>
#include <typeindex>
#include <utility>

#include "errors.h"

namespace addon_support {

class Handle {
 public:
  template <class T>
  Handle(std::shared_ptr<T> object, int64_t bytes) : object_(std::move(object)), type_(typeid(T)), bytes_(bytes) {}

  template <class T>
  std::shared_ptr<T> get(const char* what) const {
    if (type_ != std::type_index(typeid(T))) throw CodedError("ERR_NATIVE", std::string("expected a ") + what);
    if (!object_) throw CodedError("ERR_DISPOSED", std::string("the ") + what + " is disposed");
    return std::static_pointer_cast<T>(object_);
  }

  void release(Napi::Env env) {
    if (!object_) return;
    object_.reset();
    Napi::MemoryManagement::AdjustExternalMemory(env, -bytes_);
  }

 private:
  std::shared_ptr<void> object_;
  std::type_index type_;
  int64_t bytes_;
};

// Marks objects made by wrapHandle, so that no foreign object is ever unwrapped.
inline constexpr napi_type_tag kHandleTag{0x7265736e65743230, 0x6668652d68616e64};

template <class T>
Napi::Object wrapHandle(Napi::Env env, std::shared_ptr<T> object, size_t bytes) {
  Napi::Object result = Napi::Object::New(env);
  auto handle = std::make_unique<Handle>(std::move(object), static_cast<int64_t>(bytes));
  const auto finalize = [](napi_env rawEnv, void* data, void*) {
    std::unique_ptr<Handle> owned(static_cast<Handle*>(data));
    owned->release(rawEnv);
  };
  if (napi_wrap(env, result, handle.get(), finalize, nullptr, nullptr) != napi_ok) {
    throw CodedError("ERR_NATIVE", "cannot wrap a native object");
  }
  handle.release();
  result.TypeTag(&kHandleTag);
  Napi::MemoryManagement::AdjustExternalMemory(env, static_cast<int64_t>(bytes));
  return result;
}

inline Handle& handleOf(const Napi::Value& value, const char* what) {
  void* data = nullptr;
  if (!value.IsObject() || !value.As<Napi::Object>().CheckTypeTag(&kHandleTag) ||
      napi_unwrap(value.Env(), value, &data) != napi_ok) {
    throw CodedError("ERR_NATIVE", std::string("expected a ") + what);
  }
  return *static_cast<Handle*>(data);
}

template <class T>
std::shared_ptr<T> unwrapHandle(const Napi::Value& value, const char* what) {
  return handleOf(value, what).get<T>(what);
}

inline Napi::Value disposeHandle(const Napi::CallbackInfo& info) {
  handleOf(info[0], "handle").release(info.Env());
  return info.Env().Undefined();
}

}  // namespace addon_support
