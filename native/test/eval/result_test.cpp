// The switch to the result ring.

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "ckks/scheme/sampler.h"
#include "support/error_kind.h"
#include "support/noise.h"
#include "support/party.h"

namespace ckks {
namespace {

class ResultTest : public testing::TestWithParam<std::size_t> {
 protected:
  static ParameterLiteral literal() {
    ParameterLiteral literal = testLiteral(2048, 3, 4);
    literal.resultRingDimension = GetParam();
    return literal;
  }

  /// Per coefficient: the encryption's error and rounding, one digit of one prime times the key's error, and the
  /// rounding of c0 and c1, the latter times the small secret.
  double predictedVariance() const {
    const double n = static_cast<double>(party_.parameters()->ringDimension());
    const double m = static_cast<double>(GetParam());
    const double ratio = static_cast<double>(party_.parameters()->modulus(0).value) /
                         static_cast<double>(party_.parameters()->modulus(party_.parameters()->specialLimb(0)).value);
    const double sigma = kErrorDeviation;
    return m * (sigma * sigma + 1.0 / 12 + n * sigma * sigma * ratio * ratio / 12 + (1 + m * 2 / 3) / 12);
  }

  Party party_{literal()};
  std::mt19937_64 generator_{1};
};

TEST_P(ResultTest, HoldsTheMeansOverCongruentSlots) {
  party_.addRingSwitch();
  Evaluator evaluator = party_.evaluator();
  const SlotVector slots = randomSlots(party_.slots(), 1, generator_);
  const std::size_t count = GetParam() / 2;
  ComplexSlots means(count);
  for (std::size_t i = 0; i < party_.slots(); ++i) {
    means[i % count] += complexOf(slots)[i] * static_cast<double>(count) / static_cast<double>(party_.slots());
  }
  const double scale = 0x1p40;
  for (const int level : {0, 2}) {
    SCOPED_TRACE(level);
    const std::vector<std::uint8_t> bytes = evaluator.writeResult(party_.encrypt(slots, level, scale));
    const SlotVector decrypted = party_.client().decrypt(bytes);
    ASSERT_EQ(decrypted.real.size(), count);
    const double measured = rootMeanSquareError(decrypted, means);
    EXPECT_NEAR(std::log2(measured), std::log2(std::sqrt(predictedVariance()) / scale), 0.5);
  }
}

TEST_P(ResultTest, NeedsItsKey) {
  party_.addRelinearization(1);
  Evaluator evaluator = party_.evaluator();
  const Ciphertext input = party_.encrypt(randomSlots(party_.slots(), 1, generator_), 0, 0x1p40);
  EXPECT_EQ(errorKindOf([&] { (void)evaluator.writeResult(input); }), ErrorKind::kKeyMissing);
}

INSTANTIATE_TEST_SUITE_P(Dimensions, ResultTest, testing::Values(std::size_t{64}, std::size_t{512}, std::size_t{2048}));

}  // namespace
}  // namespace ckks
