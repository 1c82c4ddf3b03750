#pragma once

#include <cstddef>

#include "ckks/ring/kernels.h"
#include "ckks/ring/ntt.h"

namespace ckks {

/**
 * out += i value (or -= for `subtractTimesImaginaryUnit`), one limb in evaluation form. The polynomial X^(N/2) is i in
 * every slot; its evaluations are one constant in the lower half of the bit-reversed order and its negative in the
 * upper.
 */
inline void addTimesImaginaryUnit(Word* out, const Word* value, const NttTable& table) {
  const Modulus& modulus = table.modulus();
  const std::size_t half = table.ringDimension() / 2;
  const Word unit = modulus.power(table.root(), half);
  kernels().multiplyConstantAdd(out, value, unit, half, modulus);
  kernels().multiplyConstantAdd(out + half, value + half, modulus.negate(unit), half, modulus);
}

inline void subtractTimesImaginaryUnit(Word* out, const Word* value, const NttTable& table) {
  const Modulus& modulus = table.modulus();
  const std::size_t half = table.ringDimension() / 2;
  const Word unit = modulus.power(table.root(), half);
  kernels().multiplyConstantAdd(out, value, modulus.negate(unit), half, modulus);
  kernels().multiplyConstantAdd(out + half, value + half, unit, half, modulus);
}

}  // namespace ckks
