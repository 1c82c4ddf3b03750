#include "ckks/ring/avx2_bits.h"

#include <bit>
#include <cstring>

#include "ckks/ring/avx2_arithmetic.h"
#include "ckks/ring/scalar_bits.h"

// Eight words of b bits are exactly b bytes of the stream. Each 128-bit half of a vector takes two words from one load
// of 16 bytes: the second word's last byte is at most byte floor((7 + b) / 8) + 7 = 14.

namespace ckks::avx2 {
namespace {

/// Four of eight words: where their pairs' loads start, and how to bring each word to bit 0 of its lane.
class QuarterUnpacker {
 public:
  QuarterUnpacker(std::size_t firstWord, int bits) : mask_(broadcast((Word{1} << bits) - 1)) {
    alignas(32) std::uint8_t sources[32];
    alignas(32) Word shifts[kLanes];
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const std::size_t bit = (firstWord + lane) * static_cast<std::size_t>(bits);
      if (lane % 2 == 0) starts_[lane / 2] = bit / 8;
      shifts[lane] = bit % 8;
      for (std::size_t byte = 0; byte < 8; ++byte) {
        sources[8 * lane + byte] = static_cast<std::uint8_t>(bit / 8 - starts_[lane / 2] + byte);
      }
    }
    sources_ = _mm256_load_si256(reinterpret_cast<const __m256i*>(sources));
    shifts_ = load(shifts);
  }

  [[nodiscard]] CKKS_INLINE Vector read(const std::uint8_t* in) const {
    const __m128i low = _mm_loadu_si128(reinterpret_cast<const __m128i*>(in + starts_[0]));
    const __m128i high = _mm_loadu_si128(reinterpret_cast<const __m128i*>(in + starts_[1]));
    const Vector bytes = _mm256_shuffle_epi8(_mm256_set_m128i(high, low), sources_);
    return _mm256_and_si256(_mm256_srlv_epi64(bytes, shifts_), mask_);
  }

 private:
  std::size_t starts_[2];
  Vector sources_;
  Vector shifts_;
  Vector mask_;
};

/// Calls use(i, words) for each vector of the unpacked words.
template <typename Use>
CKKS_INLINE void forEachUnpacked(const std::uint8_t* in, std::size_t n, int bits, const Use& use) {
  const QuarterUnpacker low(0, bits);
  const QuarterUnpacker high(kLanes, bits);
  for (std::size_t i = 0; i < n; i += 2 * kLanes, in += bits) {
    use(i, low.read(in));
    use(i + kLanes, high.read(in));
  }
}

/// Four of eight words: each is stored as eight bytes, from the byte in which it starts, the first of which it shares
/// with the word before. The bytes after it belong to the next words, which are stored later.
class QuarterPacker {
 public:
  QuarterPacker(std::size_t firstWord, int bits) {
    alignas(32) Word shifts[kLanes];
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const std::size_t bit = (firstWord + lane) * static_cast<std::size_t>(bits);
      starts_[lane] = bit / 8;
      shifts[lane] = bit % 8;
    }
    shifts_ = load(shifts);
    previousShifts_ = _mm256_sub_epi64(broadcast(static_cast<Word>(bits)), shifts_);
  }

  CKKS_INLINE void write(std::uint8_t* out, Vector words, Vector previous) const {
    const Vector bytes =
        _mm256_or_si256(_mm256_sllv_epi64(words, shifts_), _mm256_srlv_epi64(previous, previousShifts_));
    alignas(32) Word stored[kLanes];
    store(stored, bytes);
#pragma GCC unroll 4
    for (std::size_t lane = 0; lane < kLanes; ++lane) std::memcpy(out + starts_[lane], &stored[lane], sizeof(Word));
  }

 private:
  std::size_t starts_[kLanes];
  Vector shifts_;
  Vector previousShifts_;
};

/// Unsigned comparison with a bound, which AVX2 only has signed.
class Bound {
 public:
  CKKS_INLINE explicit Bound(Word bound)
      : sign_(broadcast(Word{1} << 63)), bound_(_mm256_xor_si256(broadcast(bound), sign_)) {}

  /// One bit for each lane that is below.
  [[nodiscard]] CKKS_INLINE unsigned below(Vector words) const {
    const Vector less = _mm256_cmpgt_epi64(bound_, _mm256_xor_si256(words, sign_));
    return static_cast<unsigned>(_mm256_movemask_pd(_mm256_castsi256_pd(less)));
  }

 private:
  Vector sign_;
  Vector bound_;
};

}  // namespace

void packBits(std::uint8_t* out, const Word* in, std::size_t n, int bits) {
  constexpr std::size_t group = 2 * kLanes;
  constexpr std::size_t tail = 64;  // what scalar::packBits takes at least
  const QuarterPacker low(0, bits);
  const QuarterPacker high(kLanes, bits);
  std::size_t i = 0;
  // A group's last store writes past the group, so that the last words are left to exact stores.
  for (; i + tail < n; i += group, out += bits) {
    const Vector first = load(in + i);
    // The first word of a group starts with a byte: its predecessor is shifted out altogether.
    low.write(out, first, _mm256_permute4x64_epi64(first, 0x90));
    const Vector previous = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(in + i + kLanes - 1));
    high.write(out, load(in + i + kLanes), previous);
  }
  scalar::packBits(out, in + i, n - i, bits);
}

void unpackBits(Word* out, const std::uint8_t* in, std::size_t n, int bits) {
  forEachUnpacked(in, n, bits, [=](std::size_t i, Vector words) { store(out + i, words); });
}

bool allBelow(const Word* words, std::size_t n, Word bound) {
  const Bound limit(bound);
  unsigned below = 0xf;
  for (std::size_t i = 0; i < n; i += kLanes) below &= limit.below(load(words + i));
  return below == 0xf;
}

std::size_t maskAndCheck(Word* out, const std::uint8_t* random, std::size_t n, int bits, Word bound) {
  const Bound limit(bound);
  std::size_t below = 0;
  forEachUnpacked(random, n, bits, [&](std::size_t i, Vector words) {
    store(out + i, words);
    below += static_cast<std::size_t>(std::popcount(limit.below(words)));
  });
  return n - below;
}

}  // namespace ckks::avx2
