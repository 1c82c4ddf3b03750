#include "ckks/scheme/encoder.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>
#include <random>
#include <vector>

#include "support/error_kind.h"

namespace ckks {
namespace {

using Complex = std::complex<long double>;

/// Evaluates polynomials at the slots' points exp(i pi 5^j / N) term by term, in long double.
class DirectEmbedding {
 public:
  explicit DirectEmbedding(std::size_t ringDimension) : slots_(ringDimension / 2), roots_(2 * ringDimension) {
    for (std::size_t k = 0; k < roots_.size(); ++k) {
      const long double angle =
          std::numbers::pi_v<long double> * static_cast<long double>(k) / static_cast<long double>(ringDimension);
      roots_[k] = {std::cos(angle), std::sin(angle)};
    }
  }

  template <typename Coefficient>
  [[nodiscard]] std::vector<Complex> evaluate(const std::vector<Coefficient>& coefficients) const {
    std::vector<Complex> values(slots_);
    std::size_t power = 1;
    for (Complex& value : values) {
      for (std::size_t k = 0; k < coefficients.size(); ++k) {
        value += static_cast<long double>(coefficients[k]) * roots_[power * k % roots_.size()];
      }
      power = power * 5 % roots_.size();
    }
    return values;
  }

  /// The real polynomial with these values: coefficient k is the mean of Re(value_j conj(point_j)^k), doubled by the
  /// conjugate points that have no slot.
  [[nodiscard]] std::vector<long double> interpolate(const std::vector<double>& real,
                                                     const std::vector<double>& imaginary) const {
    std::vector<long double> coefficients(2 * slots_);
    std::size_t power = 1;
    for (std::size_t j = 0; j < slots_; ++j) {
      const Complex value(real[j], imaginary[j]);
      for (std::size_t k = 0; k < coefficients.size(); ++k) {
        coefficients[k] += (value * std::conj(roots_[power * k % roots_.size()])).real();
      }
      power = power * 5 % roots_.size();
    }
    for (long double& coefficient : coefficients) coefficient /= static_cast<long double>(slots_);
    return coefficients;
  }

