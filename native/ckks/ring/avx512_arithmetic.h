#pragma once

#include <immintrin.h>

#include <cstddef>

#include "ckks/ring/attributes.h"
#include "ckks/ring/modulus.h"

/// Vector arithmetic of the AVX-512 kernels. Only included by files compiled for AVX-512; everything has internal
/// linkage or is always inlined, so that no copy compiled for AVX-512 can reach the other kernels.
namespace ckks::avx512 {

using Vector = __m512i;

CKKS_INLINE Vector load(const Word* words) { return _mm512_load_si512(words); }
CKKS_INLINE void store(Word* words, Vector value) { _mm512_store_si512(words, value); }
/// Past the caches, without reading the line that is overwritten; a fence must follow.
CKKS_INLINE void stream(Word* words, Vector value) { _mm512_stream_si512(reinterpret_cast<Vector*>(words), value); }
CKKS_INLINE Vector broadcast(Word word) { return _mm512_set1_epi64(static_cast<long long>(word)); }

/// Accumulator plus the low, or high, 52 bits of the 104-bit product; bits of a and b above 52 are ignored.
CKKS_INLINE Vector addLow(Vector sum, Vector a, Vector b) { return _mm512_madd52lo_epu64(sum, a, b); }
CKKS_INLINE Vector addHigh(Vector sum, Vector a, Vector b) { return _mm512_madd52hi_epu64(sum, a, b); }
CKKS_INLINE Vector low(Vector a, Vector b) { return addLow(_mm512_setzero_si512(), a, b); }
CKKS_INLINE Vector high(Vector a, Vector b) { return addHigh(_mm512_setzero_si512(), a, b); }

/// [0, 2 bound) to [0, bound): of a and a - bound the smaller as unsigned words.
CKKS_INLINE Vector reduceOnce(Vector a, Vector bound) { return _mm512_min_epu64(a, _mm512_sub_epi64(a, bound)); }

/// A modulus in registers.
struct VectorModulus {
  Vector value;
  Vector twice;
  Vector negated;  ///< 2^52 - q: subtracts multiples of q by addLow, modulo 2^52
  Vector mask;     ///< 2^52 - 1

  CKKS_INLINE explicit VectorModulus(const Modulus& modulus)
      : value(broadcast(modulus.value)),
        twice(broadcast(2 * modulus.value)),
        negated(broadcast((Word{1} << kRadixBits) - modulus.value)),
        mask(broadcast(kRadixMask)) {}

  /// [0, 4q) to [0, q).
  [[nodiscard]] CKKS_INLINE Vector canonical(Vector a) const { return reduceOnce(reduceOnce(a, twice), value); }

  /// sum + a c - floor(a c' / 2^52) q for a below 2^52: congruent to sum + a c; in [0, 2q) + sum *modulo 2^52*,
  /// that is, the bits from 52 upwards mean nothing.
  [[nodiscard]] CKKS_INLINE Vector addProduct(Vector sum, Vector a, Vector constant, Vector quotient) const {
    return addLow(addLow(sum, a, constant), high(a, quotient), negated);
  }

  /// a c in [0, 2q) for a below 2^52.
  [[nodiscard]] CKKS_INLINE Vector multiplyLazy(Vector a, Vector constant, Vector quotient) const {
    return _mm512_and_si512(addProduct(_mm512_setzero_si512(), a, constant, quotient), mask);
  }
};

/// Products of two variables, by Barrett reduction with the quotient from the products' high halves.
struct ProductReducer {
  VectorModulus modulus;
  Vector ratio;
  __m128i shift;

  CKKS_INLINE explicit ProductReducer(const Modulus& q)
      : modulus(q), ratio(broadcast(q.lazyRatio)), shift(_mm_cvtsi32_si128(kRadixBits - q.bits)) {}

  /// a scaled so that its product with 2b has its high half at 2^(bits - 1).
  [[nodiscard]] CKKS_INLINE Vector scaled(Vector a) const { return _mm512_sll_epi64(a, shift); }

  /// a b in [0, 4q), canonical inputs; `scaledA` = scaled(a).
  /// The high half floor(a b / 2^(bits-1)), the ratio and the quotient each lose less than one.
  [[nodiscard]] CKKS_INLINE Vector multiplyLazy(Vector a, Vector scaledA, Vector b) const {
    const Vector half = high(scaledA, _mm512_add_epi64(b, b));
    const Vector product = addLow(low(a, b), high(half, ratio), modulus.negated);
    return _mm512_and_si512(product, modulus.mask);
  }

  [[nodiscard]] CKKS_INLINE Vector multiply(Vector a, Vector b) const {
    return modulus.canonical(multiplyLazy(a, scaled(a), b));
  }
};

/// A sum of products of words below 2^52 as the sums of their low and high halves.
struct Sum {
  Vector lows;
  Vector highs;

