#include "ckks/ring/avx2_butterflies.h"
#include "ckks/ring/avx2_ntt.h"

namespace ckks::avx2 {
namespace {

/// Gentleman-Sande butterflies: (a, b) to (a + b, (a - b) / w) in signed doubles. Minus a node's inverse twiddle factor
/// is the factor of its mirror image in the tree's level; nodes are given by these mirror images, so that children run
/// backwards.
class Butterflies {
 public:
  CKKS_INLINE explicit Butterflies(const NttTable& table) : modulus_(table.modulus()) {}

  [[nodiscard]] CKKS_INLINE const RealModulus& modulus() const { return modulus_; }

  /// The two lowest levels of 16 words in each set. `pairs` are the twiddles of the mirror images of the last set's
  /// pairs, `blocks` those of its blocks of four; those of what comes before follow them.
  template <std::size_t Sets>
  CKKS_INLINE void start(Registers<Sets, 4>& block, const Word* pairs, const Word* blocks) const {
#pragma GCC unroll 8
    for (std::size_t i = 0; i < 2 * Sets; ++i) {
      Reals* v = block.v[i / 2] + 2 * (i % 2);
      exchangeHalves(v[0], v[1]);
      exchangeNeighbours(v[0], v[1]);
      const Reals backwards = loadReals(pairs + 4 * (2 * Sets - 1 - i));
      apply(v[0], v[1], modulus_.factor(_mm256_permute4x64_pd(backwards, 0x1b)));
    }
#pragma GCC unroll 8
    for (std::size_t i = 0; i < 2 * Sets; ++i) {
      Reals* v = block.v[i / 2] + 2 * (i % 2);
      exchangeNeighbours(v[0], v[1]);
      apply(v[0], v[1], modulus_.factor(pairOfTwiddles<0x05>(blocks + 2 * (2 * Sets - 1 - i))));
      exchangeHalves(v[0], v[1]);
    }
  }

  /// Levels Levels - 1 down to `Lowest` of the tree in each set, which are walked from the smallest blocks up;
  /// `factorsOf` gives a set's.
  template <int Levels, int Lowest, std::size_t Sets, typename FactorsOf>
  CKKS_INLINE void levels(Registers<Sets, 1 << Levels>& block, const FactorsOf& factorsOf) const {
#pragma GCC unroll 3
    for (int level = Levels - 1; level >= Lowest; --level) {
      const int half = 1 << (Levels - level - 1);
      const int nodes = 1 << level;
#pragma GCC unroll 4
      for (std::size_t s = 0; s < Sets; ++s) {
#pragma GCC unroll 4
        for (int node = 0; node < nodes; ++node) {
#pragma GCC unroll 4
          for (int i = 0; i < half; ++i) {
            Reals* pair = block.v[s] + 2 * half * node + i;
            apply(pair[0], pair[half], factorsOf(s).at(level, nodes - 1 - node));
          }
        }
      }
    }
  }

  /// The root's butterflies, which have the factor 1 / N in both outputs; these are stored as words.
  template <int Levels>
  CKKS_INLINE void root(const Reals* v, Word* places, std::size_t part, const Factor& scale,
                        const Factor& scaledTwiddle) const {
    constexpr std::size_t half = std::size_t{1} << (Levels - 1);
#pragma GCC unroll 4
    for (std::size_t i = 0; i < half; ++i) {
      const Reals sum = _mm256_add_pd(v[i], v[half + i]);
      const Reals difference = _mm256_sub_pd(v[half + i], v[i]);
      store(places + i * part, canonicalWords(modulus_.multiply(sum, scale)));
      store(places + (half + i) * part, canonicalWords(modulus_.multiply(difference, scaledTwiddle)));
    }
  }

  template <std::size_t Sets, std::size_t Size>
  CKKS_INLINE void reduce(Registers<Sets, Size>& block) const {
#pragma GCC unroll 16
    for (std::size_t i = 0; i < Sets * Size; ++i) {
      Reals& value = block.v[i / Size][i % Size];
      value = modulus_.reduce(value);
    }
  }

 private:
  [[nodiscard]] CKKS_INLINE Vector canonicalWords(Reals a) const { return toWords(modulus_.canonical(a)); }

  CKKS_INLINE void apply(Reals& a, Reals& b, const Factor& w) const {
    const Reals sum = _mm256_add_pd(a, b);
    b = modulus_.multiply(_mm256_sub_pd(b, a), w);
    a = sum;
  }

