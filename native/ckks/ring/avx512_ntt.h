#pragma once

#include <array>
#include <cstddef>

#include "ckks/ring/avx512_arithmetic.h"
#include "ckks/ring/kernels.h"
#include "ckks/ring/ntt.h"

/// What the forward and the inverse AVX-512 transforms share.
///
/// The butterflies form a binary tree: node 1 is the first level's only block, node t's halves are the nodes 2t and
/// 2t + 1, and node t's twiddle factor is table entry t. A transform walks the tree depth first, up to four levels
/// to a pass over memory, down to blocks of 128 words; these stay in sixteen registers for their last seven levels.
///
/// Two ways of reduction: `strict` keeps words below 4q (forwards; 2q backwards) and serves every prime. `roomy`, for
/// primes with 64q < 2^52, lets them grow, computes modulo 2^52 throughout (bits above that are garbage that
/// multiplications ignore) and saves a third of the instructions.
namespace ckks::avx512 {

inline constexpr std::size_t kLanes = 8;
/// Most levels of one pass over memory: sixteen words in registers, one from each part of the block.
inline constexpr int kMaxPassLevels = 4;

/// Words that stay in registers for the seven smallest levels.
inline constexpr std::size_t kRegisterBlock = 128;
inline constexpr int kRegisterBlockBits = 7;

/// How many steps ahead a pass asks for words.
inline constexpr std::size_t kPrefetchedSteps = 4;

/// How many register blocks ahead twiddle factors are asked for.
inline constexpr std::size_t kPrefetchedBlocks = 4;

/// Largest primes of the roomy way.
inline constexpr int kRoomyBits = 46;

/// The functions of these names in Kernels.
void forwardNtt(Word* values, const NttTable& table);
void forwardNttPair(Word* first, Word* second, const NttTable& table, BlockVisitor& visitor);
void inverseNtt(Word* values, const NttTable& table);
void inverseNttPair(Word* out0, Word* out1, Word* first, Word* second, const NttTable& table, BlockVisitor& visitor);

/// The same place in one or two polynomials of a prime. Each block of the tree is done in both before the next one, so
/// that the twiddle factors, twice as many bytes as a polynomial, come from memory once.
class Rows {
 public:
  explicit Rows(Word* values) : rows_{values, nullptr}, count_(1) {}
  Rows(Word* first, Word* second) : rows_{first, second}, count_(2) {}

  [[nodiscard]] Word* const* begin() const { return rows_.data(); }
  [[nodiscard]] Word* const* end() const { return rows_.data() + count_; }
  [[nodiscard]] std::size_t count() const { return count_; }
  [[nodiscard]] Word* operator[](std::size_t row) const { return rows_[row]; }
  /// `offset` words further.
  [[nodiscard]] Rows from(std::size_t offset) const {
    Rows moved = *this;
    for (std::size_t i = 0; i < count_; ++i) moved.rows_[i] += offset;
    return moved;
  }

 private:
  std::array<Word*, 2> rows_;
  std::size_t count_;
};

/// How many levels the next pass takes of those above the register blocks. Sixteen parts only right above them: parts
/// of larger blocks lie on the same sets of an eight-way L1 cache.
constexpr int levelsOfPass(int remaining) {
  if (remaining <= kMaxPassLevels) return remaining;
  return remaining == 5 ? 2 : 3;
}

/// Which of 16 consecutive words are in which lanes of two registers: lane l of `low` is paired in a butterfly with
/// lane l of `high`.
struct PairLayout {
  std::array<int, kLanes> low;
  std::array<int, kLanes> high;
};

/// The butterflies of distance `half` (4, 2 or 1) within 16 words. Lane l belongs to block l mod (8 / half), forwards,
/// so that twiddle factors are whole cycles of consecutive table entries; to the mirrored block backwards, where the
/// table is walked in the opposite direction.
constexpr PairLayout pairLayout(int half, bool backwards) {
  PairLayout layout{};
  const int blocks = 8 / half;
  for (int lane = 0; lane < 8; ++lane) {
    const int block = backwards ? blocks - 1 - lane % blocks : lane % blocks;
    layout.low[static_cast<std::size_t>(lane)] = block * 2 * half + lane / blocks;
    layout.high[static_cast<std::size_t>(lane)] = block * 2 * half + lane / blocks + half;
  }
  return layout;
}

/// Words in memory order.
constexpr PairLayout memoryLayout() { return {{0, 1, 2, 3, 4, 5, 6, 7}, {8, 9, 10, 11, 12, 13, 14, 15}}; }

/// Indices for _mm512_permutex2var_epi64 that bring two registers from one layout to another.
struct alignas(64) Exchange {
  std::array<Word, kLanes> low;
  std::array<Word, kLanes> high;

