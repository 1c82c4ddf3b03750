#pragma once

#include <immintrin.h>

#include <cstddef>

#include "ckks/ring/attributes.h"
#include "ckks/ring/modulus.h"

/// Vector arithmetic of the AVX2 kernels, in doubles: residues of at most 50 bits are exact integers there, and fused
/// multiply-add gives both halves of their products (after V. Shoup's NTL and Emmart, "Faster modular exponentiation
/// using double precision floating point arithmetic on the GPU", ARITH 2018). Only included by files compiled for AVX2;
/// everything is always inlined, so that no copy compiled for AVX2 can reach the other kernels.
namespace ckks::avx2 {

/// Words, and integers of magnitude at most 2^53 in doubles.
using Vector = __m256i;
using Reals = __m256d;

inline constexpr std::size_t kLanes = 4;

CKKS_INLINE Vector load(const Word* words) { return _mm256_load_si256(reinterpret_cast<const __m256i*>(words)); }
CKKS_INLINE void store(Word* words, Vector value) { _mm256_store_si256(reinterpret_cast<__m256i*>(words), value); }
CKKS_INLINE Vector broadcast(Word word) { return _mm256_set1_epi64x(static_cast<long long>(word)); }

/// 2^52, whose last bit counts ones: its mantissa holds an integer below 2^52.
CKKS_INLINE Reals radix() { return _mm256_set1_pd(0x1p52); }

/// Words below 2^52.
CKKS_INLINE Reals toReals(Vector words) {
  return _mm256_sub_pd(_mm256_castsi256_pd(_mm256_or_si256(words, _mm256_castpd_si256(radix()))), radix());
}

/// Integers in [0, 2^52).
CKKS_INLINE Vector toWords(Reals reals) {
  return _mm256_xor_si256(_mm256_castpd_si256(_mm256_add_pd(reals, radix())), _mm256_castpd_si256(radix()));
}

/// Lane by lane the second where the selector is negative, else the first.
CKKS_INLINE Vector selectNegative(Vector otherwise, Vector negative, Vector selector) {
  return _mm256_castpd_si256(
      _mm256_blendv_pd(_mm256_castsi256_pd(otherwise), _mm256_castsi256_pd(negative), _mm256_castsi256_pd(selector)));
}

/// [0, 2 bound) to [0, bound), words below 2^63.
CKKS_INLINE Vector reduceOnce(Vector a, Vector bound) {
  const Vector difference = _mm256_sub_epi64(a, bound);
  return selectNegative(difference, a, difference);
}

/// A modulus in registers.
struct RealModulus {
  Reals value;
  Reals reciprocal;

  CKKS_INLINE explicit RealModulus(const Modulus& modulus)
      : value(_mm256_set1_pd(static_cast<double>(modulus.value))), reciprocal(_mm256_set1_pd(modulus.reciprocal)) {}

  /// Congruent to a, |a| <= 2^53, and of magnitude at most q / 2 + 2.
  [[nodiscard]] CKKS_INLINE Reals reduce(Reals a) const {
    return _mm256_fnmadd_pd(nearest(_mm256_mul_pd(a, reciprocal)), value, a);
  }

  /// Congruent to a b for |a| <= 2^52 and |b| < q. Three roundings of 2^-53 leave the quotient within
  /// 1/2 + 3 |a| 2^-53 of a b / q, so that the result is within (1/2 + 3 |a| 2^-53) q, at most 2q; all sums are exact.
  [[nodiscard]] CKKS_INLINE Reals multiply(Reals a, Reals b) const {
    const Reals high = _mm256_mul_pd(a, b);
    const Reals low = _mm256_fmsub_pd(a, b, high);
    const Reals quotient = nearest(_mm256_mul_pd(high, reciprocal));
    return _mm256_add_pd(_mm256_fnmadd_pd(quotient, value, high), low);
  }

  /// Magnitudes below q to [0, q).
  [[nodiscard]] CKKS_INLINE Reals nonNegative(Reals a) const { return _mm256_blendv_pd(a, _mm256_add_pd(a, value), a); }

  /// Magnitudes up to 2^53 to [0, q).
  [[nodiscard]] CKKS_INLINE Reals canonical(Reals a) const { return nonNegative(reduce(a)); }

  /// The product of two canonical operands, canonical: multiply leaves it within 7/8 q.
  [[nodiscard]] CKKS_INLINE Reals multiplyCanonical(Reals a, Reals b) const { return nonNegative(multiply(a, b)); }

