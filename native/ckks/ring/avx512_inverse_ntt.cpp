#include <bit>
#include <cstring>

#include "ckks/ring/avx512_ntt.h"

namespace ckks::avx512 {
namespace {

constexpr Exchange kFromMemory{memoryLayout(), pairLayout(1, true)};
constexpr Exchange kFromDistance1{pairLayout(1, true), pairLayout(2, true)};
constexpr Exchange kFromDistance2{pairLayout(2, true), pairLayout(4, true)};
constexpr Exchange kFromDistance4{pairLayout(4, true), memoryLayout()};

/// Gentleman-Sande butterflies: (a, b) to (a + b, (a - b) / w). Minus a node's inverse twiddle factor is the factor of
/// its mirror image in the tree's level; nodes are given by these mirror images, so that children run backwards.
///
/// Words are below 2q between passes. Roomy sums double in each level; `level` counts those since words were below 2q,
/// at most four, and 64q < 2^52.
template <bool Roomy>
class Butterflies {
 public:
  CKKS_INLINE explicit Butterflies(const NttTable& table)
      : modulus_(table.modulus()), ratio_(broadcast(table.modulus().radixRatio)), twiddles_(table) {
#pragma GCC unroll 4
    for (unsigned level = 0; level < kMaxPassLevels; ++level) {
      offsets_[level] = broadcast(table.modulus().value << (level + 1));
    }
  }

  /// The three lowest levels of `Pairs` runs of 16 words; `mirror` is the mirror image of the last block of eight.
  template <std::size_t Pairs>
  CKKS_INLINE void start(Vector* v, std::size_t mirror) const {
    exchange<Pairs>(v, kFromMemory);
    applyLanes<1, Pairs>(v, 4 * mirror, 0);
    exchange<Pairs>(v, kFromDistance1);
    applyLanes<2, Pairs>(v, 2 * mirror, 1);
    exchange<Pairs>(v, kFromDistance2);
    applyLanes<4, Pairs>(v, mirror, 2);
#pragma GCC unroll 8
    for (std::size_t k = 0; k < Pairs; ++k) v[2 * k] = settle(v[2 * k]);
    exchange<Pairs>(v, kFromDistance4);
  }

  /// `Levels` levels up to the node with this mirror image, over v[0 .. 2^Levels); `Last`: it is the root.
  template <int Levels, bool Last>
  CKKS_INLINE void levels(Vector* v, std::size_t mirror, const NttTable& table) const {
    constexpr int size = 1 << Levels;
#pragma GCC unroll 4
    for (int level = Levels - 1; level >= (Last ? 1 : 0); --level) {
      const int half = size >> (level + 1);
      const int blocks = 1 << level;
#pragma GCC unroll 8
      for (int block = 0; block < blocks; ++block) {
        const Twiddle w = twiddles_.node((mirror << level) + static_cast<std::size_t>(blocks - 1 - block));
#pragma GCC unroll 8
        for (int i = 0; i < half; ++i) {
          Vector* pair = v + 2 * half * block + i;
          apply(pair[0], pair[half], w, Levels - 1 - level);
        }
      }
    }
    if constexpr (Last) {
      const Twiddle scale = constant(table.scale());
      const Twiddle scaledTwiddle = constant(table.scaledTwiddle());
#pragma GCC unroll 8
      for (int i = 0; i < size / 2; ++i) applyLast(v[i], v[size / 2 + i], scale, scaledTwiddle, Levels - 1);
    } else {
#pragma GCC unroll 8
      for (int i = 0; i < size / 2; ++i) v[i] = settle(v[i]);
    }
  }

 private:
  static CKKS_INLINE Twiddle constant(const ShoupConstant& factor) {
    return {broadcast(factor.value), broadcast(factor.quotient)};
  }

  /// b - a, kept positive: below twice the bound of a and b.
  [[nodiscard]] CKKS_INLINE Vector difference(Vector a, Vector b, int level) const {
    return _mm512_add_epi64(_mm512_sub_epi64(b, a), Roomy ? offsets_[level] : modulus_.twice);
  }