  CKKS_INLINE void add(Vector a, Vector b) {
    lows = addLow(lows, a, b);
    highs = addHigh(highs, a, b);
  }
};

/// How many products make a sum. Few: each below q 2^50, they sum to less than q 2^52 with what the low halves carry.
enum class Terms { kOne, kFew, kMany };

/// Divides sums of up to 32 products of canonical words by 2^52, to canonical words (Montgomery).
struct RadixDivider {
  VectorModulus modulus;
  Vector inverse;  ///< q^-1 mod 2^52

  CKKS_INLINE explicit RadixDivider(const Modulus& q) : modulus(q), inverse(broadcast(q.radixInverse)) {}

  static constexpr std::size_t kFewTerms = 3;

  /// The multiple m q that agrees with the sum in the lower half leaves no remainder but the difference of the upper
  /// halves, which is above -q and, with 32 terms, below 8q.
  template <Terms Count>
  [[nodiscard]] CKKS_INLINE Vector divide(Sum sum) const {
    Vector highs = sum.highs;
    if constexpr (Count != Terms::kOne) highs = _mm512_add_epi64(highs, _mm512_srli_epi64(sum.lows, kRadixBits));
    const Vector difference = _mm512_sub_epi64(highs, high(low(sum.lows, inverse), modulus.value));
    const Vector positive = _mm512_add_epi64(difference, modulus.value);
    if constexpr (Count != Terms::kMany) return _mm512_min_epu64(difference, positive);
    const Vector fourfold = _mm512_add_epi64(modulus.twice, modulus.twice);
    return modulus.canonical(reduceOnce(reduceOnce(positive, _mm512_add_epi64(fourfold, fourfold)), fourfold));
  }

  /// The sum of canonical words.
  [[nodiscard]] CKKS_INLINE Vector add(Vector a, Vector b) const {
    return reduceOnce(_mm512_add_epi64(a, b), modulus.value);
  }
};

/// Reduces sums of up to 513 products of canonical words (of this or another modulus) to canonical words.
struct SumReducer {
  VectorModulus modulus;
  Vector radix;
  Vector radixQuotient;
  Vector one;  ///< floor(2^52 / q), the quotient of the constant 1
  Vector foldedRadix;
  Vector foldMask;

  CKKS_INLINE explicit SumReducer(const Modulus& q)
      : modulus(q),
        radix(broadcast(q.radix.value)),
        radixQuotient(broadcast(q.radix.quotient)),
        one(broadcast(q.radixRatio)),
        foldedRadix(broadcast(q.foldedRadix)),
        foldMask(broadcast((Word{1} << 48) - 1)) {}

  /// Most products of words below 2^50 whose high halves, each below 2^48, sum to less than 2^52 with the carry.
  static constexpr std::size_t kFewTerms = 15;

  /// With H 2^52 + L the sum, H and L below 2^52: both are multiplied by their constants modulo q with one common
  /// correction; the remainders are below q (1 + H / 2^52) and 2q, in all below 4q.
  template <bool FewTerms>
  [[nodiscard]] CKKS_INLINE Vector reduce(Sum sum) const {
    carry(sum, _mm512_srli_epi64(sum.lows, kRadixBits));
    return reduceCarried<FewTerms>(sum);
  }

  /// The same for a sum that is not negative, though its halves, as signed words, may be.
  template <bool FewTerms>
  [[nodiscard]] CKKS_INLINE Vector reduceSigned(Sum sum) const {
    carry(sum, _mm512_srai_epi64(sum.lows, kRadixBits));
    return reduceCarried<FewTerms>(sum);
  }

 private:
  template <bool FewTerms>
  [[nodiscard]] CKKS_INLINE Vector reduceCarried(Sum sum) const {
    if constexpr (!FewTerms) {
      // H = F 2^48 + rest: fold F 2^100 back in, which leaves H below 2^49.
      const Vector fold = _mm512_srli_epi64(sum.highs, 48);
      sum.highs = _mm512_and_si512(sum.highs, foldMask);
      sum.add(fold, foldedRadix);
      carry(sum, _mm512_srli_epi64(sum.lows, kRadixBits));
    }
    const Vector quotient = addHigh(high(sum.highs, radixQuotient), sum.lows, one);
    const Vector remainder = addLow(addLow(sum.lows, sum.highs, radix), quotient, modulus.negated);
    return modulus.canonical(_mm512_and_si512(remainder, modulus.mask));
  }

  CKKS_INLINE void carry(Sum& sum, Vector carried) const {
    sum.highs = _mm512_add_epi64(sum.highs, carried);
    sum.lows = _mm512_and_si512(sum.lows, modulus.mask);
  }
};

}  // namespace ckks::avx512
