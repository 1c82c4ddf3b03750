#include <bit>

#include "ckks/ring/avx512_ntt.h"

namespace ckks::avx512 {
namespace {

constexpr Exchange kToDistance4{memoryLayout(), pairLayout(4, false)};
constexpr Exchange kToDistance2{pairLayout(4, false), pairLayout(2, false)};
constexpr Exchange kToDistance1{pairLayout(2, false), pairLayout(1, false)};
constexpr Exchange kToMemory{pairLayout(1, false), memoryLayout()};

/// Cooley-Tukey butterflies: (a, b) to (a + w b, a - w b).
template <bool Roomy>
class Butterflies {
 public:
  CKKS_INLINE explicit Butterflies(const NttTable& table)
      : modulus_(table.modulus()), ratio_(broadcast(table.modulus().radixRatio)), twiddles_(table) {}

  CKKS_INLINE void prefetch(std::size_t node) const { twiddles_.prefetch(node); }

  /// `Levels` levels from the node down, over v[0 .. 2^Levels), each register from a different part of its block.
  template <int Levels>
  CKKS_INLINE void levels(Vector* v, std::size_t node) const {
    constexpr int size = 1 << Levels;
#pragma GCC unroll 4
    for (int level = 0; level < Levels; ++level) {
      const int half = size >> (level + 1);
      const int blocks = 1 << level;
#pragma GCC unroll 8
      for (int block = 0; block < blocks; ++block) {
        const Twiddle w = twiddles_.node((node << level) + static_cast<std::size_t>(block));
#pragma GCC unroll 8
        for (int i = 0; i < half; ++i) {
          Vector* pair = v + 2 * half * block + i;
          apply(pair[0], pair[half], w);
        }
      }
    }
  }

  /// The last three levels of `Pairs` runs of 16 words; `node` is the first block of eight. One step of all pairs after
  /// the other, so that independent butterflies hide each other's latency.
  template <std::size_t Pairs>
  CKKS_INLINE void finish(Vector* v, std::size_t node) const {
    exchange<Pairs>(v, kToDistance4);
    applyLanes<4, Pairs>(v, node);
    exchange<Pairs>(v, kToDistance2);
    applyLanes<2, Pairs>(v, 2 * node);
    exchange<Pairs>(v, kToDistance1);
    applyLanes<1, Pairs>(v, 4 * node);
#pragma GCC unroll 16
    for (std::size_t k = 0; k < 2 * Pairs; ++k) v[k] = canonical(v[k]);
    exchange<Pairs>(v, kToMemory);
  }

 private:
  CKKS_INLINE void apply(Vector& a, Vector& b, const Twiddle& w) const {
    if constexpr (Roomy) {
      // Grows by 2q a level, by 35q in seventeen levels.
      const Vector sum = modulus_.addProduct(a, b, w.value, w.quotient);
      b = _mm512_sub_epi64(_mm512_add_epi64(_mm512_add_epi64(a, a), modulus_.twice), sum);
      a = sum;
    } else {
      const Vector reduced = reduceOnce(a, modulus_.twice);
      const Vector product = modulus_.multiplyLazy(b, w.value, w.quotient);
      a = _mm512_add_epi64(reduced, product);
      b = _mm512_sub_epi64(_mm512_add_epi64(reduced, modulus_.twice), product);
    }
  }

  template <int Half, std::size_t Pairs>
  CKKS_INLINE void applyLanes(Vector* v, std::size_t node) const {
    constexpr std::size_t blocks = kLanes / Half;
#pragma GCC unroll 8
    for (std::size_t k = 0; k < Pairs; ++k) {
      apply(v[2 * k], v[2 * k + 1], twiddles_.template lanes<Half>(node + blocks * k));
    }
  }

  [[nodiscard]] CKKS_INLINE Vector canonical(Vector a) const {
    if constexpr (Roomy) {
      const Vector remainder = addLow(a, high(a, ratio_), modulus_.negated);
      return reduceOnce(_mm512_and_si512(remainder, modulus_.mask), modulus_.value);
    } else {
      return modulus_.canonical(a);
    }
  }

