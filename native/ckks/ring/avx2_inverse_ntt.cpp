#include <bit>

#include "ckks/ring/avx2_butterflies.h"
#include "ckks/ring/avx2_ntt.h"

namespace ckks::avx2 {
namespace {

/// Gentleman-Sande butterflies: (a, b) to (a + b, (a - b) / w) in signed doubles. Minus a node's inverse twiddle factor
/// is the factor of its mirror image in the tree's level; nodes are given by these mirror images, so that children run
/// backwards.
///
/// Magnitudes stay up to 2q: sums and differences are then within 4q; sums are reduced to q / 2, and products of the
/// differences are within (1/2 + 3/8 4) q = 2q.
class Butterflies {
 public:
  CKKS_INLINE explicit Butterflies(const NttTable& table) : modulus_(table.modulus()), twiddles_(table.twiddles()) {}

  /// The two lowest levels of eight words; `mirror` is the mirror image of the second of the two blocks of four.
  CKKS_INLINE void start(Reals& a, Reals& b, std::size_t mirror) const {
    exchangeHalves(a, b);
    exchangeNeighbours(a, b);
    apply(a, b, toReals(_mm256_permute4x64_epi64(load(twiddles_ + 2 * mirror), 0x1b)));
    exchangeNeighbours(a, b);
    const __m128i pair = _mm_load_si128(reinterpret_cast<const __m128i*>(twiddles_ + mirror));
    apply(a, b, toReals(_mm256_permute4x64_epi64(_mm256_castsi128_si256(pair), 0x05)));
    exchangeHalves(a, b);
  }

  /// `Levels` levels up to the node with this mirror image, over v[0 .. 2^Levels).
  template <int Levels>
  CKKS_INLINE void levels(Reals* v, std::size_t mirror) const {
    upperLevels<Levels, 0>(v, mirror);
  }

  /// The same up to the root, whose butterflies have the factor 1 / N in both outputs; these are stored as words.
  template <int Levels>
  CKKS_INLINE void lastLevels(Reals* v, Word* places, std::size_t part, const NttTable& table) const {
    constexpr std::size_t half = std::size_t{1} << (Levels - 1);
    upperLevels<Levels, 1>(v, 1);
    const Reals scale = toReals(broadcast(table.scale().value));
    const Reals scaledTwiddle = toReals(broadcast(table.scaledTwiddle().value));
#pragma GCC unroll 4
    for (std::size_t i = 0; i < half; ++i) {
      const Reals sum = _mm256_add_pd(v[i], v[half + i]);
      const Reals difference = _mm256_sub_pd(v[half + i], v[i]);
      store(places + i * part, canonicalWords(modulus_.multiply(sum, scale)));
      store(places + (half + i) * part, canonicalWords(modulus_.multiply(difference, scaledTwiddle)));
    }
  }

 private:
  [[nodiscard]] CKKS_INLINE Vector canonicalWords(Reals a) const { return toWords(modulus_.canonical(a)); }

  CKKS_INLINE void apply(Reals& a, Reals& b, Reals w) const {
    const Reals sum = _mm256_add_pd(a, b);
    b = modulus_.multiply(_mm256_sub_pd(b, a), w);
    a = modulus_.reduce(sum);
  }

  /// Levels Levels - 1 down to `Lowest` of the tree, which are walked from the smallest blocks up.
  template <int Levels, int Lowest>
  CKKS_INLINE void upperLevels(Reals* v, std::size_t mirror) const {
    constexpr int size = 1 << Levels;
#pragma GCC unroll 3
    for (int level = Levels - 1; level >= Lowest; --level) {
      const int half = size >> (level + 1);
      const int blocks = 1 << level;
#pragma GCC unroll 4
      for (int block = 0; block < blocks; ++block) {
        const Reals w = nodeTwiddle(twiddles_, (mirror << level) + static_cast<std::size_t>(blocks - 1 - block));
#pragma GCC unroll 4
        for (int i = 0; i < half; ++i) {
          Reals* pair = v + 2 * half * block + i;
          apply(pair[0], pair[half], w);
        }
      }
    }
  }

  RealModulus modulus_;
  const Word* twiddles_;
};

/// `Levels` levels over a block of 2^Levels parts; `Last`: the whole ring.
template <int Levels, bool Last>
CKKS_SEPARATE void pass(Word* values, const NttTable& table, std::size_t mirror, std::size_t part) {
  const Butterflies butterflies(table);
  for (std::size_t i = 0; i < part; i += kLanes) {
    Registers<1 << Levels> block;
    block.template loadFrom<false>(values + i, part);
    if constexpr (Last) {
      butterflies.lastLevels<Levels>(block.v, values + i, part, table);
    } else {
      butterflies.levels<Levels>(block.v, mirror);
      block.storeTo(values + i, part);
    }
  }
}

/// The first four levels of `count` blocks of 16 words, whose mirror images go down from `mirror`; `Last`: the ring has
/// no more.
template <bool Last>
CKKS_SEPARATE void start(Word* values, const NttTable& table, std::size_t mirror, std::size_t count) {
  const Butterflies butterflies(table);
  for (const std::size_t end = mirror - count; mirror > end; --mirror, values += kRegisterBlock) {
    Registers<4> block;
    block.loadFrom<true>(values, kLanes);
    butterflies.start(block.v[0], block.v[1], 4 * mirror + 2);
    butterflies.start(block.v[2], block.v[3], 4 * mirror);
    if constexpr (Last) {
      butterflies.lastLevels<2>(block.v, values, kLanes, table);
    } else {
      butterflies.levels<2>(block.v, mirror);
      block.storeTo(values, kLanes);
    }
  }
}

/// All levels of a block of 2^remaining register blocks; `Last`: of the whole ring.
template <bool Last>
void ascend(Word* values, const NttTable& table, std::size_t mirror, int remaining) {
  const int taken = levelsOfPass(remaining);
  const std::size_t parts = std::size_t{1} << taken;
  const std::size_t part = kRegisterBlock << (remaining - taken);
  const std::size_t mirrorOfFirst = parts * mirror + parts - 1;
  if (remaining == taken) {
    start<false>(values, table, mirrorOfFirst, parts);
  } else {
    for (std::size_t k = 0; k < parts; ++k) {
      ascend<false>(values + k * part, table, mirrorOfFirst - k, remaining - taken);
    }
  }
  switch (taken) {
    case 1:
      return pass<1, Last>(values, table, mirror, part);
    case 2:
      return pass<2, Last>(values, table, mirror, part);
    default:
      return pass<3, Last>(values, table, mirror, part);
  }
}

}  // namespace

void inverseNtt(Word* values, const NttTable& table) {
  const int remaining = std::countr_zero(table.ringDimension()) - kRegisterBlockBits;
  if (remaining == 0) return start<true>(values, table, 1, 1);
  ascend<true>(values, table, 1, remaining);
}

}  // namespace ckks::avx2
