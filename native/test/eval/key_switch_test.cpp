// Rotations and key switches alone: values, noise against prediction, every level, one to three digits.

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "support/error_kind.h"
#include "support/noise.h"
#include "support/party.h"

namespace ckks {
namespace {

ComplexSlots rotated(const ComplexSlots& values, long step) {
  const long count = static_cast<long>(values.size());
  ComplexSlots result(values.size());
  for (long i = 0; i < count; ++i) {
    result[static_cast<std::size_t>(i)] = values[static_cast<std::size_t>(((i + step) % count + count) % count)];
  }
  return result;
}

class RotationTest : public testing::TestWithParam<int> {
 protected:
  static constexpr double kScale = 0x1p30;

  Party party_{testLiteral(1024, 4, GetParam())};
  NoiseModel model_{*party_.parameters()};
  std::mt19937_64 generator_{1};
};

TEST_P(RotationTest, RotatesBothWaysAtEveryLevelWithThePredictedNoise) {
  const SlotVector slots = randomSlots(party_.slots(), 1, generator_);
  Evaluator evaluator = party_.evaluator();
  for (const long step : {1L, -5L, 100L}) {
    // One key, for the top level, serves all levels: also those with fewer special primes than it carries.
    party_.addRotation(step, 4);
    for (int level = 0; level <= 4; ++level) {
      SCOPED_TRACE(testing::Message() << "step " << step << ", level " << level);
      const Ciphertext input = party_.encryptWithoutError(slots, level, kScale);
      const Ciphertext output = evaluator.rotate(input, step);
      EXPECT_EQ(output.level, level);
      EXPECT_EQ(output.scale, kScale);
      const double predicted = std::sqrt(model_.keySwitch(level) + model_.encoding()) / kScale;
      const double measured = rootMeanSquareError(party_.decrypt(output), rotated(complexOf(slots), step));
      EXPECT_NEAR(std::log2(measured), std::log2(predicted), 0.5);
    }
  }
}

TEST_P(RotationTest, AKeyForALowerLevelServesIt) {
  party_.addRotation(7, 2);
  const SlotVector slots = randomSlots(party_.slots(), 1, generator_);
  Evaluator evaluator = party_.evaluator();
  const Ciphertext input = party_.encrypt(slots, 2, kScale);
  EXPECT_LT(rootMeanSquareError(party_.decrypt(evaluator.rotate(input, 7)), rotated(complexOf(slots), 7)), 0x1p-15);
  const Ciphertext above = party_.encrypt(slots, 3, kScale);
  EXPECT_EQ(errorKindOf([&] { (void)evaluator.rotate(above, 7); }), ErrorKind::kKeyMissing);
}

TEST_P(RotationTest, SeveralFromOneDecompositionAreThoseOneByOne) {
  const std::vector<long> steps = {3, 0, -2, 1, 5, 8, 13, 3};
  for (const long step : steps) {
    if (step != 0) party_.addRotation(step, 4);
  }
  Evaluator evaluator = party_.evaluator();
  const Ciphertext input = party_.encrypt(randomSlots(party_.slots(), 1, generator_), 3, kScale);
  const std::vector<Ciphertext> together = evaluator.rotations(input, steps);
  ASSERT_EQ(together.size(), steps.size());
  for (std::size_t i = 0; i < steps.size(); ++i) {
    EXPECT_TRUE(sameBits(together[i], evaluator.rotate(input, steps[i]))) << "step " << steps[i];
  }
  EXPECT_TRUE(evaluator.rotations(input, {}).empty());
}

INSTANTIATE_TEST_SUITE_P(DigitPrimes, RotationTest, testing::Values(5, 3, 2));

// With special primes 30 bits shorter than the digit, digits times key errors outweigh all other noise: 2^30 times as
// much as usual.
TEST(KeySwitchNoiseTest, GrowsWithTheDigitOverTheSpecialPrimes) {
  ParameterLiteral literal = testLiteral(1024, 2, 3);
  literal.specialPrimes = {1, 1, 2};
  Party party(literal);
  party.addRotation(1, 2);
  const NoiseModel model(*party.parameters());
  Evaluator evaluator = party.evaluator();
  std::mt19937_64 generator(1);
  const double scale = 0x1p60;
  const SlotVector slots = randomSlots(party.slots(), 1, generator);
  for (const int level : {1, 2}) {
    SCOPED_TRACE(level);
    ASSERT_GT(model.keyProduct(level), std::exp2(40) * model.rounding());
    const Ciphertext output = evaluator.rotate(party.encryptWithoutError(slots, level, scale), 1);
    const double measured = rootMeanSquareError(party.decrypt(output), rotated(complexOf(slots), 1));
    EXPECT_NEAR(std::log2(measured), std::log2(std::sqrt(model.keyProduct(level)) / scale), 0.25);
  }
}

TEST(RotationByNothingTest, NeedsNoKeyAndChangesNothing) {
  Party party(testLiteral(1024, 2, 3));
  Evaluator evaluator = party.evaluator();
  std::mt19937_64 generator(1);
  const Ciphertext input = party.encrypt(randomSlots(party.slots(), 1, generator), 1, 0x1p30);
  EXPECT_TRUE(sameBits(evaluator.rotate(input, 0), input));
  EXPECT_TRUE(sameBits(evaluator.rotate(input, -static_cast<long>(party.slots())), input));
}

TEST(RotationByNothingTest, OtherStepsNeedTheirKey) {
  Party party(testLiteral(1024, 2, 3));
  party.addRotation(1, 2);
  Evaluator evaluator = party.evaluator();
  std::mt19937_64 generator(1);
  const Ciphertext input = party.encrypt(randomSlots(party.slots(), 1, generator), 1, 0x1p30);
  EXPECT_EQ(errorKindOf([&] { (void)evaluator.rotate(input, 2); }), ErrorKind::kKeyMissing);
  EXPECT_EQ(errorKindOf([&] { (void)evaluator.rotate(input, -1); }), ErrorKind::kKeyMissing);
}

}  // namespace
}  // namespace ckks
