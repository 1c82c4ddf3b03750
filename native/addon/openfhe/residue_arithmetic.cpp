#include "residue_arithmetic.h"

#include <cmath>

namespace openfhe_addon {

Modulus::Modulus(uint64_t value) : value_(value) {
  uint64_t inverse = value;  // right modulo 8; every Newton step doubles the bits
  for (int step = 0; step < 5; ++step) inverse *= 2 - value * inverse;
  negativeInverse_ = ~inverse + 1;
  const uint64_t word = static_cast<uint64_t>((static_cast<uint128>(1) << 64) % value);
  square_ = static_cast<uint64_t>(static_cast<uint128>(word) * word % value);
}

uint64_t Modulus::power(uint64_t baseMontgomery, uint64_t exponent) const {
  uint64_t result = toMontgomery(1);
  for (; exponent != 0; exponent >>= 1) {
    if (exponent & 1) result = multiply(result, baseMontgomery);
    baseMontgomery = multiply(baseMontgomery, baseMontgomery);
  }
  return result;
}

uint64_t Modulus::fromReal(double value) const {
  const double magnitude = std::abs(value);
  uint64_t residue;
  if (magnitude < 0x1p62) {
    residue = toMontgomery(static_cast<uint64_t>(std::llround(magnitude)));
  } else {
    int exponent = 0;
    const double mantissa = std::frexp(magnitude, &exponent);
    const uint64_t shift = power(toMontgomery(2), static_cast<uint64_t>(exponent - 53));
    residue = multiply(toMontgomery(static_cast<uint64_t>(std::ldexp(mantissa, 53))), shift);
  }
  return value < 0 ? subtract(0, residue) : residue;
}

NegacyclicTransform::NegacyclicTransform(const Modulus& modulus, uint64_t root, uint32_t dimension)
    : modulus_(modulus), powers_(dimension) {
  const uint64_t rootMontgomery = modulus.toMontgomery(root);
  uint64_t power = modulus.toMontgomery(1);
  for (uint32_t i = 0; i < dimension; ++i) {
    uint32_t reversed = 0;
    for (uint32_t bit = 1; bit < dimension; bit <<= 1) reversed = reversed << 1 | ((i & bit) != 0);
    powers_[reversed] = power;
    power = modulus.multiply(power, rootMontgomery);
  }
}

void NegacyclicTransform::forward(uint64_t* values) const {
  const uint32_t dimension = static_cast<uint32_t>(powers_.size());
  uint32_t half = dimension;
  for (uint32_t groups = 1; groups < dimension; groups <<= 1) {
    half >>= 1;
    for (uint32_t group = 0; group < groups; ++group) {
      const uint64_t twiddle = powers_[groups + group];
      uint64_t* const upper = values + size_t{2} * group * half;
      uint64_t* const lower = upper + half;
      for (uint32_t j = 0; j < half; ++j) {
        const uint64_t product = modulus_.multiply(lower[j], twiddle);
        lower[j] = modulus_.subtract(upper[j], product);
        upper[j] = modulus_.add(upper[j], product);
      }
    }
  }
}

}  // namespace openfhe_addon
