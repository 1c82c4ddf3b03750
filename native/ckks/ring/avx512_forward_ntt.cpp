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
class ForwardTransform {
 public:
  CKKS_INLINE explicit ForwardTransform(const NttTable& table)
      : modulus_(table.modulus()), ratio_(broadcast(table.modulus().radixRatio)), twiddles_(table) {}

  void run(Word* values, std::size_t n) const {
    if (n >= kRegisterBlock) {
      descend(values, 1, std::countr_zero(n) - 6);
    } else {
      descendSmall(values, n);
    }
  }

 private:
  static constexpr std::size_t kRegisterBlock = 64;

  CKKS_INLINE void butterfly(Vector& a, Vector& b, const Twiddle& w) const {
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

  CKKS_INLINE Vector canonical(Vector a) const {
    if constexpr (Roomy) {
      const Vector remainder = addLow(a, high(a, ratio_), modulus_.negated);
      return reduceOnce(_mm512_and_si512(remainder, modulus_.mask), modulus_.value);
    } else {
      return modulus_.canonical(a);
    }
  }

  /// `Levels` levels of node `node` over v[0 .. 2^Levels), each register a different part of its block.
  template <int Levels>
  CKKS_INLINE void levels(Vector* v, std::size_t node) const {
    constexpr int size = 1 << Levels;
    for (int level = 0; level < Levels; ++level) {
      const int half = size >> (level + 1);
      for (int block = 0; block < 1 << level; ++block) {
        const Twiddle w = twiddles_.node((node << level) + static_cast<std::size_t>(block));
        for (int i = 0; i < half; ++i) butterfly(v[2 * half * block + i], v[2 * half * block + half + i], w);
      }
    }
  }

  template <int Levels>
  [[gnu::noinline]] void pass(Word* values, std::size_t node, std::size_t part) const {
    constexpr int size = 1 << Levels;
    for (std::size_t i = 0; i < part; i += kLanes) {
      Vector v[size];
      for (int k = 0; k < size; ++k) v[k] = load(values + i + static_cast<std::size_t>(k) * part);
      levels<Levels>(v, node);
      for (int k = 0; k < size; ++k) store(values + i + static_cast<std::size_t>(k) * part, v[k]);
    }
  }

  /// The last three levels of 16 words; `node` is the first one of the two blocks of eight.
  CKKS_INLINE void finishPair(Vector& a, Vector& b, std::size_t node) const {
    kToDistance4.apply(a, b);
    butterfly(a, b, twiddles_.template lanes<4>(node));
    kToDistance2.apply(a, b);
    butterfly(a, b, twiddles_.template lanes<2>(2 * node));
    kToDistance1.apply(a, b);
    butterfly(a, b, twiddles_.template lanes<1>(4 * node));
    a = canonical(a);
    b = canonical(b);
    kToMemory.apply(a, b);
  }

  CKKS_INLINE void finish(Word* values, std::size_t node) const {
    Vector v[8];
    for (std::size_t k = 0; k < 8; ++k) v[k] = load(values + k * kLanes);
    levels<3>(v, node);
    for (std::size_t k = 0; k < 8; k += 2) {
      finishPair(v[k], v[k + 1], 8 * node + k);
      store(values + k * kLanes, v[k]);
      store(values + (k + 1) * kLanes, v[k + 1]);
    }
  }

  /// A block of 2^(remaining + 6) words.
  void descend(Word* values, std::size_t node, int remaining) const {
    if (remaining == 0) return finish(values, node);
    const int taken = levelsOfPass(remaining);
    const std::size_t part = kRegisterBlock << (remaining - taken);
    if (taken == 3) {
      pass<3>(values, node, part);
    } else if (taken == 2) {
      pass<2>(values, node, part);
    } else {
      pass<1>(values, node, part);
    }
    const std::size_t parts = std::size_t{1} << taken;
    for (std::size_t k = 0; k < parts; ++k) descend(values + k * part, (node << taken) + k, remaining - taken);
  }

  /// Rings of 16 and 32 words.
  void descendSmall(Word* values, std::size_t n) const {
    if (n == 32) {
      pass<2>(values, 1, kLanes);
    } else {
      pass<1>(values, 1, kLanes);
    }
    for (std::size_t i = 0; i < n; i += 2 * kLanes) {
      Vector a = load(values + i);
      Vector b = load(values + i + kLanes);
      finishPair(a, b, (n + i) / kLanes);
      store(values + i, a);
      store(values + i + kLanes, b);
    }
  }

  VectorModulus modulus_;
  Vector ratio_;
  Twiddles twiddles_;
};

}  // namespace

void forwardNtt(Word* values, const NttTable& table) {
  if (table.modulus().bits <= kRoomyBits) {
    ForwardTransform<true>(table).run(values, table.ringDimension());
  } else {
    ForwardTransform<false>(table).run(values, table.ringDimension());
  }
}

}  // namespace ckks::avx512
