#include "ckks/client/key_generator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "ckks/ring/automorphism.h"
#include "ckks/ring/kernels.h"
#include "support/noise.h"
#include "support/party.h"

namespace ckks {
namespace {

/// At a limb in extended order, element i, evaluation form.
using SecretAt = std::function<Word(std::size_t limb, std::size_t i)>;

/// Decrypts every row of a key: first + second target - P source (the last only modulo the digit's own primes) must be
/// one small polynomial for each digit, the same modulo every prime.
class KeyChecker {
 public:
  explicit KeyChecker(const Party& party) : parameters_(*party.parameters()) {}

  void expectGadget(const KeyFile& key, const SecretAt& source, const SecretAt& target) const {
    for (std::size_t digit = 0; digit < key.header().digits; ++digit) {
      const std::vector<std::int64_t> error = errorAt(key, digit, 0, source, target);
      double squares = 0;
      for (const std::int64_t value : error) {
        ASSERT_LE(std::abs(value), 20) << "digit " << digit;
        squares += static_cast<double>(value * value);
      }
      EXPECT_NEAR(std::sqrt(squares / static_cast<double>(error.size())), 3.19, 0.4);
      for (const std::size_t limb : limbsOf(key)) {
        EXPECT_EQ(errorAt(key, digit, limb, source, target), error) << "digit " << digit << ", limb " << limb;
      }
    }
  }

 private:
  [[nodiscard]] std::vector<std::size_t> limbsOf(const KeyFile& key) const {
    std::vector<std::size_t> limbs;
    for (std::size_t limb = 0; limb <= static_cast<std::size_t>(key.header().level); ++limb) limbs.push_back(limb);
    for (std::size_t k = 0; k < key.header().specialPrimes; ++k) limbs.push_back(parameters_.specialLimb(k));
    return limbs;
  }

  [[nodiscard]] std::vector<std::int64_t> errorAt(const KeyFile& key, std::size_t digit, std::size_t limb,
                                                  const SecretAt& source, const SecretAt& target) const {
    const std::size_t n = parameters_.ringDimension();
    const Modulus& modulus = parameters_.modulus(limb);
    AlignedWords first(n);
    AlignedWords second(n);
    RandomStream stream(key.header().seed, KeyFile::kUniformDomain);
    std::vector<std::uint8_t> scratch(KeyFile::scratchBytes(n));
    key.read(first.data(), second.data(), limb, digit, 0, n, stream, scratch);
    Word gadget = 0;
    if (limb < parameters_.specialLimb(0) && parameters_.digitOf(limb) == digit) {
      gadget = 1;
      for (std::size_t k = 0; k < parameters_.specialCount(); ++k) {
        gadget = modulus.multiply(gadget, modulus.reduce(parameters_.modulus(parameters_.specialLimb(k)).value));
      }
    }
    for (std::size_t i = 0; i < n; ++i) {
      const Word decrypted = modulus.add(first[i], modulus.multiply(second[i], target(limb, i)));
      first[i] = modulus.subtract(decrypted, modulus.multiply(gadget, source(limb, i)));
    }
    kernels().inverseNtt(first.data(), parameters_.table(limb));
    std::vector<std::int64_t> error(n);
    for (std::size_t i = 0; i < n; ++i) {
      error[i] = first[i] > modulus.value / 2 ? -static_cast<std::int64_t>(modulus.value - first[i])
                                              : static_cast<std::int64_t>(first[i]);
    }
    return error;
  }

  const Parameters& parameters_;
};

class KeyGeneratorTest : public testing::TestWithParam<int> {
 protected:
  Party party_{testLiteral(1024, 4, GetParam())};
  KeyChecker checker_{party_};
  SecretAt secret_ = [this](std::size_t limb, std::size_t i) { return party_.secret()->main().limb(limb)[i]; };
};

TEST_P(KeyGeneratorTest, RelinearizationKeysSwitchFromTheSquare) {
  const SecretAt square = [this](std::size_t limb, std::size_t i) {
    return party_.parameters()->modulus(limb).multiply(secret_(limb, i), secret_(limb, i));
  };
  for (const int level : {4, 2, 0}) checker_.expectGadget(party_.addRelinearization(level), square, secret_);
}

TEST_P(KeyGeneratorTest, RotationKeysSwitchFromTheRotatedSecret) {
  for (const long step : {1L, -3L}) {
    const KeyFile& key = party_.addRotation(step, 3);
    const Automorphism automorphism(1024, key.header().galoisElement);
    const SecretAt rotated = [&](std::size_t limb, std::size_t i) { return secret_(limb, automorphism.source(i)); };
    checker_.expectGadget(key, rotated, secret_);
  }
}

TEST_P(KeyGeneratorTest, TheRingSwitchKeySwitchesToTheEmbeddedResultSecret) {
  const SecretAt embedded = [this](std::size_t limb, std::size_t i) {
    return party_.secret()->embeddedResult().limb(limb)[i];
  };
  const KeyFile& key = party_.addRingSwitch();
  EXPECT_EQ(key.header().specialPrimes, 1u);
  checker_.expectGadget(key, secret_, embedded);
}

TEST_P(KeyGeneratorTest, PublicKeysEncryptZero) {
  const SecretAt none = [](std::size_t, std::size_t) { return Word{0}; };
  for (const int level : {4, 1, 0}) {
    const std::string path = party_.folder().path("public" + std::to_string(level));
    party_.generator().publicKey(path, level);
    const KeyFile key(party_.parameters(), File::openForReading(path));
    EXPECT_EQ(key.header().digits, 1u);
    EXPECT_EQ(key.header().specialPrimes, 0u);
    checker_.expectGadget(key, none, secret_);
  }
}

INSTANTIATE_TEST_SUITE_P(DigitPrimes, KeyGeneratorTest, testing::Values(5, 3, 2));

TEST(KeyGeneratorFilesTest, SizesAreAsPredictedAndRandomnessIsFresh) {
  Party party(testLiteral(1024, 4, 3));
  const KeyFile& first = party.addRotation(1, 4);
  const Seed firstSeed = first.header().seed;
  const std::uint64_t predicted =
      keyFileBytes(*party.parameters(), 4, first.header().digits, first.header().specialPrimes);
  EXPECT_EQ(std::filesystem::file_size(first.path()), predicted);
  const KeyFile& second = party.addRotation(1, 4);
  EXPECT_FALSE(std::ranges::equal(firstSeed.bytes(), second.header().seed.bytes()));
}

TEST(RotationElementTest, IsThePowerOfFiveOfTheStepModuloTheSlots) {
  EXPECT_EQ(rotationElement(1024, 0), 1u);
  EXPECT_EQ(rotationElement(1024, 1), 5u);
  EXPECT_EQ(rotationElement(1024, 5), 3125u % 2048);
  EXPECT_EQ(rotationElement(1024, -1) * 5 % 2048, 1u);
  EXPECT_EQ(rotationElement(1024, 512), 1u);
  EXPECT_EQ(rotationElement(1024, 513), 5u);
}

}  // namespace
}  // namespace ckks
