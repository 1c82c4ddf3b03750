// Error ladder: every C++ exception that could cross into JavaScript becomes an Error with a stable `code`, a `message`
// for people and, where a library said more (source location, its own words), a `cause`.
#pragma once

#include <napi.h>

#include <exception>
#include <functional>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>

namespace addon_support {

struct Failure {
  std::string code;
  std::string message;
  std::string cause;  // empty: none
};

// Thrown by addon code that knows the right code. `code` is one of FheErrorCode in src/errors.ts.
class CodedError : public std::exception {
 public:
  CodedError(std::string code, std::string message, std::string cause = {})
      : failure_{std::move(code), std::move(message), std::move(cause)} {}
  const char* what() const noexcept override { return failure_.message.c_str(); }
  const Failure& failure() const { return failure_; }

 private:
  Failure failure_;
};

// Describes the exception being handled; call inside a catch block. `describeLibrary` may turn a library's own
// exception into a Failure; it is asked for every std::exception that is neither CodedError nor bad_alloc.
using LibraryDescriber = std::function<Failure(const std::exception&)>;

inline Failure describeCurrentException(const LibraryDescriber& describeLibrary = {}) {
  try {
    throw;
  } catch (const CodedError& error) {
    return error.failure();
  } catch (const std::bad_alloc&) {
    return {"ERR_MEMORY_BUDGET", "the system has not enough memory for this step", {}};
  } catch (const std::exception& error) {
    if (describeLibrary) return describeLibrary(error);
    return {"ERR_NATIVE", error.what(), {}};
  } catch (...) {
    return {"ERR_NATIVE", "unknown native error", {}};
  }
}

inline Napi::Error makeError(Napi::Env env, const Failure& failure) {
  Napi::Error error = Napi::Error::New(env, failure.message);
  error.Set("code", Napi::String::New(env, failure.code));
  if (!failure.cause.empty()) error.Set("cause", Napi::String::New(env, failure.cause));
  return error;
}

// Wraps a synchronous export so that it throws such an Error instead of ending the process:
//   exports.Set("version", Napi::Function::New<guarded<version>>(env));
template <Napi::Value (*Export)(const Napi::CallbackInfo&)>
Napi::Value guarded(const Napi::CallbackInfo& info) {
  try {
    return Export(info);
  } catch (const Napi::Error&) {
    throw;
  } catch (...) {
    throw makeError(info.Env(), describeCurrentException());
  }
}

}  // namespace addon_support
