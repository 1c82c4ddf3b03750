#include <algorithm>

#include "ckks/ring/avx512_arithmetic.h"
#include "ckks/ring/avx512_products.h"
#include "ckks/ring/kernels.h"

namespace ckks::avx512 {
namespace {

/// Vectors and targets that are summed at a time: sixteen sums in registers hide the latency of four cycles of a
/// multiplication, and every loaded word is used twice.
constexpr std::size_t kWide = 4;
constexpr std::size_t kTargets = 2;

/// Coefficients that are scaled at a time. Those of eighteen sources stay in the L1 cache, and whole kilobytes of a
/// limb are read and written, while the next ones are fetched: limbs that have left the caches cost nothing then.
constexpr std::size_t kTileWords = 128;

/// Sums of products take half the multiplications by Winograd's identity ("A new algorithm for inner product", IEEE
/// Transactions on Computers C-17, 1968): with terms in pairs,
///   sum y_i c_i = sum (y_2k + c_2k+1) (y_2k+1 + c_2k) - sum y_2k y_2k+1 - sum c_2k c_2k+1,
/// the second sum one for all targets, the third one for all coefficients. Additions run beside multiplications.
/// Factors are below 2^51. The integers are exact, so the two halves of the difference may be negative on the way.
/// Of one tile.
struct ScaledResidues {
  /// y_i of every source, the rounded quotient v, and zeros if that makes an odd number.
  alignas(kAlignmentBytes) Word terms[BaseConverter::kMaxTerms][kTileWords];
  /// Minus the sum of y_2k y_2k+1: its lower and upper halves, as signed sums.
  alignas(kAlignmentBytes) Word negatedLows[kTileWords];
  alignas(kAlignmentBytes) Word negatedHighs[kTileWords];
};

/// Coefficients [begin, begin + count) of all limbs, count <= kTileWords.
struct Tile {
  Word* const* out;
  const Word* const* in;
  const BaseConverter& converter;
  std::size_t begin;
  std::size_t count;

  [[nodiscard]] std::size_t sources() const { return converter.from().size(); }
  [[nodiscard]] std::size_t targets() const { return converter.to().size(); }
  [[nodiscard]] std::size_t terms() const { return converter.terms(); }

  /// The y of one source, and its shares added. `Unit`: its constant is one.
  template <bool Unit>
  CKKS_INLINE void scaleSource(Word* scaled, double* shares, std::size_t source) const {
    const VectorModulus modulus(converter.from()[source]);
    const Vector value = broadcast(converter.inputConstant(source).value);
    const Vector quotient = broadcast(converter.inputConstant(source).quotient);
    const __m512d reciprocal = _mm512_set1_pd(converter.from()[source].reciprocal);
    for (std::size_t i = 0; i < count; i += kBlockWords) {
      Vector y = load(in[source] + begin + i);
      if constexpr (!Unit) y = reduceOnce(modulus.multiplyLazy(y, value, quotient), modulus.value);
      store(scaled + i, y);
      _mm512_store_pd(shares + i, _mm512_fmadd_pd(_mm512_cvtepu64_pd(y), reciprocal, _mm512_load_pd(shares + i)));
    }
  }

  CKKS_INLINE void scaleSources(ScaledResidues& scaled) const {
    alignas(kAlignmentBytes) double shares[kTileWords] = {};
    for (std::size_t source = 0; source < sources(); ++source) {
      if (converter.inputConstant(source).value == 1) {
        scaleSource<true>(scaled.terms[source], shares, source);
      } else {
        scaleSource<false>(scaled.terms[source], shares, source);
      }
    }
    for (std::size_t i = 0; i < count; i += kBlockWords) {
      const __m512d rounded = _mm512_add_pd(_mm512_load_pd(shares + i), _mm512_set1_pd(0.5));
      store(&scaled.terms[sources()][i], _mm512_cvttpd_epu64(rounded));
      if (terms() > sources() + 1) store(&scaled.terms[sources() + 1][i], _mm512_setzero_si512());
    }
  }

  CKKS_INLINE void multiplyPairs(ScaledResidues& scaled) const {
    for (std::size_t i = 0; i < count; i += kBlockWords) {
      Sum sum{_mm512_setzero_si512(), _mm512_setzero_si512()};
      for (std::size_t term = 0; term < terms(); term += 2) {
        sum.add(load(&scaled.terms[term][i]), load(&scaled.terms[term + 1][i]));
      }
      store(&scaled.negatedLows[i], _mm512_sub_epi64(_mm512_setzero_si512(), sum.lows));
      store(&scaled.negatedHighs[i], _mm512_sub_epi64(_mm512_setzero_si512(), sum.highs));
    }
  }

