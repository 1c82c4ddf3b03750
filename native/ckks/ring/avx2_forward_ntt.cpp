#include "ckks/ring/avx2_butterflies.h"
#include "ckks/ring/avx2_ntt.h"

namespace ckks::avx2 {
namespace {

/// Cooley-Tukey butterflies: (a, b) to (a + w b, a - w b) in signed doubles.
class Butterflies {
 public:
  CKKS_INLINE explicit Butterflies(const NttTable& table) : modulus_(table.modulus()) {}

  [[nodiscard]] CKKS_INLINE const RealModulus& modulus() const { return modulus_; }

  /// `Levels` levels of each set, each register from a different part of its block; `factorsOf` gives a set's.
  template <int Levels, bool Reduces, std::size_t Sets, typename FactorsOf>
  CKKS_INLINE void levels(Registers<Sets, 1 << Levels>& block, const FactorsOf& factorsOf) const {
#pragma GCC unroll 3
    for (int level = 0; level < Levels; ++level) {
      const int half = 1 << (Levels - level - 1);
#pragma GCC unroll 4
      for (std::size_t s = 0; s < Sets; ++s) {
#pragma GCC unroll 4
        for (int node = 0; node < 1 << level; ++node) {
#pragma GCC unroll 4
          for (int i = 0; i < half; ++i) {
            Reals* pair = block.v[s] + 2 * half * node + i;
            if (Reduces && level == 0) pair[0] = modulus_.reduce(pair[0]);
            apply(pair[0], pair[half], factorsOf(s).at(level, node));
          }
        }
      }
    }
  }

  /// The last two levels of 16 words in each set. `blocks` are the twiddles of the sets' blocks of four, `pairs` those
  /// of their pairs.
  template <std::size_t Sets>
  CKKS_INLINE void finish(Registers<Sets, 4>& block, const Word* blocks, const Word* pairs) const {
#pragma GCC unroll 8
    for (std::size_t i = 0; i < 2 * Sets; ++i) {
      Reals* v = block.v[i / 2] + 2 * (i % 2);
      exchangeHalves(v[0], v[1]);
      apply(v[0], v[1], modulus_.factor(pairOfTwiddles<0x50>(blocks + 2 * i)));
    }
#pragma GCC unroll 8
    for (std::size_t i = 0; i < 2 * Sets; ++i) {
      Reals* v = block.v[i / 2] + 2 * (i % 2);
      exchangeNeighbours(v[0], v[1]);
      apply(v[0], v[1], modulus_.factor(loadReals(pairs + 4 * i)));
    }
#pragma GCC unroll 8
    for (std::size_t i = 0; i < 2 * Sets; ++i) {
      Reals* v = block.v[i / 2] + 2 * (i % 2);
      exchangeNeighbours(v[0], v[1]);
      exchangeHalves(v[0], v[1]);
    }
  }

  [[nodiscard]] CKKS_INLINE Vector canonicalWords(Reals a) const { return toWords(modulus_.canonical(a)); }

 private:
  CKKS_INLINE void apply(Reals& a, Reals& b, const Factor& w) const {
    const Reals product = modulus_.multiply(b, w);
    b = _mm256_sub_pd(a, product);
    a = _mm256_add_pd(a, product);
  }

  RealModulus modulus_;
};

/// `Levels` levels over a block of 2^Levels parts; `First`: the words are not doubles yet.
template <int Levels, bool First, bool Reduces>
CKKS_SEPARATE void pass(Word* values, const Transform& transform, std::size_t node, std::size_t part) {
  constexpr std::size_t sets = 2;
  const Butterflies butterflies(transform.table);
  NodeFactors<Levels> factors;
  factors.loadFrom(butterflies.modulus(), transform.twiddles, node);
  for (std::size_t i = 0; i < part; i += sets * kLanes) {
    Registers<sets, 1 << Levels> block;
    block.template loadFrom<First>(values + i, kLanes, part);
    butterflies.levels<Levels, Reduces>(
        block, [&](std::size_t) -> const auto& { return factors; });
    block.storeTo(values + i, kLanes, part);
  }
}

/// The last four levels of `count` blocks of 16 words, whose nodes follow each other, `Sets` of them at a time.
template <std::size_t Sets, bool First, bool Reduces>
CKKS_SEPARATE void finish(Word* values, const Transform& transform, std::size_t node, std::size_t count) {
  const Butterflies butterflies(transform.table);
  const Word* twiddles = transform.twiddles;
  for (const std::size_t end = node + count; node < end; node += Sets, values += Sets * kRegisterBlock) {
    Registers<Sets, 4> block;
    block.template loadFrom<First>(values, kRegisterBlock, kLanes);
    NodeFactors<2> factors[Sets];
#pragma GCC unroll 4
    for (std::size_t s = 0; s < Sets; ++s) factors[s].loadFrom(butterflies.modulus(), twiddles, node + s);
    butterflies.levels<2, Reduces>(
        block, [&](std::size_t s) -> const auto& { return factors[s]; });
    butterflies.finish(block, twiddles + 4 * node, twiddles + 8 * node);
#pragma GCC unroll 16
    for (std::size_t i = 0; i < 4 * Sets; ++i) {
      store(values + i * kLanes, butterflies.canonicalWords(block.v[i / 4][i % 4]));
    }
  }
}

template <int Levels, bool First>
void pass(Word* values, const Transform& transform, std::size_t node, int remaining) {
  const std::size_t part = kRegisterBlock << (remaining - Levels);
  (transform.plan.passes[remaining] ? pass<Levels, First, true> : pass<Levels, First, false>)(values, transform, node,
                                                                                              part);
}

template <std::size_t Sets, bool First>
void finish(Word* values, const Transform& transform, std::size_t node, std::size_t count) {
  (transform.plan.registerBlocks ? finish<Sets, First, true> : finish<Sets, First, false>)(values, transform, node,
                                                                                           count);
}

/// All levels of a block of 2^remaining register blocks.
template <bool First>
void descend(Word* values, const Transform& transform, std::size_t node, int remaining) {
  const int taken = levelsOfPass(remaining);
  switch (taken) {
    case 1:
      pass<1, First>(values, transform, node, remaining);
      break;
    case 2:
      pass<2, First>(values, transform, node, remaining);
      break;
    default:
      pass<3, First>(values, transform, node, remaining);
      break;
  }
  const std::size_t parts = std::size_t{1} << taken;
  const std::size_t part = kRegisterBlock << (remaining - taken);
  if (remaining == taken) {
    const auto last = parts == 2 ? finish<2, false> : finish<4, false>;
    return last(values, transform, parts * node, parts);
  }
  for (std::size_t k = 0; k < parts; ++k) {
    descend<false>(values + k * part, transform, parts * node + k, remaining - taken);
  }
}

}  // namespace

void forwardNtt(Word* values, const NttTable& table) {
  const int remaining = upperLevels(table);
  const Transform transform{table, table.centredTwiddles(),
                            forwardPlan(remaining, static_cast<double>(table.modulus().value))};
  if (remaining == 0) return finish<1, true>(values, transform, 1, 1);
  descend<true>(values, transform, 1, remaining);
}

}  // namespace ckks::avx2
