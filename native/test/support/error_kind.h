#pragma once

#include <optional>
#include <ostream>

#include "ckks/error.h"

namespace ckks {

/// Lets GoogleTest name a kind by its number in the enumeration.
inline void PrintTo(ErrorKind kind, std::ostream* out) { *out << "ErrorKind " << static_cast<int>(kind); }

/// Kind of the Error that the action throws, nothing when it throws none. Other exceptions pass.
template <typename Action>
std::optional<ErrorKind> errorKindOf(Action&& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.kind();
  }
  return std::nullopt;
}

}  // namespace ckks
