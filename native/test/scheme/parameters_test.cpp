#include "ckks/scheme/parameters.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <vector>

#include "ckks/ring/primes.h"
#include "support/error_kind.h"
#include "support/party.h"

namespace ckks {
namespace {

std::optional<ErrorKind> refusal(const ParameterLiteral& literal) {
  return errorKindOf([&] { Parameters parameters(literal); });
}

/// A set within the caps: 165 of 214 bits at 2^13, a result key of 80 of 106 bits at 2^12.
ParameterLiteral secureLiteral() {
  ParameterLiteral literal;
  literal.ringDimension = std::size_t{1} << 13;
  literal.primeBits = {40, 40};
  literal.specialPrimeBits = 40;
  literal.specialPrimes = {1, 2};
  literal.digits = {1, 1};
  literal.resultRingDimension = std::size_t{1} << 12;
  return literal;
}

TEST(ParametersTest, PrimesAreDistinctOfTheStatedSizesAndHaveRoots) {
  // First, third and special primes of one size share a sequence.
  ParameterLiteral mixed = testLiteral(1024, 4, 3);
  mixed.primeBits = {50, 41, 50, 36, 41};
  const Parameters parameters(mixed);
  const ParameterLiteral& literal = parameters.literal();
  std::set<Word> seen;
  double logQP = 0;
  const std::size_t limbs = 5 + parameters.specialCount();
  for (std::size_t limb = 0; limb < limbs; ++limb) {
    const Modulus& modulus = parameters.modulus(limb);
    EXPECT_TRUE(isPrime(modulus.value));
    EXPECT_EQ(modulus.value % 2048, 1u);
    EXPECT_TRUE(seen.insert(modulus.value).second) << modulus.value << " twice";
    EXPECT_EQ(modulus.bits, limb <= 4 ? literal.primeBits[limb] : literal.specialPrimeBits);
    logQP += std::log2(static_cast<double>(modulus.value));
  }
  EXPECT_NEAR(parameters.logQP(), logQP, 1e-9);
}

TEST(ParametersTest, BasesFollowTheLiteral) {
  const Parameters parameters(testLiteral(1024, 4, 2));
  EXPECT_EQ(parameters.digitCount(0), 1u);
  EXPECT_EQ(parameters.digitCount(1), 1u);
  EXPECT_EQ(parameters.digitCount(2), 2u);
  EXPECT_EQ(parameters.digitCount(4), 3u);
  EXPECT_EQ(parameters.digitOf(3), 1u);
  EXPECT_EQ(parameters.digitOf(4), 2u);
  EXPECT_EQ(parameters.digitLimbs(1, 2).begin, 2u);
  EXPECT_EQ(parameters.digitLimbs(1, 2).end, 3u);
  EXPECT_EQ(parameters.digitLimbs(1, 4).end, 4u);
  EXPECT_EQ(parameters.specialLimb(0), 5u);
  EXPECT_EQ(parameters.extendedCount(2), 3 + parameters.specialCount(2));
  EXPECT_EQ(parameters.extendedLimb(2, 2), 2u);
  EXPECT_EQ(parameters.extendedLimb(2, 3), parameters.specialLimb(0));
}

TEST(ParametersTest, DigitsMayDifferInSize) {
  ParameterLiteral literal = testLiteral(1024, 4, 5);
  literal.digits = {1, 2, 2, 2, 3};
  const Parameters parameters(literal);
  std::size_t begin = 0;
  for (const std::size_t end : {1U, 4U, 5U}) {
    const std::size_t digit = parameters.digitOf(begin);
    EXPECT_EQ(parameters.digitLimbs(digit, 4).begin, begin);
    EXPECT_EQ(parameters.digitLimbs(digit, 4).end, end);
    begin = end;
  }
}

TEST(ParametersTest, RefusesKeysBelow128Bits) {
  EXPECT_EQ(refusal(secureLiteral()), std::nullopt);

  ParameterLiteral tooLong = secureLiteral();
  tooLong.primeBits = {40, 40, 40, 40};
  tooLong.specialPrimes = {1, 1, 2, 2};  // 240 bits, the cap is 214
  tooLong.digits = {1, 1, 2, 2};
  EXPECT_EQ(refusal(tooLong), ErrorKind::kInsecureParameter);
  tooLong.security = SecurityCheck::kUnchecked;
  EXPECT_EQ(refusal(tooLong), std::nullopt);

  ParameterLiteral specialsCount = secureLiteral();
  specialsCount.specialPrimes = {1, 4};  // 240 bits by its special primes
  EXPECT_EQ(refusal(specialsCount), ErrorKind::kInsecureParameter);

  ParameterLiteral result = secureLiteral();
  result.resultRingDimension = std::size_t{1} << 11;  // 80 bits, the cap is 53
  EXPECT_EQ(refusal(result), ErrorKind::kInsecureParameter);
}

TEST(ParametersTest, CapsAreThoseOfTheGuidelines) {
  EXPECT_EQ(securityCap(std::size_t{1} << 10), 26);
  EXPECT_EQ(securityCap(std::size_t{1} << 11), 53);
  EXPECT_EQ(securityCap(std::size_t{1} << 12), 106);
  EXPECT_EQ(securityCap(std::size_t{1} << 13), 214);
  EXPECT_EQ(securityCap(std::size_t{1} << 14), 430);
  EXPECT_EQ(securityCap(std::size_t{1} << 15), 868);
  EXPECT_EQ(securityCap(std::size_t{1} << 16), 1747);
  EXPECT_EQ(securityCap(std::size_t{1} << 17), 3523);
  EXPECT_EQ(securityCap(std::size_t{1} << 9), 0);
}

/// Ways to change one field each.
std::vector<std::function<void(ParameterLiteral&)>> changes() {
  return {
      [](ParameterLiteral& literal) { literal.ringDimension *= 2; },
      [](ParameterLiteral& literal) { literal.primeBits.front() -= 1; },
      [](ParameterLiteral& literal) { literal.primeBits.back() -= 1; },
      [](ParameterLiteral& literal) {
        literal.primeBits.pop_back();
        literal.specialPrimes.pop_back();
        literal.digits.pop_back();
      },
      [](ParameterLiteral& literal) { literal.specialPrimeBits -= 1; },
      [](ParameterLiteral& literal) { literal.specialPrimes[0] += 1; },
      [](ParameterLiteral& literal) {
        literal.digits = {1, 2, 2, 2};
      },
      [](ParameterLiteral& literal) { literal.resultRingDimension *= 2; },
  };
}

TEST(ParametersTest, TheHashChangesWithEveryField) {
  const ParameterLiteral literal = testLiteral(1024, 3, 2);
  std::set<Digest> hashes = {Parameters(literal).hash()};
  EXPECT_EQ(*hashes.begin(), Parameters(literal).hash());
  for (const auto& change : changes()) {
    ParameterLiteral changed = literal;
    change(changed);
    EXPECT_TRUE(hashes.insert(Parameters(changed).hash()).second);
  }
  EXPECT_EQ(hashes.size(), 9u);
}

TEST(ParametersTest, RefusesValuesThatMakeNoSense) {
  const std::vector<std::function<void(ParameterLiteral&)>> nonsense = {
      [](ParameterLiteral& literal) { literal.ringDimension = 1000; },
      [](ParameterLiteral& literal) { literal.ringDimension = 512; },
      [](ParameterLiteral& literal) { literal.ringDimension = std::size_t{1} << 18; },
      [](ParameterLiteral& literal) { literal.ringDimension = 0; },
      [](ParameterLiteral& literal) { literal.primeBits = {50}; },
      [](ParameterLiteral& literal) { literal.primeBits.clear(); },
      [](ParameterLiteral& literal) { literal.primeBits.assign(40, 41); },
      [](ParameterLiteral& literal) { literal.primeBits[0] = 51; },
      [](ParameterLiteral& literal) { literal.primeBits[0] = 19; },
      [](ParameterLiteral& literal) { literal.primeBits[3] = 51; },
      [](ParameterLiteral& literal) { literal.specialPrimeBits = 0; },
      [](ParameterLiteral& literal) { literal.specialPrimes.pop_back(); },
      [](ParameterLiteral& literal) { literal.specialPrimes[1] = 0; },
      [](ParameterLiteral& literal) { literal.specialPrimes[1] = 40; },
      [](ParameterLiteral& literal) { literal.digits.pop_back(); },
      [](ParameterLiteral& literal) {
        literal.digits = {0, 1, 1, 1};
      },
      [](ParameterLiteral& literal) {
        literal.digits = {2, 2, 2, 2};
      },
      [](ParameterLiteral& literal) {
        literal.digits = {1, 1, 3, 3};
      },
      // One digit at level 3 would be other primes than the keys are made for.
      [](ParameterLiteral& literal) {
        literal.digits = {1, 2, 2, 1};
      },
      [](ParameterLiteral& literal) { literal.resultRingDimension = 2048; },
      [](ParameterLiteral& literal) { literal.resultRingDimension = 96; },
      [](ParameterLiteral& literal) { literal.resultRingDimension = 32; },
  };
  for (std::size_t i = 0; i < nonsense.size(); ++i) {
    ParameterLiteral literal = testLiteral(1024, 3, 2);
    nonsense[i](literal);
    EXPECT_EQ(refusal(literal), ErrorKind::kInvalidParameter) << "case " << i;
  }
}

TEST(ParametersTest, RefusesSizesWithTooFewPrimes) {
  // Of 20 bits there are only a few primes that are 1 modulo 2^17.
  ParameterLiteral literal = testLiteral(std::size_t{1} << 16, 20, 21);
  literal.primeBits.assign(21, 20);
  EXPECT_EQ(refusal(literal), ErrorKind::kInvalidParameter);
}

}  // namespace
}  // namespace ckks