  constexpr Exchange(const PairLayout& from, const PairLayout& to) : low{}, high{} {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      low[lane] = find(from, to.low[lane]);
      high[lane] = find(from, to.high[lane]);
    }
  }

  CKKS_INLINE void apply(Vector& a, Vector& b) const {
    const Vector first = _mm512_permutex2var_epi64(a, load(low.data()), b);
    b = _mm512_permutex2var_epi64(a, load(high.data()), b);
    a = first;
  }

 private:
  static constexpr Word find(const PairLayout& layout, int word) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      if (layout.low[lane] == word) return lane;
      if (layout.high[lane] == word) return kLanes + lane;
    }
    return 0;
  }
};

/// Brings `Pairs` pairs of registers to another layout.
template <std::size_t Pairs>
CKKS_INLINE void exchange(Vector* v, const Exchange& how) {
#pragma GCC unroll 8
  for (std::size_t k = 0; k < Pairs; ++k) how.apply(v[2 * k], v[2 * k + 1]);
}

/// One vector from each of `Size` parts of a block.
template <std::size_t Size>
struct Registers {
  Vector v[Size];

  CKKS_INLINE Registers(const Word* words, std::size_t part) {
#pragma GCC unroll 16
    for (std::size_t k = 0; k < Size; ++k) v[k] = load(words + k * part);
  }

  /// Asks for the vectors of a pass's later steps: too many streams for the hardware to follow.
  static CKKS_INLINE void prefetchNext(const Word* words, std::size_t part) {
#pragma GCC unroll 16
    for (std::size_t k = 0; k < Size; ++k) __builtin_prefetch(words + k * part + kPrefetchedSteps * kLanes);
  }

  CKKS_INLINE void storeTo(Word* words, std::size_t part) const {
#pragma GCC unroll 16
    for (std::size_t k = 0; k < Size; ++k) store(words + k * part, v[k]);
  }

  CKKS_INLINE void streamTo(Word* words, std::size_t part) const {
#pragma GCC unroll 16
    for (std::size_t k = 0; k < Size; ++k) stream(words + k * part, v[k]);
  }
};

/// A twiddle factor for each lane and its quotient.
struct Twiddle {
  Vector value;
  Vector quotient;
};

class Twiddles {
 public:
  CKKS_INLINE explicit Twiddles(const NttTable& table) : values_(table.twiddles()), quotients_(table.quotients()) {}

  /// One node's factor in all lanes.
  [[nodiscard]] CKKS_INLINE Twiddle node(std::size_t index) const {
    return {broadcast(values_[index]), broadcast(quotients_[index])};
  }

  /// The factors of the butterflies of distance `Half` in 16 words, from table entry `index`.
  template <int Half>
  [[nodiscard]] CKKS_INLINE Twiddle lanes(std::size_t index) const {
    return {cycle<Half>(values_ + index), cycle<Half>(quotients_ + index)};
  }

  /// Asks for the factors of the three smallest levels of the register block at a node: most of a table.
  CKKS_INLINE void prefetch(std::size_t node) const {
    constexpr std::size_t lineWords = kAlignmentBytes / sizeof(Word);
    constexpr std::size_t parts = kRegisterBlock / kLanes;
#pragma GCC unroll 3
    for (std::size_t words = parts; words <= 4 * parts; words *= 2) {
#pragma GCC unroll 8
      for (std::size_t i = 0; i < words; i += lineWords) {
        __builtin_prefetch(values_ + node * words + i);
        __builtin_prefetch(quotients_ + node * words + i);
      }
    }
  }

 private:
  template <int Half>
  static CKKS_INLINE Vector cycle(const Word* words) {
    if constexpr (Half == 4) {
      return _mm512_broadcast_i64x2(_mm_load_si128(reinterpret_cast<const __m128i*>(words)));
    } else if constexpr (Half == 2) {
      return _mm512_broadcast_i64x4(_mm256_load_si256(reinterpret_cast<const __m256i*>(words)));
    } else {
      return load(words);
    }
  }

  const Word* values_;
  const Word* quotients_;
};

}  // namespace ckks::avx512
