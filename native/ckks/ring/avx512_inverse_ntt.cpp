#include <bit>

#include "ckks/ring/avx512_ntt.h"

namespace ckks::avx512 {
namespace {

constexpr Exchange kFromMemory{memoryLayout(), pairLayout(1, true)};
constexpr Exchange kFromDistance1{pairLayout(1, true), pairLayout(2, true)};
constexpr Exchange kFromDistance2{pairLayout(2, true), pairLayout(4, true)};
constexpr Exchange kFromDistance4{pairLayout(4, true), memoryLayout()};

/// Gentleman-Sande butterflies: (a, b) to (a + b, (a - b) / w). Minus a node's inverse twiddle factor is the factor of
/// its mirror image in the tree's level; nodes are given by their mirror images here, so children run backwards.
template <bool Roomy>
class InverseTransform {
 public:
  CKKS_INLINE explicit InverseTransform(const NttTable& table)
      : modulus_(table.modulus()),
        ratio_(broadcast(table.modulus().radixRatio)),
        offsets_{modulus_.twice, _mm512_slli_epi64(modulus_.twice, 1), _mm512_slli_epi64(modulus_.twice, 2)},
        scale_{broadcast(table.scale().value), broadcast(table.scale().quotient)},
        scaledTwiddle_{broadcast(table.scaledTwiddle().value), broadcast(table.scaledTwiddle().quotient)},
        twiddles_(table) {}

  void run(Word* values, std::size_t n) const {
    if (n >= kRegisterBlock) {
      const int levelsAbove = std::countr_zero(n) - 6;
      if (levelsAbove == 0) {
        start<true>(values, 1);
      } else {
        ascend<true>(values, 1, levelsAbove);
      }
    } else {
      ascendSmall(values, n);
    }
  }

 private:
  static constexpr std::size_t kRegisterBlock = 64;

  /// `level` counts the levels since the words were last below 2q; roomy sums double in each.
  CKKS_INLINE void butterfly(Vector& a, Vector& b, const Twiddle& w, int level) const {
    const Vector sum = _mm512_add_epi64(a, b);
    const Vector difference = _mm512_add_epi64(_mm512_sub_epi64(b, a), offset(level));
    if constexpr (Roomy) {
      a = sum;
      b = modulus_.addProduct(_mm512_setzero_si512(), difference, w.value, w.quotient);
    } else {
      a = reduceOnce(sum, modulus_.twice);
      b = modulus_.multiplyLazy(difference, w.value, w.quotient);
    }
  }

  CKKS_INLINE Vector offset(int level) const { return Roomy ? offsets_[level] : modulus_.twice; }

  /// The first level with the factor 1 / N in both outputs, which become canonical.
  CKKS_INLINE void lastButterfly(Vector& a, Vector& b, int level) const {
    const Vector sum = _mm512_add_epi64(a, b);
    const Vector difference = _mm512_add_epi64(_mm512_sub_epi64(b, a), offset(level));
    a = reduceOnce(modulus_.multiplyLazy(sum, scale_.value, scale_.quotient), modulus_.value);
    b = reduceOnce(modulus_.multiplyLazy(difference, scaledTwiddle_.value, scaledTwiddle_.quotient), modulus_.value);
  }

  /// Back below 2q after up to three roomy levels: only sums have grown.
  CKKS_INLINE Vector settle(Vector sum) const {
    return Roomy ? addLow(sum, high(sum, ratio_), modulus_.negated) : sum;
  }

  /// The levels of a pass, from the smallest blocks up; `mirror` is the mirrored root of the pass.
  template <int Levels, bool Last>
  CKKS_INLINE void levels(Vector* v, std::size_t mirror) const {
    constexpr int size = 1 << Levels;
    for (int level = Levels - 1; level >= 0; --level) {
      const int half = size >> (level + 1);
      const int blocks = 1 << level;
      for (int block = 0; block < blocks; ++block) {
        const Twiddle w = twiddles_.node((mirror << level) + static_cast<std::size_t>(blocks - 1 - block));
        for (int i = 0; i < half; ++i) {
          Vector& a = v[2 * half * block + i];
          Vector& b = v[2 * half * block + half + i];
          if (Last && level == 0) {
            lastButterfly(a, b, Levels - 1);
          } else {
            butterfly(a, b, w, Levels - 1 - level);
          }
        }
      }
    }
    if constexpr (!Last) {
      for (int k = 0; k < size / 2; ++k) v[k] = settle(v[k]);
    }
  }

