#include "ckks/scheme/sampler.h"

#include <array>

#include "ckks/random/secret_buffer.h"
#include "ckks/ring/kernels.h"

namespace ckks {
namespace {

// Candidates for the i-th element's replacement start at kReplacementOffset + 64 i; 8 tries of 8 bytes.
constexpr std::uint64_t kReplacementOffset = std::uint64_t{1} << 32;
constexpr int kReplacementTries = 8;

/// kErrorThresholds[k]: the probability that |error| > k, times 2^63 and rounded down. An error of size k has the
/// weight exp(-k^2 / (2 3.19^2)), sizes above 20 (6.3 deviations, 2^-33 of all) none.
/// test/native/error-thresholds.test.ts computes them anew.
constexpr std::array<std::uint64_t, 20> kErrorThresholds = {
    8069894584259223706, 5873551605679423446, 3978228206926364637, 2495749043800944459, 1444716941847451489,
    769310072204764450,  375907608284200888,  168210338773268105,  68819442236138126,   25708795457371641,
    8759775994097081,    2719918001136833,    769036069022671,     197876634632880,     46309223522219,
    9852601984797,       1904395949874,       333729661094,        52396556916,         6721419439,
};

SecretBuffer<std::uint64_t> randomWords(std::size_t count, RandomStream& stream, std::uint32_t streamIndex) {
  SecretBuffer<std::uint64_t> words(count);
  stream.read(streamIndex, 0, {reinterpret_cast<std::uint8_t*>(words.data()), words.bytes()});
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
  const SecretBuffer<std::uint64_t> words = randomWords(out.size(), stream, streamIndex);
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = static_cast<std::int64_t>((static_cast<Word128>(words[i]) * 3) >> 64) - 1;
  }
}

void sampleError(std::span<std::int64_t> out, RandomStream& stream, std::uint32_t streamIndex) {
  const SecretBuffer<std::uint64_t> words = randomWords(out.size(), stream, streamIndex);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::uint64_t uniform = words[i] >> 1;
    std::int64_t magnitude = 0;
    for (std::uint64_t threshold : kErrorThresholds) magnitude += uniform < threshold ? 1 : 0;
    const std::int64_t sign = static_cast<std::int64_t>(words[i] & 1);
    out[i] = (magnitude ^ -sign) + sign;
  }
}

}  // namespace ckks
