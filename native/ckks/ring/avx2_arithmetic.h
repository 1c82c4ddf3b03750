#pragma once

#include <immintrin.h>

#include <cstddef>

#include "ckks/ring/attributes.h"
#include "ckks/ring/avx2_bounds.h"
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
/// Past the caches, without reading the line that is overwritten; a fence must follow.
CKKS_INLINE void stream(Word* words, Vector value) { _mm256_stream_si256(reinterpret_cast<__m256i*>(words), value); }
CKKS_INLINE Vector broadcast(Word word) { return _mm256_set1_epi64x(static_cast<long long>(word)); }

/// Places of words that hold doubles.
CKKS_INLINE Reals loadReals(const Word* place) { return _mm256_castsi256_pd(load(place)); }
CKKS_INLINE void storeReals(Word* place, Reals reals) { store(place, _mm256_castpd_si256(reals)); }
/// The double at any place of a word, in all lanes.
CKKS_INLINE Reals broadcastReal(const Word* place) { return _mm256_castsi256_pd(broadcast(*place)); }

/// 2^52, whose last bit counts ones: its mantissa holds an integer below 2^52.
CKKS_INLINE Reals radix() { return _mm256_set1_pd(0x1p52); }
/// The same for integers of magnitude at most 2^51, and what rounds to them.
CKKS_INLINE Reals signedRadix() { return _mm256_set1_pd(0x1.8p52); }

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

/// A centred factor w, |w| <= q / 2, and w / q.
struct Factor {
  Reals value;
  Reals ratio;
};

/// A modulus in registers.
struct RealModulus {
  Reals value;
  Reals reciprocal;

  CKKS_INLINE explicit RealModulus(const Modulus& modulus)
      : value(_mm256_set1_pd(static_cast<double>(modulus.value))), reciprocal(_mm256_set1_pd(modulus.reciprocal)) {}

  /// Congruent to a, |a| <= 2^53 and |a| <= 2^51 q, within reducedBound.
  [[nodiscard]] CKKS_INLINE Reals reduce(Reals a) const {
    return _mm256_fnmadd_pd(nearestProduct(a, reciprocal), value, a);
  }

  /// Congruent to a b of canonical operands, within factorBound. All sums are exact.
  [[nodiscard]] CKKS_INLINE Reals multiply(Reals a, Reals b) const {
    const Reals high = _mm256_mul_pd(a, b);
    const Reals low = _mm256_fmsub_pd(a, b, high);
    return _mm256_add_pd(_mm256_fnmadd_pd(nearestProduct(high, reciprocal), value, high), low);
  }

  /// Congruent to a times the factor, |a| <= kLargestReal, within productBound.
  [[nodiscard]] CKKS_INLINE Reals multiply(Reals a, const Factor& factor) const {
    const Reals high = _mm256_mul_pd(a, factor.value);
    const Reals low = _mm256_fmsub_pd(a, factor.value, high);
    return _mm256_add_pd(_mm256_fnmadd_pd(nearestProduct(a, factor.ratio), value, high), low);
  }

  /// Congruent to a times the factor plus b, canonical, |a w| <= 2^50 q and |b| <= 2^53: the quotient is off by half,
  /// by a quarter for the two roundings of w / q and by an eighth for its own.
  [[nodiscard]] CKKS_INLINE Reals multiplyAdd(Reals a, const Factor& factor, Reals b) const {
    const Reals high = _mm256_mul_pd(a, factor.value);
    const Reals low = _mm256_fmsub_pd(a, factor.value, high);
    return remainder(high, _mm256_add_pd(low, b), _mm256_fmadd_pd(a, factor.ratio, _mm256_mul_pd(b, reciprocal)));
  }

  /// The same of canonical operands a and b, and a sum of at most four residues.
  [[nodiscard]] CKKS_INLINE Reals multiplyAdd(Reals a, Reals b, Reals sum) const {
    const Reals high = _mm256_mul_pd(a, b);
    const Reals low = _mm256_fmsub_pd(a, b, high);
    return remainder(high, _mm256_add_pd(low, sum), _mm256_fmadd_pd(high, reciprocal, _mm256_mul_pd(sum, reciprocal)));
  }

  /// Of centred residues.
  [[nodiscard]] CKKS_INLINE Factor factor(Reals centred) const { return {centred, _mm256_mul_pd(centred, reciprocal)}; }

  /// A canonical residue in all lanes, as a factor.
  [[nodiscard]] CKKS_INLINE Factor factor(Word residue) const { return factor(reduce(toReals(broadcast(residue)))); }

  /// Magnitudes below q to [0, q).
  [[nodiscard]] CKKS_INLINE Reals nonNegative(Reals a) const { return _mm256_blendv_pd(a, _mm256_add_pd(a, value), a); }

  /// What reduce takes to [0, q).
  [[nodiscard]] CKKS_INLINE Reals canonical(Reals a) const { return nonNegative(reduce(a)); }

 private:
  /// The integer nearest to a b, |a b| <= 2^51.
  static CKKS_INLINE Reals nearestProduct(Reals a, Reals b) {
    return _mm256_sub_pd(_mm256_fmadd_pd(a, b, signedRadix()), signedRadix());
  }