  VectorModulus modulus_;
  Vector ratio_;
  Twiddles twiddles_;
};

/// `Levels` levels over a block of 2^Levels parts.
template <bool Roomy, int Levels>
CKKS_SEPARATE void pass(Word* values, const NttTable& table, std::size_t node, std::size_t part) {
  const Butterflies<Roomy> butterflies(table);
  for (std::size_t i = 0; i < part; i += kLanes) {
    Registers<1 << Levels> block(values + i, part);
    block.prefetchNext(values + i, part);
    butterflies.template levels<Levels>(block.v, node);
    block.storeTo(values + i, part);
  }
}

/// The last levels of `count` blocks of 2^Levels * 8 words, whose nodes follow each other.
template <bool Roomy, int Levels>
CKKS_SEPARATE void finish(Word* values, const NttTable& table, std::size_t node, std::size_t count) {
  constexpr std::size_t size = 1 << Levels;
  const Butterflies<Roomy> butterflies(table);
  for (const std::size_t end = node + count; node < end; ++node, values += size * kLanes) {
    Registers<size> block(values, kLanes);
    if constexpr (size * kLanes == kRegisterBlock) butterflies.prefetch(node + kPrefetchedBlocks);
    butterflies.template levels<Levels>(block.v, node);
    butterflies.template finish<size / 2>(block.v, size * node);
    block.storeTo(values, kLanes);
  }
}

/// pass of all rows.
template <bool Roomy, int Levels>
void passes(Rows rows, const NttTable& table, std::size_t node, std::size_t part) {
  for (Word* values : rows) pass<Roomy, Levels>(values, table, node, part);
}

/// finish of all rows.
template <bool Roomy, int Levels>
void finishes(Rows rows, const NttTable& table, std::size_t node, std::size_t count) {
  for (Word* values : rows) finish<Roomy, Levels>(values, table, node, count);
}

/// passes of 1 to 4 levels.
template <bool Roomy>
void passes(Rows rows, const NttTable& table, std::size_t node, std::size_t part, int levels) {
  switch (levels) {
    case 1:
      return passes<Roomy, 1>(rows, table, node, part);
    case 2:
      return passes<Roomy, 2>(rows, table, node, part);
    case 3:
      return passes<Roomy, 3>(rows, table, node, part);
    default:
      return passes<Roomy, 4>(rows, table, node, part);
  }
}

/// All levels of a block of 2^remaining register blocks.
template <bool Roomy>
void descend(Rows rows, const NttTable& table, std::size_t node, int remaining) {
  const int taken = levelsOfPass(remaining);
  const std::size_t parts = std::size_t{1} << taken;
  const std::size_t part = kRegisterBlock << (remaining - taken);
  passes<Roomy>(rows, table, node, part, taken);
  if (remaining == taken) return finishes<Roomy, 4>(rows, table, parts * node, parts);
  for (std::size_t k = 0; k < parts; ++k) {
    descend<Roomy>(rows.from(k * part), table, parts * node + k, remaining - taken);
  }
}

template <bool Roomy>
void transform(Rows rows, const NttTable& table) {
  switch (const int bits = std::countr_zero(table.ringDimension()); bits) {
    case 4:
      return finishes<Roomy, 1>(rows, table, 1, 1);
    case 5:
      return finishes<Roomy, 2>(rows, table, 1, 1);
    case 6:
      return finishes<Roomy, 3>(rows, table, 1, 1);
    case 7:
      return finishes<Roomy, 4>(rows, table, 1, 1);
    default:
      return descend<Roomy>(rows, table, 1, bits - kRegisterBlockBits);
  }
}

template <bool Roomy>
void transform(Rows rows, const NttTable& table, BlockVisitor& visitor) {
  const int remaining = std::countr_zero(table.ringDimension()) - kRegisterBlockBits;
  if (remaining <= kMaxPassLevels) {
    transform<Roomy>(rows, table);
    return visitor.visit(0, table.ringDimension());
  }
  const int taken = levelsOfPass(remaining);
  const std::size_t parts = std::size_t{1} << taken;
  const std::size_t part = kRegisterBlock << (remaining - taken);
  passes<Roomy>(rows, table, 1, part, taken);
  for (std::size_t k = 0; k < parts; ++k) {
    descend<Roomy>(rows.from(k * part), table, parts + k, remaining - taken);
    visitor.visit(k * part, (k + 1) * part);
  }
}

}  // namespace

void forwardNtt(Word* values, const NttTable& table) {
  if (table.modulus().bits <= kRoomyBits) {
    transform<true>(Rows(values), table);
  } else {
    transform<false>(Rows(values), table);
  }
}

void forwardNttPair(Word* first, Word* second, const NttTable& table, BlockVisitor& visitor) {
  if (table.modulus().bits <= kRoomyBits) {
    transform<true>(Rows(first, second), table, visitor);
  } else {
    transform<false>(Rows(first, second), table, visitor);
  }
}

}  // namespace ckks::avx512