  RealModulus modulus_;
};

/// `Levels` levels over a block of 2^Levels parts; `Last`: the whole ring.
template <int Levels, bool Last, bool Reduces>
CKKS_SEPARATE void pass(Word* values, const Transform& transform, std::size_t mirror, std::size_t part) {
  constexpr std::size_t sets = 2;
  const Butterflies butterflies(transform.table);
  NodeFactors<Levels> factors;
  factors.loadFrom(butterflies.modulus(), transform.twiddles, mirror);
  const Factor scale = butterflies.modulus().factor(transform.table.scale().value);
  const Factor scaledTwiddle = butterflies.modulus().factor(transform.table.scaledTwiddle().value);
  for (std::size_t i = 0; i < part; i += sets * kLanes) {
    Registers<sets, 1 << Levels> block;
    block.template loadFrom<false>(values + i, kLanes, part);
    if constexpr (Reduces) butterflies.reduce(block);
    butterflies.levels<Levels, Last ? 1 : 0>(
        block, [&](std::size_t) -> const auto& { return factors; });
    if constexpr (Last) {
#pragma GCC unroll 2
      for (std::size_t s = 0; s < sets; ++s) {
        butterflies.root<Levels>(block.v[s], values + i + s * kLanes, part, scale, scaledTwiddle);
      }
    } else {
      block.storeTo(values + i, kLanes, part);
    }
  }
}

/// The first four levels of `count` blocks of 16 words, whose mirror images go down from `mirror`, `Sets` of them at a
/// time; `Last`: the ring has no more. `Reduces`: after two of them.
template <std::size_t Sets, bool Last, bool Reduces>
CKKS_SEPARATE void start(Word* values, const Transform& transform, std::size_t mirror, std::size_t count) {
  const Butterflies butterflies(transform.table);
  const Word* twiddles = transform.twiddles;
  for (const std::size_t end = mirror - count; mirror > end; mirror -= Sets, values += Sets * kRegisterBlock) {
    Registers<Sets, 4> block;
    block.template loadFrom<true>(values, kRegisterBlock, kLanes);
    const std::size_t last = mirror + 1 - Sets;
    butterflies.start(block, twiddles + 8 * last, twiddles + 4 * last);
    if constexpr (Reduces) butterflies.reduce(block);
    NodeFactors<2> factors[Sets];
#pragma GCC unroll 4
    for (std::size_t s = 0; s < Sets; ++s) factors[s].loadFrom(butterflies.modulus(), twiddles, mirror - s);
    butterflies.levels<2, Last ? 1 : 0>(
        block, [&](std::size_t s) -> const auto& { return factors[s]; });
    if constexpr (Last) {
      const Factor scale = butterflies.modulus().factor(transform.table.scale().value);
      const Factor scaledTwiddle = butterflies.modulus().factor(transform.table.scaledTwiddle().value);
      butterflies.root<2>(block.v[0], values, kLanes, scale, scaledTwiddle);
    } else {
      block.storeTo(values, kRegisterBlock, kLanes);
    }
  }
}

template <std::size_t Sets, bool Last>
void start(Word* values, const Transform& transform, std::size_t mirror, std::size_t count) {
  (transform.plan.registerBlocks ? start<Sets, Last, true> : start<Sets, Last, false>)(values, transform, mirror,
                                                                                       count);
}

template <int Levels, bool Last>
void pass(Word* values, const Transform& transform, std::size_t mirror, int remaining) {
  const std::size_t part = kRegisterBlock << (remaining - Levels);
  (transform.plan.passes[remaining] ? pass<Levels, Last, true> : pass<Levels, Last, false>)(values, transform, mirror,
                                                                                            part);
}

/// All levels of a block of 2^remaining register blocks; `Last`: of the whole ring.
template <bool Last>
void ascend(Word* values, const Transform& transform, std::size_t mirror, int remaining) {
  const int taken = levelsOfPass(remaining);
  const std::size_t parts = std::size_t{1} << taken;
  const std::size_t part = kRegisterBlock << (remaining - taken);
  const std::size_t mirrorOfFirst = parts * mirror + parts - 1;
  if (remaining == taken) {
    const auto first = parts == 2 ? start<2, false> : start<4, false>;
    first(values, transform, mirrorOfFirst, parts);
  } else {
    for (std::size_t k = 0; k < parts; ++k) {
      ascend<false>(values + k * part, transform, mirrorOfFirst - k, remaining - taken);
    }
  }
  switch (taken) {
    case 1:
      return pass<1, Last>(values, transform, mirror, remaining);
    case 2:
      return pass<2, Last>(values, transform, mirror, remaining);
    default:
      return pass<3, Last>(values, transform, mirror, remaining);
  }
}

}  // namespace

void inverseNtt(Word* values, const NttTable& table) {
  const int remaining = upperLevels(table);
  const Transform transform{table, table.centredTwiddles(),
                            inversePlan(remaining, static_cast<double>(table.modulus().value))};
  if (remaining == 0) {
    start<1, true>(values, transform, 1, 1);
  } else {
    ascend<true>(values, transform, 1, remaining);
  }
}

}  // namespace ckks::avx2
