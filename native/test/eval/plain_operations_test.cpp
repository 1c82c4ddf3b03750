// What needs no key: sums, plaintext products, dropping levels, reading and writing.

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "support/error_kind.h"
#include "support/noise.h"
#include "support/party.h"

namespace ckks {
namespace {

class PlainOperationsTest : public testing::Test {
 protected:
  // An evaluator learns the secret's id from its keys.
  void SetUp() override { party_.addRingSwitch(); }

  Party party_{testLiteral(1024, 3, 4)};
  Evaluator evaluator_ = party_.evaluator();
  NoiseModel model_{*party_.parameters()};
  std::mt19937_64 generator_{1};
};

TEST_F(PlainOperationsTest, ReadingAndWritingKeepsTheBits) {
  const Ciphertext input = party_.encrypt(randomSlots(party_.slots(), 1, generator_), 2, 0x1p30);
  EXPECT_TRUE(sameBits(evaluator_.read(evaluator_.write(input)), input));
}

TEST_F(PlainOperationsTest, AddsAtTheLowerLevel) {
  const SlotVector left = randomSlots(party_.slots(), 1, generator_);
  const SlotVector right = randomSlots(party_.slots(), 1, generator_);
  const double scale = 0x1p30;
  ComplexSlots expected = complexOf(left);
  for (std::size_t i = 0; i < expected.size(); ++i) expected[i] += complexOf(right)[i];
  const Ciphertext upper = party_.encrypt(left, 3, scale);
  const Ciphertext lower = party_.encrypt(right, 1, scale);
  for (const Ciphertext& sum : {evaluator_.add(upper, lower), evaluator_.add(lower, upper)}) {
    EXPECT_EQ(sum.level, 1);
    EXPECT_EQ(sum.scale, scale);
    const double measured = rootMeanSquareError(party_.decrypt(sum), expected);
    EXPECT_NEAR(std::log2(measured), std::log2(std::sqrt(2 * model_.fresh()) / scale), 0.25);
  }
}

TEST_F(PlainOperationsTest, AddsOnlyAtOneScale) {
  const SlotVector slots = randomSlots(party_.slots(), 1, generator_);
  const Ciphertext left = party_.encrypt(slots, 2, 0x1p30);
  const Ciphertext right = party_.encrypt(slots, 2, 0x1p31);
  EXPECT_EQ(errorKindOf([&] { (void)evaluator_.add(left, right); }), ErrorKind::kScaleMismatch);
}

TEST_F(PlainOperationsTest, DroppingLevelsKeepsTheMessage) {
  const SlotVector slots = randomSlots(party_.slots(), 1, generator_);
  const Ciphertext input = party_.encrypt(slots, 3, 0x1p30);
  for (int level = 3; level >= 0; --level) {
    const Ciphertext lower = evaluator_.dropToLevel(input, level);
    EXPECT_EQ(lower.level, level);
    EXPECT_EQ(lower.c0.limbs(), static_cast<std::size_t>(level) + 1);
    const double measured = rootMeanSquareError(party_.decrypt(lower), complexOf(slots));
    EXPECT_NEAR(std::log2(measured), std::log2(std::sqrt(model_.fresh()) / 0x1p30), 0.25);
  }
}

TEST_F(PlainOperationsTest, RefusesLevelsThatAreNotThere) {
  const Ciphertext input = party_.encrypt(randomSlots(party_.slots(), 1, generator_), 1, 0x1p30);
  EXPECT_EQ(errorKindOf([&] { (void)evaluator_.dropToLevel(input, 2); }), ErrorKind::kLevelExhausted);
  EXPECT_EQ(errorKindOf([&] { (void)evaluator_.dropToLevel(input, -1); }), ErrorKind::kLevelExhausted);
  const Ciphertext bottom = evaluator_.dropToLevel(input, 0);
  const std::vector<double> factors(party_.slots(), 1.0);
  EXPECT_EQ(errorKindOf([&] { (void)evaluator_.multiplyPlain(bottom, factors, {}); }), ErrorKind::kLevelExhausted);
}

TEST_F(PlainOperationsTest, MultipliesByPlaintextsWithThePredictedNoise) {
  const SlotVector slots = randomSlots(party_.slots(), 1, generator_);
  const SlotVector factors = randomSlots(party_.slots(), 1, generator_);
  const double scale = 0x1p30;
  ComplexSlots expected = complexOf(slots);
  double factorSquares = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    expected[i] *= complexOf(factors)[i];
    factorSquares += std::norm(complexOf(factors)[i]);
  }
  const double meanSquare = factorSquares / static_cast<double>(expected.size());
  for (int level = 1; level <= 3; ++level) {
    const Ciphertext product =
        evaluator_.multiplyPlain(party_.encrypt(slots, level, scale), factors.real, factors.imaginary);
    EXPECT_EQ(product.level, level - 1);
    EXPECT_EQ(product.scale, scale);
    const double measured = rootMeanSquareError(party_.decrypt(product), expected);
    const double predicted = std::sqrt(meanSquare * model_.fresh() + model_.rounding()) / scale;
    EXPECT_NEAR(std::log2(measured), std::log2(predicted), 0.5) << level;
  }
}

TEST_F(PlainOperationsTest, FactorsMustFitTheSlots) {
  const Ciphertext input = party_.encrypt(randomSlots(party_.slots(), 1, generator_), 1, 0x1p30);
  const std::vector<double> tooFew(party_.slots() / 2, 1.0);
  const std::vector<double> tooLarge(party_.slots(), 1e9);
  EXPECT_EQ(errorKindOf([&] { (void)evaluator_.multiplyPlain(input, tooFew, {}); }), ErrorKind::kInvalidParameter);
  EXPECT_EQ(errorKindOf([&] { (void)evaluator_.multiplyPlain(input, tooLarge, {}); }), ErrorKind::kRange);
}

TEST(EvaluatorWithoutKeysTest, CannotTellWhoseCiphertextsToRead) {
  const Party party(testLiteral(1024, 1, 2));
  const Evaluator evaluator = party.evaluator();
  const std::vector<double> slots(party.slots(), 1.0);
  const std::vector<std::uint8_t> bytes = party.client().encrypt(slots, {}, 1, 0x1p30);
  EXPECT_EQ(errorKindOf([&] { (void)evaluator.read(bytes); }), ErrorKind::kKeyMissing);
}

}  // namespace
}  // namespace ckks