  template <int Levels, bool Last>
  [[gnu::noinline]] void pass(Word* values, std::size_t mirror, std::size_t part) const {
    constexpr int size = 1 << Levels;
    for (std::size_t i = 0; i < part; i += kLanes) {
      Vector v[size];
      for (int k = 0; k < size; ++k) v[k] = load(values + i + static_cast<std::size_t>(k) * part);
      levels<Levels, Last>(v, mirror);
      for (int k = 0; k < size; ++k) store(values + i + static_cast<std::size_t>(k) * part, v[k]);
    }
  }

  /// The levels of distance 1, 2 and 4 in 16 words; `mirror` is the second block's mirrored node, the lower index.
  CKKS_INLINE void startPair(Vector& a, Vector& b, std::size_t mirror) const {
    kFromMemory.apply(a, b);
    butterfly(a, b, twiddles_.template lanes<1>(4 * mirror), 0);
    kFromDistance1.apply(a, b);
    butterfly(a, b, twiddles_.template lanes<2>(2 * mirror), 1);
    kFromDistance2.apply(a, b);
    butterfly(a, b, twiddles_.template lanes<4>(mirror), 2);
    a = settle(a);
    kFromDistance4.apply(a, b);
  }

  template <bool Last>
  CKKS_INLINE void start(Word* values, std::size_t mirror) const {
    Vector v[8];
    for (std::size_t k = 0; k < 8; k += 2) {
      v[k] = load(values + k * kLanes);
      v[k + 1] = load(values + (k + 1) * kLanes);
      startPair(v[k], v[k + 1], 8 * mirror + 6 - k);
    }
    levels<3, Last>(v, mirror);
    for (std::size_t k = 0; k < 8; ++k) store(values + k * kLanes, v[k]);
  }

  /// A block of 2^(remaining + 6) words; `Last`: the whole ring.
  template <bool Last>
  void ascend(Word* values, std::size_t mirror, int remaining) const {
    if (remaining == 0) return start<false>(values, mirror);
    const int taken = levelsOfPass(remaining);
    const std::size_t part = kRegisterBlock << (remaining - taken);
    const std::size_t parts = std::size_t{1} << taken;
    for (std::size_t k = 0; k < parts; ++k) {
      ascend<false>(values + k * part, (mirror << taken) + parts - 1 - k, remaining - taken);
    }
    if (taken == 3) {
      pass<3, Last>(values, mirror, part);
    } else if (taken == 2) {
      pass<2, Last>(values, mirror, part);
    } else {
      pass<1, Last>(values, mirror, part);
    }
  }

  /// Rings of 16 and 32 words.
  void ascendSmall(Word* values, std::size_t n) const {
    for (std::size_t i = 0; i < n; i += 2 * kLanes) {
      Vector a = load(values + i);
      Vector b = load(values + i + kLanes);
      startPair(a, b, (2 * n - i) / kLanes - 2);
      store(values + i, a);
      store(values + i + kLanes, b);
    }
    if (n == 32) {
      pass<2, true>(values, 1, kLanes);
    } else {
      pass<1, true>(values, 1, kLanes);
    }
  }

  VectorModulus modulus_;
  Vector ratio_;
  Vector offsets_[3];  ///< 2q, 4q, 8q
  Twiddle scale_;
  Twiddle scaledTwiddle_;
  Twiddles twiddles_;
};

}  // namespace

void inverseNtt(Word* values, const NttTable& table) {
  if (table.modulus().bits <= kRoomyBits) {
    InverseTransform<true>(table).run(values, table.ringDimension());
  } else {
    InverseTransform<false>(table).run(values, table.ringDimension());
  }
}

}  // namespace ckks::avx512
