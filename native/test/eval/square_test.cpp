#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "eval/linear_examples.h"
#include "support/error_kind.h"
#include "support/noise.h"
#include "support/party.h"

namespace ckks {
namespace {

class SquareTest : public testing::TestWithParam<int> {
 protected:
  Party party_{testLiteral(1024, 4, GetParam())};
  NoiseModel model_{*party_.parameters()};
  std::mt19937_64 generator_{1};
};

TEST_P(SquareTest, SquaresAtEveryLevelWithThePredictedNoise) {
  party_.addRelinearization(4);
  Evaluator evaluator = party_.evaluator();
  const SlotVector slots = randomSlots(party_.slots(), 1, generator_);
  for (int level = 1; level <= 4; ++level) {
    SCOPED_TRACE(level);
    const double scale = 0x1p24;
    const PlainCiphertext expected = plainSquare(model_, plainEncryption(model_, slots, scale), level);
    const Ciphertext output = evaluator.square(party_.encrypt(slots, level, scale), false, {});
    EXPECT_EQ(output.level, level);
    EXPECT_EQ(output.scale, scale * scale);
    const double measured = rootMeanSquareError(party_.decrypt(output), expected.values);
    EXPECT_NEAR(std::log2(measured), std::log2(expected.predictedError()), 0.5);
  }
}

TEST_P(SquareTest, RelinearisationAddsTheNoiseOfOneKeySwitch) {
  party_.addRelinearization(4);
  Evaluator evaluator = party_.evaluator();
  // Zero without an error polynomial: everything that is found after the square is the relinearisation's.
  const SlotVector zeros{std::vector<double>(party_.slots()), std::vector<double>(party_.slots())};
  for (int level = 0; level <= 4; ++level) {
    SCOPED_TRACE(level);
    const double scale = 0x1p10;
    const Ciphertext output = evaluator.square(party_.encryptWithoutError(zeros, level, scale), false, {});
    const double measured = rootMeanSquareError(party_.decrypt(output), complexOf(zeros));
    EXPECT_NEAR(std::log2(measured), std::log2(std::sqrt(model_.keySwitch(level)) / (scale * scale)), 0.5);
  }
}

INSTANTIATE_TEST_SUITE_P(DigitPrimes, SquareTest, testing::Values(5, 3, 2));

class ComponentwiseSquareTest : public testing::Test {
 protected:
  ComponentwiseSquareTest() {
    party_.addRelinearization(4);
    party_.addConjugation(4);
  }

  Party party_{testLiteral(1024, 4, 5)};
  NoiseModel model_{*party_.parameters()};
  std::mt19937_64 generator_{1};
};

TEST_F(ComponentwiseSquareTest, SquaresRealAndImaginaryPartsApart) {
  const SlotVector slots = randomSlots(party_.slots(), 1, generator_);
  Evaluator evaluator = party_.evaluator();
  const double scale = 0x1p24;
  LinearDescription identity = identityStep(4, 0x1p44, scale);
  identity.conjugate = true;
  const EncodedLinear step(*party_.parameters(), identity);
  const Ciphertext encrypted = party_.encryptWithoutError(slots, 4, 0x1p44);
  const Ciphertext input = evaluator.linear(step, {&encrypted}, {});
  const Ciphertext output = evaluator.square(input, true, {});
  EXPECT_EQ(output.level, 3);
  EXPECT_EQ(output.scale, 4 * scale * scale);
  EXPECT_EQ(output.conjugate, nullptr);
  ComplexSlots expected(party_.slots());
  double squares = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    expected[i] = {slots.real[i] * slots.real[i], slots.imaginary[i] * slots.imaginary[i]};
    squares += expected[i].real() + expected[i].imag();
  }
  // The input and its conjugate carry the errors e and f of their own rescales. With u = 2a + e + f and v = 2ib + e -
  // f, u^2 - i v^2 = 4 (a^2 + i b^2 + a (e + f) + b (e - f)), up to squares of errors.
  const double variance = model_.rounding() / (scale * scale);
  const double predicted = std::sqrt(2 * squares / static_cast<double>(expected.size()) * variance);
  const double measured = rootMeanSquareError(party_.decrypt(output), expected);
  EXPECT_NEAR(std::log2(measured), std::log2(predicted), 0.5);
}

TEST_F(ComponentwiseSquareTest, NeedsTheConjugate) {
  Evaluator evaluator = party_.evaluator();
  const Ciphertext input = party_.encrypt(randomSlots(party_.slots(), 1, generator_), 2, 0x1p24);
  EXPECT_EQ(errorKindOf([&] { (void)evaluator.square(input, true, {}); }), ErrorKind::kInvalidParameter);
}

TEST(SquareFailuresTest, AreTyped) {
  Party party(testLiteral(1024, 3, 4));
  party.addRotation(1, 3);
  Evaluator evaluator = party.evaluator();
  std::mt19937_64 generator(1);
  const SlotVector slots = randomSlots(party.slots(), 1, generator);
  const Ciphertext input = party.encrypt(slots, 3, 0x1p24);
  EXPECT_EQ(errorKindOf([&] { (void)evaluator.square(input, false, {}); }), ErrorKind::kKeyMissing);

  party.addRelinearization(2);
  EXPECT_EQ(errorKindOf([&] { (void)evaluator.square(input, false, {}); }), ErrorKind::kKeyMissing);
  const Ciphertext lower = evaluator.dropToLevel(input, 2);
  EXPECT_EQ(errorKindOf([&] { (void)evaluator.square(lower, false, {}); }), std::nullopt);

  const auto flag = std::make_shared<std::atomic<bool>>(true);
  EXPECT_EQ(errorKindOf([&] { (void)evaluator.square(lower, false, Cancellation(flag)); }), ErrorKind::kCancelled);
  // A key that is missing is reported before the work that would notice the cancellation.
  EXPECT_EQ(errorKindOf([&] { (void)evaluator.square(input, false, Cancellation(flag)); }), ErrorKind::kKeyMissing);
}

}  // namespace
}  // namespace ckks
