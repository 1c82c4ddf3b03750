#pragma once

#include <stdexcept>
#include <string>

namespace ckks {

/** What went wrong, in the terms of the program's stable error codes. */
enum class ErrorKind {
  kInvalidParameter,
  kInsecureParameter,
  kLevelExhausted,
  kScaleMismatch,
  kKeyMissing,
  kKeyMismatch,
  kKeyVersion,
  kKeyCorrupt,
  kCiphertext,
  kRange,
  kFile,
  kDiskFull,
  kCancelled,
  kRandomness,
};

/** The engine's one exception type; thrown before any state changes. */
class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}
  ErrorKind kind() const { return kind_; }

 private:
  ErrorKind kind_;
};

}  // namespace ckks
