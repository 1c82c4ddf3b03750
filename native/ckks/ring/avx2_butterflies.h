#pragma once

#include <cstddef>

#include "ckks/ring/avx2_arithmetic.h"
#include "ckks/ring/ntt.h"

/// What the forward and the inverse AVX2 transforms share. Their tree of butterflies is that of the AVX-512 ones: node
/// t's halves are the nodes 2t and 2t + 1, its twiddle factor is table entry t. Between passes the words' places hold
/// doubles.
namespace ckks::avx2 {

/// Words that stay in four registers for the four smallest levels.
inline constexpr std::size_t kRegisterBlock = 16;
inline constexpr int kRegisterBlockBits = 4;

/// How many levels the next pass takes of those above the register blocks: threes at the small end.
constexpr int levelsOfPass(int remaining) {
  if (remaining % 3 == 0) return 3;
  return remaining == 1 ? 1 : 2;
}

CKKS_INLINE Reals loadReals(const Word* place) { return _mm256_castsi256_pd(load(place)); }
CKKS_INLINE void storeReals(Word* place, Reals reals) { store(place, _mm256_castpd_si256(reals)); }

/// One vector from each of `Size` parts of a block.
template <std::size_t Size>
struct Registers {
  Reals v[Size];

  /// `FromWords`: the places hold words still.
  template <bool FromWords>
  CKKS_INLINE void loadFrom(const Word* places, std::size_t part) {
#pragma GCC unroll 8
    for (std::size_t k = 0; k < Size; ++k) {
      v[k] = FromWords ? toReals(load(places + k * part)) : loadReals(places + k * part);
    }
  }

  CKKS_INLINE void storeTo(Word* places, std::size_t part) const {
#pragma GCC unroll 8
    for (std::size_t k = 0; k < Size; ++k) storeReals(places + k * part, v[k]);
  }
};

/// One node's factor in all lanes.
CKKS_INLINE Reals nodeTwiddle(const Word* twiddles, std::size_t node) { return toReals(broadcast(twiddles[node])); }

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
