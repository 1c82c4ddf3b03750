#include "ckks/ring/modulus.h"

#include <bit>
#include <stdexcept>
#include <string>

namespace ckks {
namespace {

Word checked(Word modulus) {
  if (modulus < 3 || modulus % 2 == 0 || std::bit_width(modulus) > kMaxModulusBits) {
    throw std::invalid_argument("a modulus must be odd and in [3, 2^50), not " + std::to_string(modulus));
  }
  return modulus;
}

Word powerOfTwoOver(int exponent, Word divisor) {
  return static_cast<Word>((static_cast<Word128>(1) << exponent) / divisor);
}

/// By Newton's iteration, which doubles the bits that are right: three of them at first, since q q = 1 mod 8.
Word inverseModuloRadix(Word odd) {
  Word inverse = odd;
  for (int bits = 3; bits < kRadixBits; bits *= 2) inverse *= 2 - odd * inverse;
  return inverse & kRadixMask;
}

}  // namespace

Modulus::Modulus(Word modulus)
    : value(checked(modulus)),
      bits(static_cast<int>(std::bit_width(modulus))),
      wordRatio(powerOfTwoOver(64, modulus)),
      wordRadix(Word{0} - wordRatio * modulus),
      productRatio(powerOfTwoOver(2 * bits, modulus)),
      radixRatio(powerOfTwoOver(kRadixBits, modulus)),
      lazyRatio(powerOfTwoOver(kRadixBits - 1 + bits, modulus)),
      radix(shoup((Word{1} << kRadixBits) % modulus)),
      inverseRadix(power((modulus + 1) / 2, kRadixBits)),
      radixInverse(inverseModuloRadix(modulus)),
      foldedRadix(static_cast<Word>((static_cast<Word128>(1) << 100) % modulus)),
      reciprocal(1.0 / static_cast<double>(modulus)) {}

Word Modulus::power(Word base, Word exponent) const {
  Word result = 1;
  for (; exponent != 0; exponent >>= 1) {
    if ((exponent & 1) != 0) result = multiply(result, base);
    base = multiply(base, base);
  }
  return result;
}

Word Modulus::inverse(Word a) const {
  if (a == 0) throw std::invalid_argument("0 has no inverse");
  return power(a, value - 2);
}

}  // namespace ckks