  /// high + low to [0, q), `ratio` its quotient by q up to 3/8.
  [[nodiscard]] CKKS_INLINE Reals remainder(Reals high, Reals low, Reals ratio) const {
    const Reals quotient = _mm256_sub_pd(_mm256_add_pd(ratio, signedRadix()), signedRadix());
    return nonNegative(_mm256_add_pd(_mm256_fnmadd_pd(quotient, value, high), low));
  }
};

/// Sums of products that kNarrowSum holds: starts and reduces them.
class NarrowSums {
 public:
  static constexpr SumWidth kWidth = kNarrowSum;

  /// 1.5 2^52 U plus the sum of the multiples of U, whose last bit counts U; and the sum of the rests.
  struct Sum {
    Reals highs;
    Reals lows;

    CKKS_INLINE void add(Reals a, Reals b) {
      const Reals next = _mm256_fmadd_pd(a, b, highs);
      lows = _mm256_add_pd(lows, _mm256_fmadd_pd(a, b, _mm256_sub_pd(highs, next)));
      highs = next;
    }
  };

  CKKS_INLINE NarrowSums(const Modulus& q, std::size_t /*terms*/)
      : modulus_(q), scaledUnit_(modulus_.factor(modulus_.reduce(_mm256_set1_pd(kUnit)))) {
    scaledUnit_.value = _mm256_mul_pd(scaledUnit_.value, _mm256_set1_pd(1 / kUnit));
    scaledUnit_.ratio = _mm256_mul_pd(scaledUnit_.ratio, _mm256_set1_pd(1 / kUnit));
  }

  [[nodiscard]] CKKS_INLINE Sum start() const { return {_mm256_set1_pd(0x1.8p52 * kUnit), _mm256_setzero_pd()}; }

  /// Canonical words congruent to the sum plus `more`, integers in [0, 2^50).
  [[nodiscard]] CKKS_INLINE Vector reduce(const Sum& sum, Reals more) const {
    const Reals highs = _mm256_sub_pd(sum.highs, _mm256_set1_pd(0x1.8p52 * kUnit));
    return toWords(modulus_.multiplyAdd(highs, scaledUnit_, _mm256_add_pd(sum.lows, more)));
  }

 private:
  static constexpr double kUnit = static_cast<double>(Word{1} << kWidth.unitBits);

  RealModulus modulus_;
  Factor scaledUnit_;  ///< U mod q, over U
};

/// The same for sums that kWideSum holds, of a fixed number of products.
class WideSums {
 public:
  static constexpr SumWidth kWidth = kWideSum;

  /// Sums of the bit patterns of two doubles for each product: 1.5 2^52 U plus the multiple, 1.5 2^52 plus the rest.
  struct Sum {
    Vector highs;
    Vector lows;

    CKKS_INLINE void add(Reals a, Reals b) {
      const Reals high = _mm256_fmadd_pd(a, b, _mm256_set1_pd(kHighRadix));
      const Reals low = _mm256_fmadd_pd(a, b, _mm256_sub_pd(_mm256_set1_pd(kHighRadix + 0x1.8p52), high));
      highs = _mm256_add_epi64(highs, _mm256_castpd_si256(high));
      lows = _mm256_add_epi64(lows, _mm256_castpd_si256(low));
    }
  };

  CKKS_INLINE WideSums(const Modulus& q, std::size_t terms)
      : modulus_(q),
        radixFactor_(modulus_.factor(modulus_.reduce(radix()))),
        // Some multiples of U move from the upper to the lower sum; with that and 2^52 both are positive.
        start_{broadcast((Word{1} << kRadixBits) - kMoved - terms * kHighPattern),
               broadcast((kMoved << kWidth.unitBits) - terms * kLowPattern)} {}

  [[nodiscard]] CKKS_INLINE Sum start() const { return start_; }

  [[nodiscard]] CKKS_INLINE Vector reduce(const Sum& sum, Reals more) const {
    const Vector multiples = _mm256_add_epi64(sum.highs, _mm256_srli_epi64(sum.lows, kWidth.unitBits));
    const Vector rest = _mm256_and_si256(sum.lows, broadcast((Word{1} << kWidth.unitBits) - 1));
    // From multiples of 2^51 to multiples of 2^52, 2^51 of them more than there are.
    const Vector odd = _mm256_slli_epi64(_mm256_and_si256(multiples, broadcast(1)), kWidth.unitBits);
    const Vector halved = _mm256_or_si256(_mm256_srli_epi64(multiples, 1), _mm256_castpd_si256(radix()));
    const Reals highs = _mm256_sub_pd(_mm256_castsi256_pd(halved), signedRadix());
    const Reals lows = toReals(_mm256_or_si256(rest, odd));
    return toWords(modulus_.multiplyAdd(highs, radixFactor_, _mm256_add_pd(lows, more)));
  }

 private:
  static constexpr double kHighRadix = 0x1.8p52 * static_cast<double>(Word{1} << kWidth.unitBits);
  static constexpr Word kLowPattern = 0x4338000000000000;
  static constexpr Word kHighPattern = kLowPattern + (Word{kWidth.unitBits} << 52);
  static constexpr Word kMoved = Word{1} << 10;

  RealModulus modulus_;
  Factor radixFactor_;  ///< 2^52 mod q
  Sum start_;
};

}  // namespace ckks::avx2
