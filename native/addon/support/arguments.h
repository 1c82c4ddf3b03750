// Conversion of JavaScript arguments to plain C++ values on the main thread, before a task starts. TypeScript has
// already validated them and named the layer; a mismatch here is a defect of the program, reported as ERR_NATIVE.
#pragma once

#include <napi.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "errors.h"

namespace addon_support {

[[noreturn]] inline void throwArgument(const std::string& name, const char* expected) {
  throw CodedError("ERR_NATIVE", "argument '" + name + "' must be " + expected);
}

// Converts one value. Supported: bool, integers, double, std::string, std::vector<double> (from Float64Array),
// std::vector<int32_t> (from Int32Array), std::vector<uint8_t> (from Uint8Array), std::vector<std::string> (from
// Array).
template <class T>
T fromValue(const Napi::Value& value, const std::string& name) {
  if constexpr (std::is_same_v<T, bool>) {
    if (!value.IsBoolean()) throwArgument(name, "a boolean");
    return value.As<Napi::Boolean>().Value();
  } else if constexpr (std::is_arithmetic_v<T>) {
    if (!value.IsNumber()) throwArgument(name, "a number");
    if constexpr (std::is_floating_point_v<T>) return value.As<Napi::Number>().DoubleValue();
    return static_cast<T>(value.As<Napi::Number>().Int64Value());
  } else if constexpr (std::is_same_v<T, std::string>) {
    if (!value.IsString()) throwArgument(name, "a string");
    return value.As<Napi::String>().Utf8Value();
  } else if constexpr (std::is_same_v<T, std::vector<std::string>>) {
    if (!value.IsArray()) throwArgument(name, "an array of strings");
    const auto array = value.As<Napi::Array>();
    std::vector<std::string> result;
    for (uint32_t i = 0; i < array.Length(); ++i) result.push_back(fromValue<std::string>(array.Get(i), name));
    return result;
  } else {
    using Element = typename T::value_type;
    static_assert(std::is_same_v<T, std::vector<Element>>);
    constexpr napi_typedarray_type kType = std::is_same_v<Element, double>    ? napi_float64_array
                                           : std::is_same_v<Element, int32_t> ? napi_int32_array
                                                                              : napi_uint8_array;
    if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != kType) {
      throwArgument(name, "a typed array of the right kind");
    }
    const auto array = value.As<Napi::TypedArrayOf<Element>>();
    return T(array.Data(), array.Data() + array.ElementLength());
  }
}

template <class T>
T argument(const Napi::CallbackInfo& info, size_t index, const char* name) {
  return fromValue<T>(info[index], name);
}

template <class T>
T field(const Napi::Object& object, const char* name) {
  return fromValue<T>(object.Get(name), name);
}

inline Napi::Object objectArgument(const Napi::CallbackInfo& info, size_t index, const char* name) {
  if (!info[index].IsObject()) throwArgument(name, "an object");
  return info[index].As<Napi::Object>();
}

// Copies; results are small beside the work that made them.
// A Uint8Array that owns the bytes: ciphertexts are megabytes, which no copy doubles.
inline Napi::Value toUint8Array(Napi::Env env, std::vector<uint8_t>&& bytes) {
  if (bytes.empty()) return Napi::Uint8Array::New(env, 0);
  auto owned = std::make_unique<std::vector<uint8_t>>(std::move(bytes));
  const size_t size = owned->size();
  Napi::ArrayBuffer buffer = Napi::ArrayBuffer::New(
      env, owned->data(), size, [](Napi::Env, void*, std::vector<uint8_t>* hint) { delete hint; }, owned.get());
  owned.release();
  return Napi::Uint8Array::New(env, size, buffer, 0);
}

inline Napi::Value toFloat64Array(Napi::Env env, const std::vector<double>& values) {
  Napi::Float64Array result = Napi::Float64Array::New(env, values.size());
  std::copy(values.begin(), values.end(), result.Data());
  return result;
}

}  // namespace addon_support
