// Nineteen rounds of a contractive map, as deep as the network: square, rotate, weigh, rescale.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "eval/linear_examples.h"
#include "support/noise.h"
#include "support/party.h"

namespace ckks {
namespace {

TEST(RoundsTest, NoiseStaysWithinOneBitOfThePredictionForNineteenRounds) {
  constexpr int kRounds = 19;
  constexpr double kScale = 0x1p24;
  Party party(testLiteral(2048, 20, 21));
  party.addRelinearization(20);
  const NoiseModel model(*party.parameters());
  std::mt19937_64 generator(1);
  Evaluator evaluator = party.evaluator();

  // Six weights of at most 0.16: each round multiplies an error by less than 2 max|x| 0.96, and in the mean by much
  // less.
  LinearExample example{0, kScale, 64, {0, 1, -7}, {8, 0}, {kScale * kScale}, 0.16};
  const SlotVector slots = randomRealSlots(party.slots(), 1, generator);
  Ciphertext state = party.encrypt(slots, 20, kScale);
  PlainCiphertext expected = plainEncryption(model, slots, kScale);
  for (int round = 0; round < kRounds; ++round) {
    example.level = 20 - round;
    std::mt19937_64 fixedMap(2);
    LinearDescription description = example.describe(fixedMap);
    for (double& value : description.bias) value *= 0.5;
    if (round == 0) party.addKeysOf(description);
    const EncodedLinear step(*party.parameters(), description);
    const Ciphertext square = evaluator.square(state, false, {});
    state = evaluator.linear(step, {&square}, {});
    expected = plainLinear(*party.parameters(), description, {plainSquare(model, expected, example.level)});

    ASSERT_EQ(state.level, 19 - round);
    ASSERT_EQ(state.scale, kScale);
    const double measured = rootMeanSquareError(party.decrypt(state), expected.values);
    EXPECT_NEAR(std::log2(measured), std::log2(expected.predictedError()), 1) << "round " << round;
  }
  // The map has not collapsed: what is left is not a constant.
  const auto [least, greatest] = std::minmax_element(expected.values.begin(), expected.values.end(),
                                                     [](auto a, auto b) { return a.real() < b.real(); });
  EXPECT_GT(greatest->real() - least->real(), 0.1);
}

}  // namespace
}  // namespace ckks
