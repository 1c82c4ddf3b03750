// Linear steps against their definition on plain slots, with the noise against prediction.

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>

#include "ckks/ring/kernels.h"
#include "eval/linear_examples.h"
#include "support/noise.h"
#include "support/party.h"

namespace ckks {
namespace {

/// Input scale of products that are rescaled to 2^24 by a prime of 41 bits: weights get 2^21.
constexpr double kInputScale = 0x1p44;

class LinearTest : public testing::Test {
 protected:
  /// Runs the step on fresh encryptions of random slots at the given levels and compares with the definition.
  Ciphertext expectAsDefined(Party& party, const LinearDescription& description, const std::vector<int>& inputLevels,
                             std::size_t partialSumBytes = std::size_t{1} << 30) {
    const NoiseModel model(*party.parameters());
    party.addKeysOf(description);
    Evaluator evaluator = party.evaluator(partialSumBytes);
    std::vector<Ciphertext> inputs;
    std::vector<PlainCiphertext> plainInputs;
    std::vector<const Ciphertext*> pointers;
    bool real = false;
    for (const LinearTermDescription& term : description.terms) real = real || !term.shiftedDiagonals.empty();
    for (std::size_t t = 0; t < description.terms.size(); ++t) {
      const SlotVector slots =
          real ? randomRealSlots(party.slots(), 1, generator_) : randomSlots(party.slots(), 1, generator_);
      inputs.push_back(party.encrypt(slots, inputLevels[t], description.terms[t].inputScale));
      plainInputs.push_back(plainEncryption(model, slots, description.terms[t].inputScale));
    }
    for (const Ciphertext& input : inputs) pointers.push_back(&input);
    const EncodedLinear step(*party.parameters(), description);
    Ciphertext output = evaluator.linear(step, pointers, {});

    EXPECT_EQ(output.level, description.level - 1);
    EXPECT_EQ(output.scale, description.outputScale);
    const PlainCiphertext expected = plainLinear(*party.parameters(), description, plainInputs);
    const double predicted = std::log2(expected.predictedError());
    const double measured = std::log2(rootMeanSquareError(party.decrypt(output), expected.values));
    EXPECT_NEAR(measured, predicted, 0.75);
    EXPECT_EQ(output.conjugate != nullptr, description.conjugate);
    if (output.conjugate) {
      EXPECT_EQ(output.conjugate->level, output.level);
      EXPECT_EQ(output.conjugate->scale, output.scale);
      ComplexSlots conjugated = expected.values;
      for (auto& value : conjugated) value = std::conj(value);
      EXPECT_NEAR(std::log2(rootMeanSquareError(party.decrypt(*output.conjugate), conjugated)), predicted, 0.75);
    }
    return output;
  }

