#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "ckks/eval/chebyshev_evaluator.h"
#include "support/error_kind.h"
#include "support/party.h"

namespace ckks {
namespace {

constexpr int kLevels = 9;
constexpr double kBound = 7;

int levelsFor(std::size_t degree) { return static_cast<int>(std::ceil(std::log2(static_cast<double>(degree) + 2))); }

/// sum coefficients[k] cos(k acos(x / bound)).
double chebyshevSum(const std::vector<double>& coefficients, double x) {
  double sum = 0;
  for (std::size_t k = 0; k < coefficients.size(); ++k) {
    sum += coefficients[k] * std::cos(static_cast<double>(k) * std::acos(x / kBound));
  }
  return sum;
}

class ChebyshevTest : public testing::Test {
 protected:
  ChebyshevTest() { party_.addRelinearization(kLevels); }

  std::vector<double> randomCoefficients(std::size_t degree) {
    std::uniform_real_distribution<double> uniform(-1, 1);
    std::vector<double> coefficients(degree + 1);
    for (double& value : coefficients) value = uniform(generator_) / static_cast<double>(degree + 1);
    return coefficients;
  }

  Party party_{testLiteral(1024, kLevels, kLevels + 1)};
  std::mt19937_64 generator_{1};
};

TEST_F(ChebyshevTest, PolynomialsOfManyDegreesAtExactlyTheStatedLevelAndScale) {
  Evaluator evaluator = party_.evaluator();
  const SlotVector slots = randomRealSlots(party_.slots(), kBound, generator_);
  const Ciphertext input = party_.encrypt(slots, kLevels, 0x1p24);
  for (const std::size_t degree : {1u, 2u, 3u, 5u, 8u, 15u, 27u, 59u, 119u}) {
    SCOPED_TRACE(degree);
    const std::vector<double> coefficients = randomCoefficients(degree);
    const Ciphertext output =
        evaluator.polynomial(input, coefficients, kBound, kLevels - levelsFor(degree), 0x1p30, {});
    EXPECT_EQ(output.level, kLevels - levelsFor(degree));
    EXPECT_EQ(output.scale, 0x1p30);
    const SlotVector found = party_.decrypt(output);
    // The derivative of T_k(x / bound) reaches k^2 / bound, which multiplies the input's noise of about 2^-15.
    const double tolerance = 0x1p-13 * static_cast<double>(degree + 1);
    for (std::size_t i = 0; i < party_.slots(); ++i) {
      ASSERT_NEAR(found.real[i], chebyshevSum(coefficients, slots.real[i]), tolerance) << "slot " << i;
    }
  }
}

TEST_F(ChebyshevTest, AScaleAboveThePrimesTakesOneMoreLevel) {
  Evaluator evaluator = party_.evaluator();
  const SlotVector slots = randomRealSlots(party_.slots(), kBound, generator_);
  const std::vector<double> coefficients = randomCoefficients(15);
  const Ciphertext input = party_.encrypt(slots, kLevels, 0x1p41);
  const SlotVector found = party_.decrypt(evaluator.polynomial(input, coefficients, kBound, kLevels - 6, 0x1p30, {}));
  for (std::size_t i = 0; i < party_.slots(); ++i) {
    ASSERT_NEAR(found.real[i], chebyshevSum(coefficients, slots.real[i]), 0x1p-13) << "slot " << i;
  }
}

TEST_F(ChebyshevTest, PowersBecomeChebyshevCoefficients) {
  const std::vector<double> powers = {0.5, -1, 0.25, 0, 0.125, -0.03};
  const std::vector<double> coefficients = chebyshevCoefficients(powers, kBound);
  for (double x = -kBound; x <= kBound; x += 0.37) {
    double expected = 0;
    for (std::size_t k = 0; k < powers.size(); ++k) expected += powers[k] * std::pow(x, static_cast<double>(k));
    EXPECT_NEAR(chebyshevSum(coefficients, x), expected, 1e-9);
  }
}

TEST_F(ChebyshevTest, TooFewLevelsAreRefused) {
  Evaluator evaluator = party_.evaluator();
  const Ciphertext input = party_.encrypt(randomRealSlots(party_.slots(), kBound, generator_), 3, 0x1p24);
  EXPECT_EQ(errorKindOf([&] { (void)evaluator.polynomial(input, randomCoefficients(59), kBound, 0, 0x1p30, {}); }),
            ErrorKind::kLevelExhausted);
}

}  // namespace
}  // namespace ckks
