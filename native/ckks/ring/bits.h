#pragma once

#include <cstddef>

#include "ckks/ring/modulus.h"

namespace ckks {

inline constexpr std::size_t kMinRingDimension = std::size_t{1} << 4;
inline constexpr std::size_t kMaxRingDimension = std::size_t{1} << 17;

/// Throws std::invalid_argument unless N is a power of two in [2^4, 2^17].
void checkRingDimension(std::size_t ringDimension);

/// The lowest `count` bits of `value` in reverse order; `count` in [0, 64).
[[nodiscard]] constexpr Word reverseBits(Word value, int count) {
  Word reversed = 0;
  for (int i = 0; i < count; ++i) {
    reversed = (reversed << 1) | (value & 1);
    value >>= 1;
  }
  return reversed;
}

}  // namespace ckks