  CKKS_INLINE void apply(Vector& a, Vector& b, const Twiddle& w, int level) const {
    const Vector sum = _mm512_add_epi64(a, b);
    if constexpr (Roomy) {
      b = modulus_.addProduct(_mm512_setzero_si512(), difference(a, b, level), w.value, w.quotient);
      a = sum;
    } else {
      b = modulus_.multiplyLazy(difference(a, b, level), w.value, w.quotient);
      a = reduceOnce(sum, modulus_.twice);
    }
  }

  /// The root's butterfly, with the factor 1 / N in both outputs, which become canonical.
  CKKS_INLINE void applyLast(Vector& a, Vector& b, const Twiddle& scale, const Twiddle& scaledTwiddle,
                             int level) const {
    const Vector sum = _mm512_add_epi64(a, b);
    b = modulus_.multiplyLazy(difference(a, b, level), scaledTwiddle.value, scaledTwiddle.quotient);
    b = reduceOnce(b, modulus_.value);
    a = reduceOnce(modulus_.multiplyLazy(sum, scale.value, scale.quotient), modulus_.value);
  }

  template <int Half, std::size_t Pairs>
  CKKS_INLINE void applyLanes(Vector* v, std::size_t mirror, int level) const {
    constexpr std::size_t blocks = kLanes / Half;
#pragma GCC unroll 8
    for (std::size_t k = 0; k < Pairs; ++k) {
      const Twiddle w = twiddles_.template lanes<Half>(mirror + blocks * (Pairs - 1 - k));
      apply(v[2 * k], v[2 * k + 1], w, level);
    }
  }

  /// A roomy sum back below 2q (modulo 2^52).
  [[nodiscard]] CKKS_INLINE Vector settle(Vector sum) const {
    return Roomy ? addLow(sum, high(sum, ratio_), modulus_.negated) : sum;
  }

