#include "ckks/scheme/sampler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <vector>

#include "ckks/ring/aligned.h"
#include "ckks/ring/primes.h"

namespace ckks {
namespace {

constexpr std::size_t kCount = std::size_t{1} << 16;

RandomStream streamOf(std::uint8_t seed) {
  std::array<std::uint8_t, Seed::kBytes> bytes{};
  bytes[0] = seed;
  return {Seed(bytes), "sampler test"};
}

AlignedWords uniform(const Modulus& modulus, std::size_t begin, std::size_t count, std::uint32_t streamIndex = 0) {
  RandomStream stream = streamOf(1);
  AlignedWords out(count);
  std::vector<std::uint8_t> scratch(uniformScratchBytes(count, modulus));
  sampleUniform({out.data(), count}, stream, streamIndex, begin, modulus, scratch);
  return out;
}

/// The first values of stream 3 of the seed 0, 1, ... 31 and the domain "known answer".
RandomStream knownStream() {
  std::array<std::uint8_t, Seed::kBytes> bytes;
  std::iota(bytes.begin(), bytes.end(), std::uint8_t{0});
  return {Seed(bytes), "known answer"};
}

/// A prime just below 2^50, which rejects nearly nothing, and numbers just above 2^40 and 2^20, which reject half.
std::vector<Modulus> moduli() {
  return {Modulus(primesBelow(50, 1, 1024, {}).front()), Modulus((Word{1} << 40) + 15), Modulus((Word{1} << 20) + 7)};
}

TEST(UniformSamplerTest, FillsTheRangeEvenly) {
  for (const Modulus& modulus : moduli()) {
    SCOPED_TRACE(modulus.value);
    const AlignedWords values = uniform(modulus, 0, kCount);
    constexpr std::size_t kCells = 16;
    std::array<double, kCells> cells{};
    double sum = 0;
    for (std::size_t i = 0; i < kCount; ++i) {
      ASSERT_LT(values[i], modulus.value);
      const double share = static_cast<double>(values[i]) / static_cast<double>(modulus.value);
      sum += share;
      cells[static_cast<std::size_t>(share * kCells)] += 1;
    }
    // The mean of n values uniform in [0, 1) has deviation sqrt(1 / 12 n): 2^-9.8 here.
    EXPECT_NEAR(sum / kCount, 0.5, 5 * std::sqrt(1.0 / (12 * kCount)));
    double chiSquare = 0;
    const double expected = static_cast<double>(kCount) / kCells;
    for (const double cell : cells) chiSquare += (cell - expected) * (cell - expected) / expected;
    EXPECT_LT(chiSquare, 44.3);  // 15 degrees of freedom, probability 10^-4
  }
}

// Here and below: computed by a program of its own, from AES-256-CTR and the definitions in sampler.h. Of these 24
// candidates of 21 bits 13 are refused and replaced.
TEST(UniformSamplerTest, GivesTheKnownAnswers) {
  RandomStream stream = knownStream();
  const Modulus modulus((Word{1} << 20) + 7);
  AlignedWords values(128);
  std::vector<std::uint8_t> scratch(uniformScratchBytes(values.size(), modulus));
  sampleUniform({values.data(), values.size()}, stream, 3, 0, modulus, scratch);
  const std::vector<Word> known = {272938, 25984,  301070, 420371, 635922, 287130, 682733, 805194,
                                   635536, 148030, 136182, 992152, 391413, 10945,  865924, 876193,
                                   577349, 718641, 725978, 975288, 280624, 566357, 326410, 487731};
  EXPECT_TRUE(std::equal(known.begin(), known.end(), values.data()));
}

TEST(UniformSamplerTest, DoesNotDependOnTheRangeAskedFor) {
  constexpr std::size_t kWhole = 2048;
  for (const Modulus& modulus : moduli()) {
    SCOPED_TRACE(modulus.value);
    const AlignedWords whole = uniform(modulus, 0, kWhole);
    for (const std::size_t block : {std::size_t{128}, std::size_t{256}, std::size_t{1024}}) {
      for (std::size_t begin = 0; begin < kWhole; begin += block) {
        const AlignedWords part = uniform(modulus, begin, block);
        ASSERT_TRUE(std::equal(part.data(), part.data() + block, whole.data() + begin)) << begin << " " << block;
      }
    }
  }
}

TEST(UniformSamplerTest, StreamsDiffer) {
  const Modulus modulus = moduli().front();
  const AlignedWords first = uniform(modulus, 0, 128, 0);
  const AlignedWords second = uniform(modulus, 0, 128, 1);
  EXPECT_FALSE(std::equal(first.data(), first.data() + 128, second.data()));
}

TEST(TernarySamplerTest, TakesThreeValuesEquallyOften) {
  RandomStream stream = streamOf(2);
  std::vector<std::int64_t> values(kCount);
  sampleTernary(values, stream, 0);
  std::map<std::int64_t, std::size_t> counts;
  for (const std::int64_t value : values) ++counts[value];
  ASSERT_EQ(counts.size(), 3u);
  const double deviation = std::sqrt(kCount * (1.0 / 3) * (2.0 / 3));
  for (const std::int64_t value : {-1, 0, 1}) {
    EXPECT_NEAR(static_cast<double>(counts[value]), kCount / 3.0, 5 * deviation) << value;
  }
}

TEST(TernarySamplerTest, GivesTheKnownAnswers) {
  RandomStream stream = knownStream();
  std::vector<std::int64_t> values(32);
  sampleTernary(values, stream, 3);
  EXPECT_EQ(values, (std::vector<std::int64_t>{1, -1, 1, 0, 1,  0,  0,  -1, 0, 1, -1, 1, 1, -1, 1,  1,
                                               0, -1, 0, 0, -1, -1, -1, 0,  1, 1, 0,  0, 1, -1, -1, 1}));
}

TEST(ErrorSamplerTest, GivesTheKnownAnswers) {
  RandomStream stream = knownStream();
  std::vector<std::int64_t> values(32);
  sampleError(values, stream, 3);
  EXPECT_EQ(values, (std::vector<std::int64_t>{1, 3,  -1, -3, -1, 3,  -1, 6, 3, -1, -4, -1, 1, 4,  0,  -1,
                                               2, -4, -2, 3,  4,  -4, -5, 2, 0, 0,  3,  -3, 0, -6, -4, 0}));
}

TEST(ErrorSamplerTest, FollowsTheDiscreteGaussian) {
  RandomStream stream = streamOf(3);
  std::vector<std::int64_t> values(kCount);
  sampleError(values, stream, 0);
  std::map<std::int64_t, std::size_t> counts;
  double squares = 0;
  for (const std::int64_t value : values) {
    ++counts[value];
    squares += static_cast<double>(value * value);
  }
  // The sample variance of a Gaussian has relative deviation sqrt(2 / n).
  const double variance = kErrorDeviation * kErrorDeviation;
  EXPECT_NEAR(squares / kCount, variance, 5 * variance * std::sqrt(2.0 / kCount));
  EXPECT_LE(counts.rbegin()->first, 20);
  EXPECT_GE(counts.begin()->first, -20);

  double total = 0;
  for (int k = -20; k <= 20; ++k) total += std::exp(-k * k / (2 * variance));
  for (int k = -12; k <= 12; ++k) {
    const double expected = kCount * std::exp(-k * k / (2 * variance)) / total;
    EXPECT_NEAR(static_cast<double>(counts[k]), expected, 5 * std::sqrt(expected) + 1) << k;
  }
}

TEST(ErrorSamplerTest, StreamsDiffer) {
  RandomStream stream = streamOf(4);
  std::vector<std::int64_t> first(256);
  std::vector<std::int64_t> second(256);
  sampleError(first, stream, 0);
  sampleError(second, stream, 1);
  EXPECT_NE(first, second);
}

}  // namespace
}  // namespace ckks
