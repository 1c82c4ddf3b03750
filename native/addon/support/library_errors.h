// The stable codes of what native/ckks throws; both addons read their files with it.
#pragma once

#include "ckks/error.h"

namespace addon_support {

inline const char* codeOf(ckks::ErrorKind kind) {
  switch (kind) {
    case ckks::ErrorKind::kInvalidParameter:
    case ckks::ErrorKind::kScaleMismatch:
    case ckks::ErrorKind::kRandomness:
      return "ERR_NATIVE";
    case ckks::ErrorKind::kInsecureParameter:
      return "ERR_PROFILE";
    case ckks::ErrorKind::kLevelExhausted:
      return "ERR_LEVEL_EXHAUSTED";
    case ckks::ErrorKind::kKeyMissing:
      return "ERR_KEY_MISSING";
    case ckks::ErrorKind::kKeyMismatch:
      return "ERR_KEY_MISMATCH";
    case ckks::ErrorKind::kKeyVersion:
      return "ERR_KEY_VERSION";
    case ckks::ErrorKind::kKeyCorrupt:
      return "ERR_KEY_CORRUPT";
    case ckks::ErrorKind::kCiphertext:
      return "ERR_CIPHERTEXT";
    case ckks::ErrorKind::kRange:
      return "ERR_RANGE";
    case ckks::ErrorKind::kFile:
      return "ERR_FILE";
    case ckks::ErrorKind::kDiskFull:
      return "ERR_DISK_FULL";
    case ckks::ErrorKind::kCancelled:
      return "ERR_CANCELLED";
  }
  return "ERR_NATIVE";
}

}  // namespace addon_support