  VectorModulus modulus_;
  Vector ratio_;
  Vector offsets_[kMaxPassLevels];  ///< 2q, 4q, 8q, 16q
  Twiddles twiddles_;
};

/// Where the levels of a pass are: below others, or at the root; there, whether the results leave the caches.
enum class Place { kInner, kRoot, kRootStreamed };

/// `Levels` levels over a block of 2^Levels parts, from `values` to `out`.
template <bool Roomy, int Levels, Place Where>
CKKS_SEPARATE void pass(Word* out, const Word* values, const NttTable& table, std::size_t mirror, std::size_t part) {
  const Butterflies<Roomy> butterflies(table);
  for (std::size_t i = 0; i < part; i += kLanes) {
    Registers<1 << Levels> block(values + i, part);
    block.prefetchNext(values + i, part);
    butterflies.template levels<Levels, Where != Place::kInner>(block.v, mirror, table);
    if constexpr (Where == Place::kRootStreamed) {
      block.streamTo(out + i, part);
    } else {
      block.storeTo(out + i, part);
    }
  }
}

/// The first levels of `count` blocks of 2^Levels * 8 words, whose mirror images go down from `mirror`.
template <bool Roomy, int Levels, bool Last>
CKKS_SEPARATE void start(Word* values, const NttTable& table, std::size_t mirror, std::size_t count) {
  constexpr std::size_t size = 1 << Levels;
  const Butterflies<Roomy> butterflies(table);
  for (const std::size_t end = mirror - count; mirror > end; --mirror, values += size * kLanes) {
    Registers<size> block(values, kLanes);
    butterflies.template start<size / 2>(block.v, size * mirror);
    butterflies.template levels<Levels, Last>(block.v, mirror, table);
    block.storeTo(values, kLanes);
  }
}

/// pass of all rows.
template <bool Roomy, int Levels, Place Where>
void passes(Rows out, Rows rows, const NttTable& table, std::size_t mirror, std::size_t part) {
  for (std::size_t row = 0; row < rows.count(); ++row) {
    pass<Roomy, Levels, Where>(out[row], rows[row], table, mirror, part);
  }
}

/// start of all rows.
template <bool Roomy, int Levels, bool Last>
void starts(Rows rows, const NttTable& table, std::size_t mirror, std::size_t count) {
  for (Word* values : rows) start<Roomy, Levels, Last>(values, table, mirror, count);
}

/// passes of 1 to 4 levels.
template <bool Roomy, Place Where>
void passes(Rows out, Rows rows, const NttTable& table, std::size_t mirror, std::size_t part, int levels) {
  switch (levels) {
    case 1:
      return passes<Roomy, 1, Where>(out, rows, table, mirror, part);
    case 2:
      return passes<Roomy, 2, Where>(out, rows, table, mirror, part);
    case 3:
      return passes<Roomy, 3, Where>(out, rows, table, mirror, part);
    default:
      return passes<Roomy, 4, Where>(out, rows, table, mirror, part);
  }
}

/// All levels of a block of 2^remaining register blocks.
template <bool Roomy, Place Where>
void ascend(Rows rows, const NttTable& table, std::size_t mirror, int remaining) {
  const int taken = levelsOfPass(remaining);
  const std::size_t parts = std::size_t{1} << taken;
  const std::size_t part = kRegisterBlock << (remaining - taken);
  const std::size_t mirrorOfFirst = parts * mirror + parts - 1;
  if (remaining == taken) {
    starts<Roomy, 4, false>(rows, table, mirrorOfFirst, parts);
  } else {
    for (std::size_t k = 0; k < parts; ++k) {
      ascend<Roomy, Place::kInner>(rows.from(k * part), table, mirrorOfFirst - k, remaining - taken);
    }
  }
  passes<Roomy, Where>(rows, rows, table, mirror, part, taken);
}

template <bool Roomy>
void transform(Rows rows, const NttTable& table) {
  switch (const int bits = std::countr_zero(table.ringDimension()); bits) {
    case 4:
      return starts<Roomy, 1, true>(rows, table, 1, 1);
    case 5:
      return starts<Roomy, 2, true>(rows, table, 1, 1);
    case 6:
      return starts<Roomy, 3, true>(rows, table, 1, 1);
    case 7:
      return starts<Roomy, 4, true>(rows, table, 1, 1);
    default:
      return ascend<Roomy, Place::kRoot>(rows, table, 1, bits - kRegisterBlockBits);
  }
}

template <bool Roomy>
void transform(Rows out, Rows rows, const NttTable& table, BlockVisitor& visitor) {
  const std::size_t words = table.ringDimension();
  const int remaining = std::countr_zero(words) - kRegisterBlockBits;
  if (remaining <= kMaxPassLevels) {
    visitor.visit(0, words);
    transform<Roomy>(rows, table);
    for (std::size_t row = 0; row < rows.count(); ++row) std::memcpy(out[row], rows[row], words * sizeof(Word));
    return;
  }
  const int taken = levelsOfPass(remaining);
  const std::size_t parts = std::size_t{1} << taken;
  const std::size_t part = kRegisterBlock << (remaining - taken);
  for (std::size_t k = 0; k < parts; ++k) {
    visitor.visit(k * part, (k + 1) * part);
    ascend<Roomy, Place::kInner>(rows.from(k * part), table, 2 * parts - 1 - k, remaining - taken);
  }
  passes<Roomy, Place::kRootStreamed>(out, rows, table, 1, part, taken);
  _mm_sfence();
}

}  // namespace

void inverseNtt(Word* values, const NttTable& table) {
  if (table.modulus().bits <= kRoomyBits) {
    transform<true>(Rows(values), table);
  } else {
    transform<false>(Rows(values), table);
  }
}

void inverseNttPair(Word* out0, Word* out1, Word* first, Word* second, const NttTable& table, BlockVisitor& visitor) {
  if (table.modulus().bits <= kRoomyBits) {
    transform<true>(Rows(out0, out1), Rows(first, second), table, visitor);
  } else {
    transform<false>(Rows(out0, out1), Rows(first, second), table, visitor);
  }
}

}  // namespace ckks::avx512