  /// Coefficients from `i` on, `Width` vectors of them, of `Targets` targets.
  template <bool FewTerms, std::size_t Targets, std::size_t Width>
  CKKS_INLINE void sumTerms(const ScaledResidues& scaled, std::size_t target, std::size_t i) const {
    const std::size_t termCount = terms();
    const Word* constants = converter.outputConstants(target);
    Sum sums[Targets][Width];
#pragma GCC unroll 2
    for (std::size_t t = 0; t < Targets; ++t) {
      const BaseConverter::PairProducts& products = converter.pairProducts(target + t);
#pragma GCC unroll 4
      for (std::size_t w = 0; w < Width; ++w) {
        const std::size_t place = i + w * kBlockWords;
        sums[t][w] = {_mm512_sub_epi64(load(&scaled.negatedLows[place]), broadcast(products.lows)),
                      _mm512_sub_epi64(load(&scaled.negatedHighs[place]), broadcast(products.highs))};
      }
    }
    for (std::size_t term = 0; term < termCount; term += 2) {
      Vector even[Targets];
      Vector odd[Targets];
#pragma GCC unroll 2
      for (std::size_t t = 0; t < Targets; ++t) {
        even[t] = broadcast(constants[t * termCount + term]);
        odd[t] = broadcast(constants[t * termCount + term + 1]);
      }
#pragma GCC unroll 4
      for (std::size_t w = 0; w < Width; ++w) {
        Vector first = load(&scaled.terms[term][i + w * kBlockWords]);
        Vector second = load(&scaled.terms[term + 1][i + w * kBlockWords]);
        // Loaded once for all targets: the compiler would rather repeat a load than keep a register.
        asm("" : "+v"(first), "+v"(second));
#pragma GCC unroll 2
        for (std::size_t t = 0; t < Targets; ++t) {
          sums[t][w].add(_mm512_add_epi64(first, odd[t]), _mm512_add_epi64(second, even[t]));
        }
      }
    }
#pragma GCC unroll 2
    for (std::size_t t = 0; t < Targets; ++t) {
      const SumReducer reducer(converter.to()[target + t]);
#pragma GCC unroll 4
      for (std::size_t w = 0; w < Width; ++w) {
        // More residues than the caches hold until a transform comes to them.
        stream(out[target + t] + begin + i + w * kBlockWords, reducer.reduceSigned<FewTerms>(sums[t][w]));
      }
    }
  }

  /// The next tile's share of these vectors: spread over the work, the requests never fill the memory queue.
  template <std::size_t Targets>
  CKKS_INLINE void prefetchNext(std::size_t target, std::size_t i) const {
#pragma GCC unroll 2
    for (std::size_t t = target; t < target + Targets; ++t) {
#pragma GCC unroll 4
      for (std::size_t w = 0; w < kWide; ++w) {
        const std::size_t next = begin + kTileWords + i + w * kBlockWords;
        if (t < sources()) __builtin_prefetch(in[t] + next);
      }
    }
  }

  template <bool FewTerms, std::size_t Targets>
  CKKS_SEPARATE void sumTargets(const ScaledResidues& scaled, std::size_t target) const {
    std::size_t i = 0;
    for (; i + kWide * kBlockWords <= count; i += kWide * kBlockWords) {
      sumTerms<FewTerms, Targets, kWide>(scaled, target, i);
      prefetchNext<Targets>(target, i);
    }
    for (; i < count; i += kBlockWords) sumTerms<FewTerms, Targets, 1>(scaled, target, i);
  }

  template <std::size_t Targets>
  CKKS_INLINE void sumTargets(const ScaledResidues& scaled, std::size_t target) const {
    bool few = true;
    for (std::size_t t = 0; t < Targets; ++t) few = few && converter.sumsBelow104Bits(target + t);
    if (few) {
      sumTargets<true, Targets>(scaled, target);
    } else {
      sumTargets<false, Targets>(scaled, target);
    }
  }

  void convert(ScaledResidues& scaled) const {
    scaleSources(scaled);
    multiplyPairs(scaled);
    std::size_t target = 0;
    for (; target + kTargets <= targets(); target += kTargets) sumTargets<kTargets>(scaled, target);
    for (; target < targets(); ++target) sumTargets<1>(scaled, target);
  }
};

}  // namespace

void baseConvert(Word* const* out, const Word* const* in, const BaseConverter& converter, std::size_t begin,
                 std::size_t end) {
  ScaledResidues scaled;
  for (; begin < end; begin += kTileWords) {
    Tile{out, in, converter, begin, std::min(kTileWords, end - begin)}.convert(scaled);
  }
  _mm_sfence();
}

}  // namespace ckks::avx512