 private:
  std::size_t slots_;
  std::vector<Complex> roots_;
};

std::vector<double> uniformValues(std::size_t count, double bound, std::uint64_t seed) {
  std::mt19937_64 generator(seed);
  std::uniform_real_distribution<double> uniform(-bound, bound);
  std::vector<double> values(count);
  for (double& value : values) value = uniform(generator);
  return values;
}

TEST(EncoderTest, CoefficientsAreTheRoundedInterpolation) {
  for (const std::size_t n : {std::size_t{4}, std::size_t{16}, std::size_t{1024}}) {
    SCOPED_TRACE(n);
    const std::vector<double> real = uniformValues(n / 2, 3, 1);
    const std::vector<double> imaginary = uniformValues(n / 2, 3, 2);
    const double scale = std::exp2(40);
    std::vector<std::int64_t> coefficients(n);
    Encoder(n).encode(coefficients, real, imaginary, scale);
    const std::vector<long double> exact = DirectEmbedding(n).interpolate(real, imaginary);
    for (std::size_t k = 0; k < n; ++k) {
      // Half for the rounding; the transform's own error is 2^40 times a few 2^-53.
      ASSERT_NEAR(static_cast<double>(coefficients[k]), static_cast<double>(exact[k] * scale), 0.51) << k;
    }
  }
}

TEST(EncoderTest, DecodesToTheDirectEvaluation) {
  constexpr std::size_t kDimension = 1024;
  const std::vector<double> coefficients = uniformValues(kDimension, 1, 3);
  std::vector<double> real(kDimension / 2);
  std::vector<double> imaginary(kDimension / 2);
  Encoder(kDimension).decode(real, imaginary, coefficients);
  const std::vector<Complex> exact = DirectEmbedding(kDimension).evaluate(coefficients);
  for (std::size_t j = 0; j < real.size(); ++j) {
    ASSERT_NEAR(real[j], static_cast<double>(exact[j].real()), 1e-12) << j;
    ASSERT_NEAR(imaginary[j], static_cast<double>(exact[j].imag()), 1e-12) << j;
  }
}

TEST(EncoderTest, AnEmptyImaginaryPartIsZero) {
  constexpr std::size_t kDimension = 64;
  const std::vector<double> real = uniformValues(kDimension / 2, 1, 4);
  const std::vector<double> zeros(kDimension / 2);
  std::vector<std::int64_t> without(kDimension);
  std::vector<std::int64_t> with(kDimension);
  Encoder(kDimension).encode(without, real, {}, 0x1p30);
  Encoder(kDimension).encode(with, real, zeros, 0x1p30);
  EXPECT_EQ(without, with);
}

TEST(EncoderTest, APeriodicVectorIsASparsePolynomial) {
  constexpr std::size_t kDimension = 2048;
  for (const std::size_t period : {std::size_t{8}, std::size_t{128}, kDimension / 2}) {
    SCOPED_TRACE(period);
    const std::vector<double> real = uniformValues(period, 1, 5);
    const std::vector<double> imaginary = uniformValues(period, 1, 6);
    std::vector<double> repeatedReal(kDimension / 2);
    std::vector<double> repeatedImaginary(kDimension / 2);
    for (std::size_t j = 0; j < kDimension / 2; ++j) {
      repeatedReal[j] = real[j % period];
      repeatedImaginary[j] = imaginary[j % period];
    }
    std::vector<std::int64_t> sparse(2 * period);
    std::vector<std::int64_t> dense(kDimension);
    Encoder(2 * period).encode(sparse, real, imaginary, 0x1p30);
    Encoder(kDimension).encode(dense, repeatedReal, repeatedImaginary, 0x1p30);
    const std::size_t stride = kDimension / (2 * period);
    for (std::size_t k = 0; k < kDimension; ++k) {
      const std::int64_t expected = k % stride == 0 ? sparse[k / stride] : 0;
      // Both round; at 2^30 times an error of 2^-50 they differ only within that of a half.
      ASSERT_NEAR(static_cast<double>(dense[k]), static_cast<double>(expected), k % stride == 0 ? 1 : 0) << k;
    }
  }
}

TEST(EncoderTest, RefusesValuesThatDoNotFit) {
  constexpr std::size_t kDimension = 16;
  const Encoder encoder(kDimension);
  std::vector<std::int64_t> coefficients(kDimension);
  const auto encodeWith = [&](double value, double scale) {
    std::vector<double> real(kDimension / 2, value);
    return errorKindOf([&] { encoder.encode(coefficients, real, {}, scale); });
  };
  EXPECT_EQ(encodeWith(1, 0x1p61), std::nullopt);
  EXPECT_EQ(coefficients[0], std::int64_t{1} << 61);
  EXPECT_EQ(encodeWith(1, 0x1p62), ErrorKind::kRange);
  EXPECT_EQ(encodeWith(-1, 0x1p62), ErrorKind::kRange);
  EXPECT_EQ(encodeWith(std::numeric_limits<double>::quiet_NaN(), 1), ErrorKind::kRange);
  EXPECT_EQ(encodeWith(std::numeric_limits<double>::infinity(), 1), ErrorKind::kRange);
  EXPECT_EQ(encodeWith(std::numeric_limits<double>::max(), 0x1p40), ErrorKind::kRange);
}

TEST(EncoderTest, RefusesWrongSizes) {
  const Encoder encoder(16);
  std::vector<std::int64_t> coefficients(16);
  const std::vector<double> values(8);
  const std::vector<double> tooFew(7);
  EXPECT_EQ(errorKindOf([&] { encoder.encode(coefficients, tooFew, {}, 1); }), ErrorKind::kInvalidParameter);
  EXPECT_EQ(errorKindOf([&] { encoder.encode(coefficients, values, tooFew, 1); }), ErrorKind::kInvalidParameter);
  EXPECT_EQ(errorKindOf([] { Encoder wrong(24); }), ErrorKind::kInvalidParameter);
  EXPECT_EQ(errorKindOf([] { Encoder wrong(2); }), ErrorKind::kInvalidParameter);
}

}  // namespace
}  // namespace ckks