  std::mt19937_64 generator_{1};
};

TEST_F(LinearTest, TheRescaleAddsItsRoundingAndNothingElse) {
  Party party(testLiteral(4096, 2, 3));
  Evaluator evaluator = party.evaluator();
  party.addRotation(1, 0);  // an evaluator without any key knows no secret's id
  const SlotVector slots = randomSlots(party.slots(), 1, generator_);
  const double scale = 0x1p24;
  const EncodedLinear step(*party.parameters(), identityStep(2, 0x1p50, scale));
  const Ciphertext input = party.encryptWithoutError(slots, 2, 0x1p50);
  const double measured = rootMeanSquareError(party.decrypt(evaluator.linear(step, {&input}, {})), complexOf(slots));
  const double n = 4096;
  EXPECT_NEAR(std::log2(measured), std::log2(std::sqrt((1 + 2 * n / 3) / 12) * std::sqrt(n) / scale), 0.25);
}

TEST_F(LinearTest, SumsMoreProductsThanOneCallOfTheKernels) {
  Party party(testLiteral(1024, 1, 2));
  const std::size_t terms = 2 * kMaxPlainTerms + 8;
  const LinearExample example{1, 0x1p24, 64, {0}, {0}, std::vector<double>(terms, kInputScale)};
  expectAsDefined(party, example.describe(generator_), std::vector<int>(terms, 1));
}

TEST_F(LinearTest, BabyStepZeroAloneNeedsNoKey) {
  Party party(testLiteral(1024, 2, 3));
  const LinearExample example{2, 0x1p24, 64, {0}, {0}, {kInputScale}};
  expectAsDefined(party, example.describe(generator_), {2});
}

TEST_F(LinearTest, EveryPeriodFromEightToDense) {
  Party party(testLiteral(1024, 2, 3));
  for (const std::size_t period : {std::size_t{8}, std::size_t{32}, std::size_t{256}, party.slots()}) {
    SCOPED_TRACE(period);
    const LinearExample example{2, 0x1p24, period, {0, 1, 2, 3}, {-4, 4, 0}, {kInputScale}};
    expectAsDefined(party, example.describe(generator_), {2});
  }
}

TEST_F(LinearTest, EveryLevelWithFewerSpecialPrimesThanTheKeysCarry) {
  Party party(testLiteral(1024, 4, 5));
  ASSERT_GT(party.parameters()->specialCount(4), party.parameters()->specialCount(1));
  for (int level = 1; level <= 4; ++level) {
    SCOPED_TRACE(level);
    const LinearExample example{level, 0x1p24, 64, {-1, 0, 1}, {3, 0}, {kInputScale}};
    expectAsDefined(party, example.describe(generator_), {level});
  }
}

TEST_F(LinearTest, OneToThreeDigits) {
  for (const int digitPrimes : {5, 3, 2}) {
    SCOPED_TRACE(digitPrimes);
    Party party(testLiteral(1024, 4, digitPrimes));
    const LinearExample example{4, 0x1p24, 64, {-1, 0, 1}, {-3, 3, 0}, {kInputScale}};
    expectAsDefined(party, example.describe(generator_), {4});
  }
}

TEST_F(LinearTest, TermsOfDifferentLevelsAndScales) {
  Party party(testLiteral(1024, 4, 5));
  const LinearExample example{2, 0x1p24, 128, {0, 1, -1}, {5, 0}, {kInputScale, 0x1p47, 0x1p40}};
  LinearDescription description = example.describe(generator_);
  // The terms need not use the same steps: the second one has baby step 0 alone, as an identity shortcut.
  LinearTermDescription& shortcut = description.terms[1];
  shortcut.offsets = {0};
  shortcut.babyIndices = {0};
  shortcut.giantIndices = {1};
  shortcut.diagonals.resize(128);
  expectAsDefined(party, description, {3, 2, 4});
}

TEST_F(LinearTest, GiantStepsFormTrees) {
  Party party(testLiteral(1024, 3, 4));
  LinearExample example{3, 0x1p24, 64, {0, 1}, {24, 16, -24, -16, 8, -8, 0}, {kInputScale}};
  LinearDescription description = example.describe(generator_);
  description.giantParents = {1, 4, 3, 5, 6, 6, -1};
  expectAsDefined(party, description, {3});
}

TEST_F(LinearTest, AGiantStepWithoutDiagonalsPassesOnWhatItIsGiven) {
  Party party(testLiteral(1024, 2, 3));
  LinearExample example{2, 0x1p24, 64, {0, 1}, {16, 8, 0}, {kInputScale}};
  LinearDescription description = example.describe(generator_);
  LinearTermDescription& term = description.terms[0];
  // Only the first giant step keeps its two diagonals (they are ordered by baby step).
  term.offsets = {16, 17};
  term.babyIndices = {0, 1};
  term.giantIndices = {0, 0};
  term.diagonals.resize(2 * 64);
  expectAsDefined(party, description, {2});
}

TEST_F(LinearTest, GiantStepsAndTermsMayBeEmpty) {
  Party party(testLiteral(1024, 2, 3));
  LinearExample example{2, 0x1p24, 64, {0, 1}, {16, 8, 0}, {kInputScale, kInputScale}};
  LinearDescription description = example.describe(generator_);
  // The first term has diagonals in the middle giant step alone, the second one none at all.
  description.terms[0].offsets = {8, 9};
  description.terms[0].babyIndices = {0, 1};
  description.terms[0].giantIndices = {1, 1};
  description.terms[0].diagonals.resize(2 * 64);
  description.terms[1] = LinearTermDescription{};
  description.terms[1].inputScale = kInputScale;
  expectAsDefined(party, description, {2, 2});
}

TEST_F(LinearTest, FoldsAddRotatedSums) {
  Party party(testLiteral(1024, 2, 3));
  LinearExample example{2, 0x1p24, party.slots(), {0, 1}, {4, 0}, {kInputScale}};
  LinearDescription description = example.describe(generator_);
  description.folds = {256, 128};
  expectAsDefined(party, description, {2});
}

TEST_F(LinearTest, TheConjugateComesAlong) {
  Party party(testLiteral(1024, 3, 4));
  const LinearExample example{3, 0x1p24, 64, {0, 1}, {4, 0}, {kInputScale}};
  LinearDescription description = example.describe(generator_);
  description.conjugate = true;
  expectAsDefined(party, description, {3});
}

/// Uniform weights in [-0.3, 0.3] for the imaginary part of each diagonal.
void addShiftedDiagonals(LinearTermDescription& term, std::mt19937_64& generator) {
  std::uniform_real_distribution<double> uniform(-0.3, 0.3);
  term.shiftedDiagonals.resize(term.diagonals.size());
  for (double& weight : term.shiftedDiagonals) weight = uniform(generator);
}

TEST_F(LinearTest, PackedCopiesServeTwoOffsetsWithOneProduct) {
  Party party(testLiteral(1024, 3, 4));
  const LinearExample example{3, 0x1p24, 64, {-1, 0, 1}, {4, -4, 0}, {kInputScale}};
  LinearDescription description = example.describe(generator_);
  description.imaginaryShift = 128;
  addShiftedDiagonals(description.terms[0], generator_);
  expectAsDefined(party, description, {3});
}

TEST_F(LinearTest, PackedAndPlainTermsAddUp) {
  Party party(testLiteral(1024, 3, 2));
  const LinearExample example{2, 0x1p24, 64, {-1, 0, 1}, {4, 0}, {kInputScale, 0x1p43}};
  LinearDescription description = example.describe(generator_);
  description.imaginaryShift = -100;
  description.folds = {256};
  addShiftedDiagonals(description.terms[1], generator_);
  expectAsDefined(party, description, {2, 3});
}

TEST_F(LinearTest, AllTogether) {
  Party party(testLiteral(2048, 4, 3));
  const LinearExample example{3, 0x1p24, 256, {-33, -32, -1, 0, 1, 31}, {64, 8, -8, 0}, {kInputScale, 0x1p42}};
  LinearDescription description = example.describe(generator_);
  description.folds = {512};
  description.conjugate = true;
  expectAsDefined(party, description, {4, 3});
}

TEST_F(LinearTest, ManyDiagonalsInOneGiantStep) {
  // More than kernels sum at once without reducing between (15), and babies beyond one cache block.
  Party party(testLiteral(1024, 1, 2));
  LinearExample example{1, 0x1p24, 8, {}, {0}, {kInputScale}, 0.05};
  for (long baby = 0; baby < 40; ++baby) example.babySteps.push_back(baby);
  expectAsDefined(party, example.describe(generator_), {1});
}

TEST_F(LinearTest, LittleMemoryGivesTheSameBits) {
  Party party(testLiteral(1024, 3, 4));
  const LinearExample example{3, 0x1p24, 64, {0, 1, 2}, {24, 16, -8, 8, 0}, {kInputScale, kInputScale}};
  LinearDescription description = example.describe(generator_);
  description.giantParents = {1, 3, 4, 4, -1};
  party.addKeysOf(description);
  const EncodedLinear step(*party.parameters(), description);
  const Ciphertext first = party.encrypt(randomSlots(party.slots(), 1, generator_), 3, kInputScale);
  const Ciphertext second = party.encrypt(randomSlots(party.slots(), 1, generator_), 3, kInputScale);
  const std::size_t sum = 2 * party.parameters()->extendedCount(3) * 1024 * sizeof(Word);
  const Ciphertext plenty = party.evaluator().linear(step, {&first, &second}, {});
  for (const std::size_t bytes : {std::size_t{1}, sum, 2 * sum, 4 * sum}) {
    EXPECT_TRUE(sameBits(party.evaluator(bytes).linear(step, {&first, &second}, {}), plenty)) << bytes;
  }
}

}  // namespace
}  // namespace ckks
