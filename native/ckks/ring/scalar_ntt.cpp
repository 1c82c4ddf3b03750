#include "ckks/ring/scalar_ntt.h"

#include <algorithm>
#include <cstddef>

// Butterflies after D. Harvey, "Faster arithmetic for number-theoretic transforms", Journal of Symbolic Computation
// 60, 2014: lazily reduced, below 4q forwards and below 2q backwards.

namespace ckks::scalar {
namespace {

/// min of a and a - bound as unsigned words: reduces [0, 2 bound) to [0, bound).
Word reduceOnce(Word a, Word bound) { return std::min(a, a - bound); }

}  // namespace

void forwardNtt(Word* values, const NttTable& table) {
  const Modulus modulus = table.modulus();
  const Word twice = 2 * modulus.value;
  const Word* twiddles = table.twiddles();
  const Word* quotients = table.quotients();
  const std::size_t n = table.ringDimension();
  for (std::size_t blocks = 1, half = n / 2; blocks < n; blocks *= 2, half /= 2) {
    for (std::size_t block = 0; block < blocks; ++block) {
      const ShoupConstant twiddle{twiddles[blocks + block], quotients[blocks + block]};
      Word* low = values + 2 * half * block;
      Word* high = low + half;
      for (std::size_t i = 0; i < half; ++i) {
        const Word a = reduceOnce(low[i], twice);
        const Word b = modulus.multiplyLazy(high[i], twiddle);
        low[i] = a + b;
        high[i] = a - b + twice;
      }
    }
  }
  for (std::size_t i = 0; i < n; ++i) {
    values[i] = reduceOnce(reduceOnce(values[i], twice), modulus.value);
  }
}

void inverseNtt(Word* values, const NttTable& table) {
  const Modulus modulus = table.modulus();
  const Word twice = 2 * modulus.value;
  const Word* twiddles = table.twiddles();
  const Word* quotients = table.quotients();
  const std::size_t n = table.ringDimension();
  for (std::size_t blocks = n / 2, half = 1; blocks > 1; blocks /= 2, half *= 2) {
    for (std::size_t block = 0; block < blocks; ++block) {
      // The inverse twiddle is minus this one, so the difference is taken the other way round.
      const std::size_t index = 2 * blocks - 1 - block;
      const ShoupConstant twiddle{twiddles[index], quotients[index]};
      Word* low = values + 2 * half * block;
      Word* high = low + half;
      for (std::size_t i = 0; i < half; ++i) {
        const Word a = low[i];
        const Word b = high[i];
        low[i] = reduceOnce(a + b, twice);
        high[i] = modulus.multiplyLazy(b - a + twice, twiddle);
      }
    }
  }
  for (std::size_t i = 0; i < n / 2; ++i) {
    const Word a = values[i];
    const Word b = values[i + n / 2];
    values[i] = modulus.multiply(a + b, table.scale());
    values[i + n / 2] = modulus.multiply(b - a + twice, table.scaledTwiddle());
  }
}

}  // namespace ckks::scalar