 private:
  static CKKS_INLINE Reals nearest(Reals a) {
    return _mm256_round_pd(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  }
};

/// A sum of products of integers in [0, 2^50), as sums of the bit patterns of two doubles for each: 2^103 plus the
/// product rounded to a multiple of 2^51, and 3 2^51 plus the signed rest.
struct Sum {
  Vector highs;
  Vector lows;

  CKKS_INLINE void add(Reals a, Reals b) {
    const Reals high = _mm256_fmadd_pd(a, b, _mm256_set1_pd(0x1p103));
    const Reals low = _mm256_fmadd_pd(a, b, _mm256_sub_pd(_mm256_set1_pd(0x1p103 + 0x1.8p52), high));
    highs = _mm256_add_epi64(highs, _mm256_castpd_si256(high));
    lows = _mm256_add_epi64(lows, _mm256_castpd_si256(low));
  }
};

/// Starts and reduces sums of a fixed number of products.
struct SumReducer {
  /// Most terms whose products, each below 2^100, sum to less than 2^104 together with a word below 2^52.
  static constexpr std::size_t kMaxTerms = 15;

  RealModulus modulus;
  Reals radixResidue;
  Reals inverseRadix;
  Vector highStart;
  Vector lowStart;
  Vector halfMask;
  Vector one;

  CKKS_INLINE SumReducer(const Modulus& q, std::size_t terms)
      : modulus(q),
        radixResidue(_mm256_set1_pd(static_cast<double>(q.radix.value))),
        inverseRadix(_mm256_set1_pd(static_cast<double>(q.inverseRadix))),
        halfMask(broadcast(kRadixMask >> 1)),
        one(broadcast(1)) {
    // Minus the patterns' constant parts. One 2^51 for every two terms moves from the high to the low sum, which makes
    // that one positive.
    const Word moved = (terms + 1) / 2;
    highStart = broadcast(Word{0} - terms * kHighPattern - moved);
    lowStart = broadcast(Word{0} - terms * kLowPattern + (moved << kHalfBits));
  }

  CKKS_INLINE Sum start() const { return {highStart, lowStart}; }

  /// Canonical words congruent to the sum plus `more`, words below 2^52.
  [[nodiscard]] CKKS_INLINE Vector reduce(const Sum& sum, Vector more) const {
    const Halves halves = halvesOf({sum.highs, _mm256_add_epi64(sum.lows, more)});
    return reduceHalves(halves.highs, halves.lows);
  }

  /// Canonical words congruent to the sum over 2^52: the upper half and the quotient of the lower one.
  [[nodiscard]] CKKS_INLINE Vector divideByRadix(const Sum& sum) const {
    const Halves halves = halvesOf(sum);
    const Reals quotient = modulus.multiply(toReals(halves.lows), inverseRadix);
    return toWords(modulus.canonical(_mm256_add_pd(quotient, toReals(halves.highs))));
  }

  /// Canonical words congruent to highs 2^52 + lows, both below 2^52: the product is within 2q, the sum below 2^53.
  [[nodiscard]] CKKS_INLINE Vector reduceHalves(Vector highs, Vector lows) const {
    const Reals folded = modulus.multiply(toReals(highs), radixResidue);
    return toWords(modulus.canonical(_mm256_add_pd(folded, toReals(lows))));
  }

 private:
  /// The sum is highs 2^52 + lows, both below 2^52.
  struct Halves {
    Vector highs;
    Vector lows;
  };

  static constexpr int kHalfBits = kRadixBits - 1;
  static constexpr Word kHighPattern = 0x4660000000000000;  ///< 2^103
  static constexpr Word kLowPattern = 0x4338000000000000;   ///< 3 2^51

  [[nodiscard]] CKKS_INLINE Halves halvesOf(const Sum& sum) const {
    const Vector highs = _mm256_add_epi64(sum.highs, _mm256_srli_epi64(sum.lows, kHalfBits));
    // From multiples of 2^51 to multiples of 2^52.
    const Vector odd = _mm256_slli_epi64(_mm256_and_si256(highs, one), kHalfBits);
    return {_mm256_srli_epi64(highs, 1), _mm256_or_si256(_mm256_and_si256(sum.lows, halfMask), odd)};
  }
};

}  // namespace ckks::avx2
