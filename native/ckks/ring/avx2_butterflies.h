#pragma once

#include <cstddef>

#include "ckks/ring/avx2_arithmetic.h"
#include "ckks/ring/bits.h"
#include "ckks/ring/ntt.h"

/// What the forward and the inverse AVX2 transforms share. Their tree of butterflies is that of the AVX-512 ones: node
/// t's halves are the nodes 2t and 2t + 1, its twiddle factor is table entry t. Between passes the words' places hold
/// doubles.
namespace ckks::avx2 {

/// Words that stay in four registers for the four smallest levels.
inline constexpr std::size_t kRegisterBlock = 16;
static_assert(kRegisterBlock == std::size_t{1} << kRegisterBlockBits);
static_assert(kRegisterBlock << kMaxUpperLevels == kMaxRingDimension);

/// Levels of the tree above the register blocks.
CKKS_INLINE int upperLevels(const NttTable& table) {
  return __builtin_ctzll(table.ringDimension()) - kRegisterBlockBits;
}

/// What the passes of a transform share.
struct Transform {
  const NttTable& table;
  const Word* twiddles;
  TransformPlan plan;
};

/// Vectors of `Sets` blocks that go through the same levels side by side: a butterfly takes long, and only those that
/// stand near it in the program run meanwhile.
template <std::size_t Sets, std::size_t Size>
struct Registers {
  Reals v[Sets][Size];

  /// Set s from places + s distance, its vectors `part` words apart. `FromWords`: the places hold words still.
  template <bool FromWords>
  CKKS_INLINE void loadFrom(const Word* places, std::size_t distance, std::size_t part) {
#pragma GCC unroll 4
    for (std::size_t s = 0; s < Sets; ++s) {
#pragma GCC unroll 8
      for (std::size_t k = 0; k < Size; ++k) {
        const Word* place = places + s * distance + k * part;
        v[s][k] = FromWords ? toReals(load(place)) : loadReals(place);
      }
    }
  }

  CKKS_INLINE void storeTo(Word* places, std::size_t distance, std::size_t part) const {
#pragma GCC unroll 4
    for (std::size_t s = 0; s < Sets; ++s) {
#pragma GCC unroll 8
      for (std::size_t k = 0; k < Size; ++k) storeReals(places + s * distance + k * part, v[s][k]);
    }
  }
};

/// The factors of `Levels` levels of the tree, from one node down: those of level l, from the left to the right, from
/// 2^l - 1 on.
template <int Levels>
struct NodeFactors {
  Factor factors[(std::size_t{1} << Levels) - 1];

  CKKS_INLINE void loadFrom(const RealModulus& modulus, const Word* twiddles, std::size_t node) {
#pragma GCC unroll 3
    for (int level = 0; level < Levels; ++level) {
      const std::size_t first = (std::size_t{1} << level) - 1;
#pragma GCC unroll 4
      for (std::size_t i = 0; i <= first; ++i) {
        factors[first + i] = modulus.factor(broadcastReal(twiddles + (node << level) + i));
      }
    }
  }

  [[nodiscard]] CKKS_INLINE const Factor& at(int level, int index) const {
    return factors[(std::size_t{1} << level) - 1 + static_cast<std::size_t>(index)];
  }
};

/// The factors of two nodes that follow each other, each in two lanes, in the order of _mm256_permute4x64_pd.
template <int Order>
CKKS_INLINE Reals pairOfTwiddles(const Word* twiddles) {
  const __m128d pair = _mm_load_pd(reinterpret_cast<const double*>(twiddles));
  return _mm256_permute4x64_pd(_mm256_castpd128_pd256(pair), Order);
}

/// a = [a0 a1 a2 a3] and b to [a0 a1 b0 b1] and [a2 a3 b2 b3]: the pairs of distance 2, or back.
CKKS_INLINE void exchangeHalves(Reals& a, Reals& b) {
  const Reals low = _mm256_permute2f128_pd(a, b, 0x20);
  b = _mm256_permute2f128_pd(a, b, 0x31);
  a = low;
}

/// [a0 a1 ..] and [b0 b1 ..] to [a0 b0 ..] and [a1 b1 ..], in each half: the pairs of distance 1, or back.
CKKS_INLINE void exchangeNeighbours(Reals& a, Reals& b) {
  const Reals low = _mm256_unpacklo_pd(a, b);
  b = _mm256_unpackhi_pd(a, b);
  a = low;
}

}  // namespace ckks::avx2
