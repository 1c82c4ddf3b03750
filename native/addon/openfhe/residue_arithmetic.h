// Arithmetic modulo one prime below 2^62 in Montgomery form, and the negacyclic transform that OpenFHE uses, for
// rings of any power-of-two dimension. OpenFHE's own transform keeps one table per prime and rebuilds it whenever the
// dimension changes, so it cannot serve two dimensions at once.
#pragma once

#include <cstdint>
#include <vector>

namespace openfhe_addon {

using uint128 = unsigned __int128;

// x is in Montgomery form when it stands for x 2^-64.
class Modulus {
 public:
  explicit Modulus(uint64_t value);

  uint64_t value() const { return value_; }

  // sum 2^-64 mod q, in [0, q). Any sum is allowed; sums below q 2^64 cost no division.
  uint64_t reduce(uint128 sum) const {
    uint64_t high = static_cast<uint64_t>(sum >> 64);
    if (high >= value_) high %= value_;
    const uint64_t low = static_cast<uint64_t>(sum);
    const uint64_t factor = low * negativeInverse_;
    // low + the low half of factor q is 0 or 2^64: it carries exactly when low is not 0.
    const uint64_t carried = static_cast<uint64_t>((static_cast<uint128>(factor) * value_) >> 64) + (low != 0);
    const uint64_t result = high + carried;
    return result >= value_ ? result - value_ : result;
  }

  uint64_t multiply(uint64_t a, uint64_t bMontgomery) const { return reduce(static_cast<uint128>(a) * bMontgomery); }
  uint64_t toMontgomery(uint64_t a) const { return multiply(a, square_); }
  // sum mod q, of a plain sum of products.
  uint64_t reducePlain(uint128 sum) const { return multiply(reduce(sum), square_); }

  uint64_t add(uint64_t a, uint64_t b) const {
    const uint64_t sum = a + b;
    return sum >= value_ ? sum - value_ : sum;
  }
  uint64_t subtract(uint64_t a, uint64_t b) const { return a >= b ? a - b : a + value_ - b; }

  // baseMontgomery^exponent, in Montgomery form.
  uint64_t power(uint64_t baseMontgomery, uint64_t exponent) const;
  // The nearest integer to `value`, of any size, in Montgomery form.
  uint64_t fromReal(double value) const;

 private:
  uint64_t value_;
  uint64_t negativeInverse_;  // -q^-1 mod 2^64
  uint64_t square_;           // 2^128 mod q
};

// Transform of Z_q[X]/(X^n + 1): natural order in, bit-reversed order out, as OpenFHE's (Longa, Naehrig, CANS 2016).
class NegacyclicTransform {
 public:
  // `root`: a primitive 2n-th root of unity, plain form.
  NegacyclicTransform(const Modulus& modulus, uint64_t root, uint32_t dimension);

  void forward(uint64_t* values) const;

 private:
  Modulus modulus_;
  std::vector<uint64_t> powers_;  // root^bitreverse(i), Montgomery form
};

}  // namespace openfhe_addon
