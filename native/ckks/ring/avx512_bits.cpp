#include "ckks/ring/avx512_bits.h"

#include <bit>

#include "ckks/ring/avx512_arithmetic.h"

// Eight words of b bits are exactly b bytes of the stream: a vector of words is one run of at most 50 bytes. Word l
// starts at bit l b, in byte floor(l b / 8), and ends within eight bytes of it since 7 + 50 < 64.

namespace ckks::avx512 {
namespace {

constexpr std::size_t kLanes = 8;

/// The shift of each lane's word within its first byte.
Vector laneShifts(int bits) {
  alignas(64) Word shifts[kLanes];
  for (std::size_t lane = 0; lane < kLanes; ++lane) shifts[lane] = lane * static_cast<std::size_t>(bits) % 8;
  return load(shifts);
}

Vector loadBytes(const std::uint8_t (&bytes)[64]) { return _mm512_load_si512(bytes); }

class Unpacker {
 public:
  explicit Unpacker(int bits)
      : bytes_(static_cast<std::size_t>(bits)),
        present_((__mmask64{1} << bits) - 1),
        shifts_(laneShifts(bits)),
        mask_(broadcast((Word{1} << bits) - 1)) {
    alignas(64) std::uint8_t sources[64];
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      for (std::size_t byte = 0; byte < 8; ++byte) {
        sources[8 * lane + byte] = static_cast<std::uint8_t>(lane * bytes_ / 8 + byte);
      }
    }
    sources_ = loadBytes(sources);
  }

  /// Bytes of eight words.
  [[nodiscard]] CKKS_INLINE std::size_t bytes() const { return bytes_; }

  [[nodiscard]] CKKS_INLINE Vector read(const std::uint8_t* in) const {
    const Vector spread = _mm512_permutexvar_epi8(sources_, _mm512_maskz_loadu_epi8(present_, in));
    return _mm512_and_si512(_mm512_srlv_epi64(spread, shifts_), mask_);
  }

 private:
  std::size_t bytes_;
  __mmask64 present_;
  Vector shifts_;
  Vector mask_;
  Vector sources_;
};

/// Every byte of the run has bits of one word or of two neighbouring ones (b >= 8): two byte permutations, combined.
class Packer {
 public:
  explicit Packer(int bits)
      : bytes_(static_cast<std::size_t>(bits)), present_((__mmask64{1} << bits) - 1), shifts_(laneShifts(bits)) {
    alignas(64) std::uint8_t lowSources[64] = {};
    alignas(64) std::uint8_t highSources[64] = {};
    for (std::size_t byte = 0; byte < bytes_; ++byte) {
      const std::size_t first = 8 * byte / bytes_;
      const std::size_t last = (8 * byte + 7) / bytes_;
      lowSources[byte] = source(first, byte);
      if (last != first) {
        highSources[byte] = source(last, byte);
        shared_ |= __mmask64{1} << byte;
      }
    }
    lowSources_ = loadBytes(lowSources);
    highSources_ = loadBytes(highSources);
  }

  [[nodiscard]] CKKS_INLINE std::size_t bytes() const { return bytes_; }

  CKKS_INLINE void write(std::uint8_t* out, Vector words) const {
    const Vector shifted = _mm512_sllv_epi64(words, shifts_);
    const Vector low = _mm512_permutexvar_epi8(lowSources_, shifted);
    const Vector high = _mm512_maskz_permutexvar_epi8(shared_, highSources_, shifted);
    _mm512_mask_storeu_epi8(out, present_, _mm512_or_si512(low, high));
  }

 private:
  /// The byte of the shifted word `lane` that goes to byte `byte` of the run.
  [[nodiscard]] std::uint8_t source(std::size_t lane, std::size_t byte) const {
    return static_cast<std::uint8_t>(8 * lane + byte - lane * bytes_ / 8);
  }

  std::size_t bytes_;
  __mmask64 present_;
  __mmask64 shared_ = 0;
  Vector shifts_;
  Vector lowSources_;
  Vector highSources_;
};

}  // namespace

void packBits(std::uint8_t* out, const Word* in, std::size_t n, int bits) {
  const Packer packer(bits);
  for (std::size_t i = 0; i < n; i += kLanes, out += packer.bytes()) packer.write(out, load(in + i));
}

void unpackBits(Word* out, const std::uint8_t* in, std::size_t n, int bits) {
  const Unpacker unpacker(bits);
  for (std::size_t i = 0; i < n; i += kLanes, in += unpacker.bytes()) store(out + i, unpacker.read(in));
}

bool allBelow(const Word* words, std::size_t n, Word bound) {
  const Vector limit = broadcast(bound);
  __mmask8 exceeding = 0;
  for (std::size_t i = 0; i < n; i += kLanes) {
    exceeding = static_cast<__mmask8>(exceeding | _mm512_cmpge_epu64_mask(load(words + i), limit));
  }
  return exceeding == 0;
}

std::size_t maskAndCheck(Word* out, const std::uint8_t* random, std::size_t n, int bits, Word bound) {
  const Unpacker unpacker(bits);
  const Vector limit = broadcast(bound);
  // Counted by lane: moving masks to general registers would take longer than the unpacking.
  Vector rejected = _mm512_setzero_si512();
#pragma GCC unroll 4
  for (std::size_t i = 0; i < n; i += kLanes, random += unpacker.bytes()) {
    const Vector words = unpacker.read(random);
    store(out + i, words);
    rejected = _mm512_mask_add_epi64(rejected, _mm512_cmpge_epu64_mask(words, limit), rejected, broadcast(1));
  }
  return static_cast<std::size_t>(_mm512_reduce_add_epi64(rejected));
}

}  // namespace ckks::avx512
