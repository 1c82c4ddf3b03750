#include "ckks/eval/linear_encoding.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <random>

#include "ckks/eval/sparse_transform.h"
#include "eval/linear_examples.h"
#include "support/error_kind.h"
#include "support/party.h"

namespace ckks {
namespace {

class LinearEncodingTest : public testing::Test {
 protected:
  LinearDescription description() {
    std::mt19937_64 generator(1);
    return LinearExample{2, 0x1p24, 64, {0, 1}, {4, 0}, {0x1p44}}.describe(generator);
  }

  const std::shared_ptr<const Parameters> parameters_ = std::make_shared<const Parameters>(testLiteral(1024, 3, 2));
};

TEST_F(LinearEncodingTest, KeepsStepsAndSizes) {
  const EncodedLinear step(*parameters_, description());
  EXPECT_EQ(step.level(), 2);
  EXPECT_EQ(step.outputScale(), 0x1p24);
  EXPECT_EQ(step.sparseDimension(), 128u);
  ASSERT_EQ(step.terms().size(), 1u);
  EXPECT_EQ(step.terms()[0].diagonals.size(), 4u);
  EXPECT_GE(step.bytes(), 5 * 128 * sizeof(std::int64_t));
}

TEST_F(LinearEncodingTest, RefusesInconsistentDescriptions) {
  const std::vector<std::function<void(LinearDescription&)>> inconsistencies = {
      [](LinearDescription& d) { d.period = 4; },
      [](LinearDescription& d) { d.period = 48; },
      [](LinearDescription& d) { d.period = 1024; },
      [](LinearDescription& d) { d.bias.pop_back(); },
      [](LinearDescription& d) { d.terms.clear(); },
      [](LinearDescription& d) { d.babySteps.clear(); },
      [](LinearDescription& d) { d.giantSteps.clear(); },
      [](LinearDescription& d) { d.giantSteps.back() = 8; },
      [](LinearDescription& d) { d.giantParents.back() = 0; },
      [](LinearDescription& d) { d.giantParents.pop_back(); },
      [](LinearDescription& d) { d.giantParents[0] = 0; },
      [](LinearDescription& d) { d.giantParents[0] = 2; },
      [](LinearDescription& d) { d.giantParents[0] = -1; },
      [](LinearDescription& d) { d.terms[0].diagonals.pop_back(); },
      [](LinearDescription& d) { d.terms[0].shiftedDiagonals.assign(1, 1.0); },
      [](LinearDescription& d) {
        d.terms[0].shiftedDiagonals = d.terms[0].diagonals;
        d.conjugate = true;
      },
      [](LinearDescription& d) { d.terms[0].babyIndices.pop_back(); },
      [](LinearDescription& d) { d.terms[0].giantIndices.pop_back(); },
      [](LinearDescription& d) { d.terms[0].babyIndices[0] = 2; },
      [](LinearDescription& d) { d.terms[0].giantIndices[0] = 2; },
      [](LinearDescription& d) { d.terms[0].offsets[0] += 1; },
  };
  for (std::size_t i = 0; i < inconsistencies.size(); ++i) {
    LinearDescription changed = description();
    inconsistencies[i](changed);
    EXPECT_EQ(errorKindOf([&] { EncodedLinear step(*parameters_, changed); }), ErrorKind::kInvalidParameter)
        << "case " << i;
  }
}

TEST_F(LinearEncodingTest, OffsetsCountModuloTheSlots) {
  LinearDescription changed = description();
  changed.terms[0].offsets[0] -= 512;
  EXPECT_EQ(errorKindOf([&] { EncodedLinear step(*parameters_, changed); }), std::nullopt);
}

TEST_F(LinearEncodingTest, RefusesLevelsWithoutARescale) {
  for (const int level : {-1, 0, 4}) {
    LinearDescription changed = description();
    changed.level = level;
    EXPECT_EQ(errorKindOf([&] { EncodedLinear step(*parameters_, changed); }), ErrorKind::kLevelExhausted) << level;
  }
}

TEST_F(LinearEncodingTest, RefusesWeightsThatDoNotFit) {
  for (const double weight :
       {1e30, std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
    LinearDescription changed = description();
    changed.terms[0].diagonals[0] = weight;
    EXPECT_EQ(errorKindOf([&] { EncodedLinear step(*parameters_, changed); }), ErrorKind::kRange) << weight;
    changed = description();
    changed.bias[0] = weight;
    EXPECT_EQ(errorKindOf([&] { EncodedLinear step(*parameters_, changed); }), ErrorKind::kRange) << weight;
  }
}

TEST_F(LinearEncodingTest, ASparsePolynomialsEvaluationsStandForTheMainRings) {
  const std::size_t n = parameters_->ringDimension();
  SparseTransform sparse(parameters_);
  std::mt19937_64 generator(1);
  for (const std::size_t dimension : {std::size_t{16}, std::size_t{128}, n}) {
    for (const std::size_t limb : {std::size_t{0}, std::size_t{2}, parameters_->specialLimb(0)}) {
      SparseCoefficients coefficients(dimension);
      for (std::int64_t& value : coefficients) value = static_cast<std::int64_t>(generator()) >> 4;
      AlignedWords evaluations(dimension);
      sparse.evaluate(evaluations.data(), coefficients.data(), dimension, limb);

      AlignedWords whole(n);
      for (std::size_t k = 0; k < dimension; ++k) {
        whole[k * (n / dimension)] = parameters_->modulus(limb).reduceSigned(coefficients[k]);
      }
      kernels().forwardNtt(whole.data(), parameters_->table(limb));
      for (std::size_t i = 0; i < n; ++i) ASSERT_EQ(whole[i], evaluations[i / (n / dimension)]) << i;
    }
  }
}

}  // namespace
}  // namespace ckks
