#include "ckks/ring/modulus.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <stdexcept>
#include <vector>

#include "ring_test_support.h"

namespace ckks {
namespace {

std::vector<Modulus> moduli() {
  std::vector<Modulus> list = test::primesOfAllSizes(16);
  for (const Word small : {3ULL, 5ULL, 97ULL, 65537ULL}) list.emplace_back(small);
  return list;
}

std::vector<Word> operands(const Modulus& modulus) {
  std::mt19937_64 generator(1);
  std::vector<Word> values = {0, 1, modulus.value / 2, modulus.value / 2 + 1, modulus.value - 1};
  for (int i = 0; i < 20; ++i) values.push_back(generator() % modulus.value);
  return values;
}

TEST(Modulus, ArithmeticAgreesWithWideIntegers) {
  for (const Modulus& modulus : moduli()) {
    const Word128 q = modulus.value;
    for (const Word a : operands(modulus)) {
      EXPECT_EQ(modulus.negate(a), static_cast<Word>((q - a) % q));
      for (const Word b : operands(modulus)) {
        EXPECT_EQ(modulus.add(a, b), static_cast<Word>((Word128{a} + b) % q));
        EXPECT_EQ(modulus.subtract(a, b), static_cast<Word>((q + a - b) % q));
        EXPECT_EQ(modulus.multiply(a, b), static_cast<Word>(Word128{a} * b % q));
        EXPECT_EQ(modulus.multiply(a, modulus.shoup(b)), static_cast<Word>(Word128{a} * b % q));
      }
    }
  }
}

TEST(Modulus, ConstantsMultiplyAnyWordBelowTheRadix) {
  for (const Modulus& modulus : moduli()) {
    for (const Word constant : operands(modulus)) {
      for (const Word a : {kRadixMask, kRadixMask - 1, kRadixMask / 3}) {
        const ShoupConstant factor = modulus.shoup(constant);
        EXPECT_EQ(modulus.multiply(a, factor), static_cast<Word>(Word128{a} * constant % modulus.value));
        EXPECT_LT(modulus.multiplyLazy(a, factor), 2 * modulus.value);
      }
    }
  }
}

TEST(Modulus, ReducesAnyWord) {
  constexpr Word all = ~Word{0};
  std::mt19937_64 generator(2);
  for (const Modulus& modulus : moduli()) {
    for (const Word a : {Word{0}, modulus.value, modulus.value - 1, all, all - modulus.value, generator()}) {
      EXPECT_EQ(modulus.reduce(a), a % modulus.value);
      for (const Word b : {Word{0}, Word{1}, all, generator()}) {
        const Word128 wide = (Word128{a} << 64) | b;
        EXPECT_EQ(modulus.reduce(wide), static_cast<Word>(wide % modulus.value));
      }
    }
  }
}

TEST(Modulus, ReducesSignedIntegers) {
  constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();
  for (const Modulus& modulus : moduli()) {
    const auto q = static_cast<std::int64_t>(modulus.value);
    for (const std::int64_t a : {std::int64_t{0}, std::int64_t{1}, q - 1, q, q + 1, largest, largest - 1}) {
      EXPECT_EQ(modulus.reduceSigned(a), static_cast<Word>(a % q));
      EXPECT_EQ(modulus.reduceSigned(-a), static_cast<Word>((q - a % q) % q));
    }
  }
}

TEST(Modulus, ConstantsOfTheRadix) {
  for (const Modulus& modulus : moduli()) {
    const auto radix = static_cast<Word>((Word128{1} << kRadixBits) % modulus.value);
    EXPECT_EQ(modulus.radix.value, radix);
    EXPECT_EQ(modulus.multiply(modulus.inverseRadix, radix), 1U);
    EXPECT_EQ((modulus.radixInverse * modulus.value) & kRadixMask, 1U);
  }
}

TEST(Modulus, PowersAndInverses) {
  for (const Modulus& modulus : moduli()) {
    for (const Word a : operands(modulus)) {
      Word power = 1;
      for (Word exponent = 0; exponent < 10; ++exponent) {
        EXPECT_EQ(modulus.power(a, exponent), power);
        power = modulus.multiply(power, a);
      }
      if (a != 0) {
        EXPECT_EQ(modulus.multiply(a, modulus.inverse(a)), 1U);
      }
    }
    EXPECT_THROW(static_cast<void>(modulus.inverse(0)), std::invalid_argument);
  }
}

TEST(Modulus, RefusesWhatItsReductionsCannotServe) {
  for (const Word value : {Word{0}, Word{1}, Word{2}, Word{100}, (Word{1} << 50) + 1, ~Word{0}}) {
    EXPECT_THROW(static_cast<void>(Modulus(value)), std::invalid_argument) << value;
  }
  EXPECT_NO_THROW(static_cast<void>(Modulus((Word{1} << 50) - 1)));
}

}  // namespace
}  // namespace ckks
