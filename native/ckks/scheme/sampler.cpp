#include "ckks/scheme/sampler.h"

#include <array>
#include <cmath>
#include <cstring>
#include <vector>

#include "ckks/random/secure_memory.h"
#include "ckks/ring/kernels.h"

namespace ckks {
namespace {

// Candidates for the i-th element's replacement start at kReplacementOffset + 64 i; 8 tries of 8 bytes.
constexpr std::uint64_t kReplacementOffset = std::uint64_t{1} << 32;
constexpr int kReplacementTries = 8;

constexpr int kTail = 20;  // 6.3 deviations

// thresholds[k]: probability that |error| > k, scaled to 2^63.
std::array<std::uint64_t, kTail> errorThresholds() {
  std::array<long double, kTail + 1> weight{};
  long double total = 0;
  for (int k = 0; k <= kTail; ++k) {
    const long double x = static_cast<long double>(k) / kErrorDeviation;
    weight[static_cast<std::size_t>(k)] = std::exp(-x * x / 2) * (k == 0 ? 1 : 2);
    total += weight[static_cast<std::size_t>(k)];
  }
  std::array<std::uint64_t, kTail> thresholds{};
  long double tail = 0;
  for (int k = kTail; k > 0; --k) {
    tail += weight[static_cast<std::size_t>(k)];
    thresholds[static_cast<std::size_t>(k - 1)] = static_cast<std::uint64_t>(tail / total * 0x1p63L);
  }
  return thresholds;
}

std::vector<std::uint64_t> randomWords(std::size_t count, RandomStream& stream, std::uint32_t streamIndex) {
  std::vector<std::uint64_t> words(count);
  stream.read(streamIndex, 0, {reinterpret_cast<std::uint8_t*>(words.data()), 8 * count});
  return words;
}

Word replacement(RandomStream& stream, std::uint32_t streamIndex, std::size_t element, const Modulus& modulus) {
  std::array<std::uint64_t, kReplacementTries> candidates;
  stream.read(streamIndex, kReplacementOffset + 64 * element,
              {reinterpret_cast<std::uint8_t*>(candidates.data()), sizeof candidates});
  const Word mask = (Word{1} << modulus.bits) - 1;
  for (std::uint64_t candidate : candidates) {
    if ((candidate & mask) < modulus.value) return candidate & mask;
  }
  // All eight rejected: below 2^-8 even for a modulus just above a power of two, below 2^-100 for the primes in use.
  return modulus.reduce(static_cast<Word>(candidates[0]));
}

}  // namespace

std::size_t uniformScratchBytes(std::size_t count, const Modulus& modulus) {
  return count * static_cast<std::size_t>(modulus.bits) / 8 + kPackedPaddingBytes;
}

void sampleUniform(std::span<Word> out, RandomStream& stream, std::uint32_t streamIndex, std::size_t begin,
                   const Modulus& modulus, std::span<std::uint8_t> scratch) {
  const std::size_t bytes = out.size() * static_cast<std::size_t>(modulus.bits) / 8;
  stream.read(streamIndex, begin * static_cast<std::size_t>(modulus.bits) / 8, scratch.first(bytes));
  const std::size_t rejected =
      kernels().maskAndCheck(out.data(), scratch.data(), out.size(), modulus.bits, modulus.value);
  if (rejected == 0) return;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (out[i] >= modulus.value) out[i] = replacement(stream, streamIndex, begin + i, modulus);
  }
}

void sampleTernary(std::span<std::int64_t> out, RandomStream& stream, std::uint32_t streamIndex) {
  std::vector<std::uint64_t> words = randomWords(out.size(), stream, streamIndex);
  const WipeOnExit<std::uint64_t> wipeWords(words);
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = static_cast<std::int64_t>((static_cast<Word128>(words[i]) * 3) >> 64) - 1;
  }
}

void sampleError(std::span<std::int64_t> out, RandomStream& stream, std::uint32_t streamIndex) {
  static const std::array<std::uint64_t, kTail> thresholds = errorThresholds();
  std::vector<std::uint64_t> words = randomWords(out.size(), stream, streamIndex);
  const WipeOnExit<std::uint64_t> wipeWords(words);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::uint64_t uniform = words[i] >> 1;
    std::int64_t magnitude = 0;
    for (std::uint64_t threshold : thresholds) magnitude += uniform < threshold ? 1 : 0;
    const std::int64_t sign = static_cast<std::int64_t>(words[i] & 1);
    out[i] = (magnitude ^ -sign) + sign;
  }
}

}  // namespace ckks
