#include <bit>

#include "ckks/ring/avx2_butterflies.h"
#include "ckks/ring/avx2_ntt.h"

namespace ckks::avx2 {
namespace {

/// Cooley-Tukey butterflies: (a, b) to (a + w b, a - w b) in signed doubles.
///
/// With all magnitudes up to B q, a product is within (1/2 + 3/8 B) q and sums grow by as much. Reducing a to q / 2
/// first in every other level at least keeps B below 4 (1 + 3/8 B, then 11/8 B + 1/2, has its fixed point at 3.9), as
/// RealModulus::multiply needs.
class Butterflies {
 public:
  CKKS_INLINE explicit Butterflies(const NttTable& table) : modulus_(table.modulus()), twiddles_(table.twiddles()) {}

  /// `Levels` levels from the node down, over v[0 .. 2^Levels), each register from a different part of its block.
  template <int Levels>
  CKKS_INLINE void levels(Reals* v, std::size_t node) const {
    constexpr int size = 1 << Levels;
#pragma GCC unroll 3
    for (int level = 0; level < Levels; ++level) {
      const int half = size >> (level + 1);
      const int blocks = 1 << level;
#pragma GCC unroll 4
      for (int block = 0; block < blocks; ++block) {
        const Reals w = nodeTwiddle(twiddles_, (node << level) + static_cast<std::size_t>(block));
#pragma GCC unroll 4
        for (int i = 0; i < half; ++i) {
          Reals* pair = v + 2 * half * block + i;
          if (level % 2 == 0) pair[0] = modulus_.reduce(pair[0]);
          apply(pair[0], pair[half], w);
        }
      }
    }
  }

  /// The last two levels of eight words; `node` is the first one of the two blocks of four.
  CKKS_INLINE void finish(Reals& a, Reals& b, std::size_t node) const {
    exchangeHalves(a, b);
    const __m128i pair = _mm_load_si128(reinterpret_cast<const __m128i*>(twiddles_ + node));
    a = modulus_.reduce(a);
    apply(a, b, toReals(_mm256_permute4x64_epi64(_mm256_castsi128_si256(pair), 0x50)));
    exchangeNeighbours(a, b);
    apply(a, b, toReals(load(twiddles_ + 2 * node)));
    exchangeNeighbours(a, b);
    exchangeHalves(a, b);
  }

  [[nodiscard]] CKKS_INLINE Vector canonicalWords(Reals a) const { return toWords(modulus_.canonical(a)); }

 private:
  CKKS_INLINE void apply(Reals& a, Reals& b, Reals w) const {
    const Reals product = modulus_.multiply(b, w);
    b = _mm256_sub_pd(a, product);
    a = _mm256_add_pd(a, product);
  }

  RealModulus modulus_;
  const Word* twiddles_;
};

/// `Levels` levels over a block of 2^Levels parts; `First`: the words are not doubles yet.
template <int Levels, bool First>
CKKS_SEPARATE void pass(Word* values, const NttTable& table, std::size_t node, std::size_t part) {
  const Butterflies butterflies(table);
  for (std::size_t i = 0; i < part; i += kLanes) {
    Registers<1 << Levels> block;
    block.template loadFrom<First>(values + i, part);
    butterflies.levels<Levels>(block.v, node);
    block.storeTo(values + i, part);
  }
}

/// The last four levels of `count` blocks of 16 words, whose nodes follow each other.
template <bool First>
CKKS_SEPARATE void finish(Word* values, const NttTable& table, std::size_t node, std::size_t count) {
  const Butterflies butterflies(table);
  for (const std::size_t end = node + count; node < end; ++node, values += kRegisterBlock) {
    Registers<4> block;
    block.template loadFrom<First>(values, kLanes);
    butterflies.levels<2>(block.v, node);
    butterflies.finish(block.v[0], block.v[1], 4 * node);
    butterflies.finish(block.v[2], block.v[3], 4 * node + 2);
#pragma GCC unroll 4
    for (std::size_t k = 0; k < 4; ++k) store(values + k * kLanes, butterflies.canonicalWords(block.v[k]));
  }
}

/// All levels of a block of 2^remaining register blocks.
template <bool First>
void descend(Word* values, const NttTable& table, std::size_t node, int remaining) {
  const int taken = levelsOfPass(remaining);
  const std::size_t parts = std::size_t{1} << taken;
  const std::size_t part = kRegisterBlock << (remaining - taken);
  switch (taken) {
    case 1:
      pass<1, First>(values, table, node, part);
      break;
    case 2:
      pass<2, First>(values, table, node, part);
      break;
    default:
      pass<3, First>(values, table, node, part);
      break;
  }
  if (remaining == taken) return finish<false>(values, table, parts * node, parts);
  for (std::size_t k = 0; k < parts; ++k) {
    descend<false>(values + k * part, table, parts * node + k, remaining - taken);
  }
}

}  // namespace

void forwardNtt(Word* values, const NttTable& table) {
  const int remaining = std::countr_zero(table.ringDimension()) - kRegisterBlockBits;
  if (remaining == 0) return finish<true>(values, table, 1, 1);
  descend<true>(values, table, 1, remaining);
}

}  // namespace ckks::avx2
