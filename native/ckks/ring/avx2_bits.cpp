#include "ckks/ring/avx2_bits.h"

#include <bit>

#include "ckks/ring/avx2_arithmetic.h"

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

/// Unsigned comparison with a bound, which AVX2 only has signed.
class Bound {
 public:
  CKKS_INLINE explicit Bound(Word bound) : sign_(broadcast(Word{1} << 63)), bound_(_mm256_xor_si256(broadcast(bound), sign_)) {}

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
