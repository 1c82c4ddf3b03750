#include "ckks/ring/avx2_bounds.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <iterator>
#include <random>
#include <vector>

#include "ckks/ring/primes.h"
#include "ring_test_support.h"

// The AVX2 kernels' arithmetic in doubles, one lane of it, at the ends of what it may be given.

namespace ckks {
namespace {

__extension__ typedef __int128 Signed128;

/// The integer nearest to a b by adding 1.5 2^52.
double nearestProduct(double a, double b) { return std::fma(a, b, 0x1.8p52) - 0x1.8p52; }

/// a b minus quotient q, of the two halves of the product.
double remainderOf(double a, double b, double quotient, double q) {
  const double high = a * b;
  const double low = std::fma(a, b, -high);
  return std::fma(-quotient, q, high) + low;
}

Word residueOf(double a, const Modulus& q) { return q.reduceSigned(static_cast<std::int64_t>(a)); }

/// Integers of magnitude up to the bound: its ends, and random ones.
std::vector<double> integersUpTo(double bound) {
  std::mt19937_64 generator(2026);
  const double largest = std::floor(bound);
  std::vector<double> list = {largest, -largest, largest - 1, 1 - largest, 0, 1, -1};
  std::uniform_real_distribution<double> uniform(-largest, largest);
  for (int i = 0; i < 200; ++i) list.push_back(std::trunc(uniform(generator)));
  return list;
}

TEST(Avx2Bounds, Remainders) {
  for (const Modulus& q : test::primesOfAllSizes(16)) {
    const auto value = static_cast<double>(q.value);
    for (const double a : integersUpTo(2 * avx2::kLargestReal)) {
      const double remainder = std::fma(-nearestProduct(a, q.reciprocal), value, a);
      ASSERT_LE(std::abs(remainder), avx2::reducedBound(value)) << "q " << q.value << ", " << a;
      ASSERT_EQ(residueOf(remainder, q), residueOf(a, q)) << "q " << q.value << ", " << a;
    }
  }
}

TEST(Avx2Bounds, ProductsWithCentredFactors) {
  for (const Modulus& q : test::primesOfAllSizes(16)) {
    const auto value = static_cast<double>(q.value);
    const double half = (value - 1) / 2;
    for (const double a : integersUpTo(avx2::kLargestReal)) {
      for (const double w : {half, -half, half - 1, 1.0}) {
        const double remainder = remainderOf(a, w, nearestProduct(a, w * q.reciprocal), value);
        ASSERT_LE(std::abs(remainder), avx2::productBound(std::abs(a), value))
            << "q " << q.value << ", " << a << " " << w;
        ASSERT_EQ(residueOf(remainder, q), q.multiply(residueOf(a, q), residueOf(w, q))) << "q " << q.value;
      }
    }
  }
}

TEST(Avx2Bounds, ProductsOfResidues) {
  for (const Modulus& q : test::primesOfAllSizes(16)) {
    const auto value = static_cast<double>(q.value);
    for (const double integer : integersUpTo(value - 1)) {
      const double a = std::abs(integer);
      for (const double b : {value - 1, value - 2, std::floor(value / 2), 1.0}) {
        const double remainder = remainderOf(a, b, nearestProduct(a * b, q.reciprocal), value);
        ASSERT_LE(std::abs(remainder), avx2::inputBound(value)) << "q " << q.value << ", " << a << " " << b;
        ASSERT_EQ(residueOf(remainder, q), q.multiply(residueOf(a, q), residueOf(b, q))) << "q " << q.value;
      }
    }
  }
}

TEST(Avx2Bounds, ProductsPlusResidues) {
  for (const Modulus& q : test::primesOfAllSizes(16)) {
    const auto value = static_cast<double>(q.value);
    for (const double integer : integersUpTo(value - 1)) {
      const double a = std::abs(integer);
      for (const double sum : {0.0, value - 1, 3 * (value - 1)}) {
        const double b = value - 1;
        const double ratio = std::fma(a * b, q.reciprocal, sum * q.reciprocal);
        const double quotient = ratio + 0x1.8p52 - 0x1.8p52;
        const double low = std::fma(a, b, -(a * b)) + sum;
        const double remainder = std::fma(-quotient, value, a * b) + low;
        ASSERT_LE(std::abs(remainder), 0.875 * value + 1) << "q " << q.value << ", " << a << " " << sum;
        ASSERT_EQ(residueOf(remainder, q), q.add(q.multiply(residueOf(a, q), residueOf(b, q)), residueOf(sum, q)));
      }
    }
  }
}

TEST(Avx2Bounds, TransformsStayBelowTheLargestReal) {
  for (const Modulus& q : test::primesOfAllSizes(16)) {
    const auto value = static_cast<double>(q.value);
    for (int levels = 0; levels <= avx2::kMaxUpperLevels; ++levels) {
      EXPECT_LE(avx2::forwardPlan(levels, value).largest, avx2::kLargestReal) << "q " << q.value << ", " << levels;
      EXPECT_LE(avx2::inversePlan(levels, value).largest, avx2::kLargestReal) << "q " << q.value << ", " << levels;
    }
  }
}

TEST(Avx2Bounds, ForwardTransformsReduceNothingUpTo47Bits) {
  for (const Modulus& q : test::primesOfAllSizes(16)) {
    if (q.bits > 47) continue;
    const avx2::TransformPlan plan = avx2::forwardPlan(avx2::kMaxUpperLevels, static_cast<double>(q.value));
    EXPECT_FALSE(plan.registerBlocks || std::any_of(std::begin(plan.passes), std::end(plan.passes), std::identity()))
        << "q " << q.value;
  }
}

/// Splits as many products as fit, each as large as it may be, and expects the exact sum from what is left of both
/// sums.
void checkSums(const avx2::SumWidth& width, const Modulus& q) {
  const auto value = static_cast<double>(q.value);
  const std::size_t count = avx2::termsThatFit(width, avx2::plainTermBound(value));
  EXPECT_GE(count, 16U) << "q " << q.value;
  const double unit = std::ldexp(1.0, width.unitBits);
  for (const double sign : {1.0, -1.0}) {
    Signed128 exact = 0;
    Signed128 units = 0;
    std::int64_t rests = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const double a = sign * (std::floor(avx2::inputBound(value)) - static_cast<double>(i));
      const double b = std::floor(avx2::reducedBound(value)) - static_cast<double>(i % 3);
      const double high = std::fma(a, b, 0x1.8p52 * unit) - 0x1.8p52 * unit;
      const double rest = std::fma(a, b, -high);
      EXPECT_LE(std::abs(rest), unit / 2);
      units += static_cast<std::int64_t>(high / unit);
      rests += static_cast<std::int64_t>(rest);
      exact += static_cast<Signed128>(a) * static_cast<Signed128>(b);
    }
    EXPECT_TRUE(units * static_cast<Signed128>(unit) + rests == exact) << "q " << q.value;
    EXPECT_LE(std::abs(static_cast<double>(units)) * unit, width.largestSum) << "q " << q.value;
  }
}

TEST(Avx2Bounds, SumsOfProductsOfEverySize) {
  for (const Modulus& q : test::primesOfAllSizes(16)) {
    if (q.bits <= 46) checkSums(avx2::kNarrowSum, q);
    checkSums(avx2::kWideSum, q);
  }
}

TEST(Avx2Bounds, NarrowSumsAreExactDoubles) {
  EXPECT_LE(avx2::kNarrowSum.largestSum, std::ldexp(1.0, avx2::kNarrowSum.unitBits + 51));
  EXPECT_LE(static_cast<double>(avx2::kNarrowSum.largestCount) * std::ldexp(0.5, avx2::kNarrowSum.unitBits), 0x1p51);
}

}  // namespace
}  // namespace ckks
