// What a linear step refuses: each with its kind, before any computation.

#include <gtest/gtest.h>

#include <atomic>
#include <random>

#include "eval/linear_examples.h"
#include "support/error_kind.h"
#include "support/party.h"

namespace ckks {
namespace {

class LinearFailuresTest : public testing::Test {
 protected:
  static constexpr double kInputScale = 0x1p44;

  Ciphertext encrypt(Party& party, int level, double scale = kInputScale) {
    return party.encrypt(randomSlots(party.slots(), 1, generator_), level, scale);
  }

  /// Runs the step with a cancellation that is set already: it shows at the first thing that is computed, so any other
  /// kind was found before.
  static std::optional<ErrorKind> failure(Party& party, const LinearDescription& description,
                                          const std::vector<const Ciphertext*>& inputs) {
    Evaluator evaluator = party.evaluator();
    const EncodedLinear step(*party.parameters(), description);
    const Cancellation set(std::make_shared<std::atomic<bool>>(true));
    return errorKindOf([&] { (void)evaluator.linear(step, inputs, set); });
  }

  std::mt19937_64 generator_{1};
  LinearDescription description_ = LinearExample{2, 0x1p24, 64, {0, 1}, {8, 0}, {kInputScale}}.describe(generator_);
};

TEST_F(LinearFailuresTest, CancellationEndsTheStep) {
  Party party(testLiteral(1024, 3, 4));
  party.addKeysOf(description_);
  const Ciphertext input = encrypt(party, 2);
  EXPECT_EQ(failure(party, description_, {&input}), ErrorKind::kCancelled);
}

TEST_F(LinearFailuresTest, MissingKeysAreFoundFirst) {
  const auto refusedWithout = [&](long missing) {
    Party party(testLiteral(1024, 3, 4));
    for (const long step : {1L, 8L, 128L}) {
      if (step != missing) party.addRotation(step, 3);
    }
    if (missing != -1) party.addConjugation(3);
    LinearDescription description = description_;
    description.folds = {128};
    description.conjugate = true;
    const Ciphertext input = encrypt(party, 2);
    return failure(party, description, {&input});
  };
  EXPECT_EQ(refusedWithout(1), ErrorKind::kKeyMissing) << "baby step";
  EXPECT_EQ(refusedWithout(8), ErrorKind::kKeyMissing) << "giant step";
  EXPECT_EQ(refusedWithout(128), ErrorKind::kKeyMissing) << "fold";
  EXPECT_EQ(refusedWithout(-1), ErrorKind::kKeyMissing) << "conjugation";
  EXPECT_EQ(refusedWithout(0), ErrorKind::kCancelled) << "nothing is missing";
}

TEST_F(LinearFailuresTest, KeysOfTooLowALevelAreMissing) {
  Party party(testLiteral(1024, 3, 4));
  party.addRotation(1, 1);
  party.addRotation(8, 3);
  const Ciphertext input = encrypt(party, 2);
  EXPECT_EQ(failure(party, description_, {&input}), ErrorKind::kKeyMissing);
}

TEST_F(LinearFailuresTest, InputsMustReachTheLevel) {
  Party party(testLiteral(1024, 3, 4));
  party.addKeysOf(description_);
  const Ciphertext input = encrypt(party, 1);
  EXPECT_EQ(failure(party, description_, {&input}), ErrorKind::kLevelExhausted);
}

TEST_F(LinearFailuresTest, InputsMustHaveTheScale) {
  Party party(testLiteral(1024, 3, 4));
  party.addKeysOf(description_);
  const Ciphertext twice = encrypt(party, 2, 2 * kInputScale);
  EXPECT_EQ(failure(party, description_, {&twice}), ErrorKind::kScaleMismatch);
  const Ciphertext slightly = encrypt(party, 2, kInputScale * (1 + 1e-6));
  EXPECT_EQ(failure(party, description_, {&slightly}), ErrorKind::kScaleMismatch);
}

TEST_F(LinearFailuresTest, EveryTermNeedsItsInput) {
  Party party(testLiteral(1024, 3, 4));
  party.addKeysOf(description_);
  const Ciphertext input = encrypt(party, 2);
  EXPECT_EQ(failure(party, description_, {}), ErrorKind::kInvalidParameter);
  EXPECT_EQ(failure(party, description_, {&input, &input}), ErrorKind::kInvalidParameter);
}

TEST_F(LinearFailuresTest, AFailureLeavesTheEvaluatorAndTheInputUsable) {
  Party party(testLiteral(1024, 3, 4));
  party.addKeysOf(description_);
  const Ciphertext input = encrypt(party, 2);
  const Ciphertext before = party.evaluator().dropToLevel(input, 2);
  Evaluator evaluator = party.evaluator();
  const EncodedLinear step(*party.parameters(), description_);
  const auto flag = std::make_shared<std::atomic<bool>>(true);
  EXPECT_EQ(errorKindOf([&] { (void)evaluator.linear(step, {&input}, Cancellation(flag)); }), ErrorKind::kCancelled);
  EXPECT_TRUE(sameBits(input, before));
  flag->store(false);
  const Ciphertext output = evaluator.linear(step, {&input}, Cancellation(flag));
  EXPECT_TRUE(sameBits(output, party.evaluator().linear(step, {&input}, {})));
}

}  // namespace
}  // namespace ckks
