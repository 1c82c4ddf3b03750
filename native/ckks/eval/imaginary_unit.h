#pragma once

#include <cstddef>

#include "ckks/ring/kernels.h"
#include "ckks/ring/ntt.h"

namespace ckks {

/**
 * The residue that X^(N/2), which is i in every slot, has as its evaluation at `index`: in the bit-reversed order one
 * constant for the lower half of a limb and its negative for the upper.
 */
inline Word imaginaryUnit(const NttTable& table, std::size_t index) {
  const std::size_t half = table.ringDimension() / 2;
  const Word unit = table.imaginaryUnit();
  return index < half ? unit : table.modulus().negate(unit);
}

/** out += i value, one limb in evaluation form. */
inline void addTimesImaginaryUnit(Word* out, const Word* value, const NttTable& table) {
  const std::size_t half = table.ringDimension() / 2;
  for (const std::size_t begin : {std::size_t{0}, half}) {
    kernels().multiplyConstantAdd(out + begin, value + begin, imaginaryUnit(table, begin), half, table.modulus());
  }
}

}  // namespace ckks
