#include "ckks/ring/ntt.h"

#include <algorithm>
#include <bit>
#include <stdexcept>

#include "ckks/ring/bits.h"
#include "ckks/ring/primes.h"
#include "ring_test_support.h"

namespace ckks {
namespace {

using test::copyOf;
using test::kAllValues;
using test::residues;
using test::Values;
using test::vectorOf;

/// a(x) by Horner's rule.
Word evaluate(const AlignedWords& coefficients, Word x, const Modulus& modulus) {
  Word sum = 0;
  for (std::size_t i = coefficients.size(); i-- > 0;) {
    sum = modulus.add(modulus.multiply(sum, x), coefficients[i]);
  }
  return sum;
}

/// a b mod X^N + 1, every product apart.
AlignedWords schoolbookProduct(const AlignedWords& a, const AlignedWords& b, const Modulus& modulus) {
  const std::size_t n = a.size();
  AlignedWords product(n);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      const Word term = modulus.multiply(a[i], b[j]);
      Word& sum = product[(i + j) % n];
      sum = i + j < n ? modulus.add(sum, term) : modulus.subtract(sum, term);
    }
  }
  return product;
}

/// The sizes of prime that kernels may treat differently, at ends of their ranges.
std::vector<Modulus> primesFor(std::size_t ringDimension) {
  std::vector<Modulus> moduli;
  for (const int bits : {20, 30, 36, 40, 45, 46, 47, 48, 49, 50}) {
    if ((Word{1} << bits) > 16 * ringDimension * 2) {
      moduli.emplace_back(primesBelow(bits, 1, ringDimension, {}).front());
    }
  }
  return moduli;
}

TEST(NttTable, RootIsPrimitive) {
  for (int log = 4; log <= 17; ++log) {
    const std::size_t n = std::size_t{1} << log;
    const Modulus modulus(primesBelow(50, 1, n, {}).front());
    const NttTable table(modulus, n);
    EXPECT_EQ(modulus.power(table.root(), n), modulus.value - 1);
    EXPECT_EQ(table.ringDimension(), n);
    EXPECT_EQ(table.twiddles()[1], modulus.power(table.root(), n / 2));
  }
}

TEST(NttTable, CostsNothingUntilItIsUsedAndAMegabyteAtMost) {
  const NttTable table(Modulus(primesBelow(50, 1, 1 << 16, {}).front()), 1 << 16);
  EXPECT_EQ(table.bytes(), 0u);
  AlignedWords values(1 << 16);
  kernels().forwardNtt(values.data(), table);
  kernels().inverseNtt(values.data(), table);
  EXPECT_GE(table.bytes(), std::size_t{1} << 19);
  EXPECT_LE(table.bytes(), std::size_t{1} << 20);
}

TEST(NttTable, RefusesUnfitModuliAndDimensions) {
  const Modulus prime(primesBelow(50, 1, 1 << 10, {}).front());
  EXPECT_THROW(NttTable(prime, 8), std::invalid_argument);
  EXPECT_THROW(NttTable(prime, 48), std::invalid_argument);
  EXPECT_THROW(NttTable(prime, 1 << 18), std::invalid_argument);
  EXPECT_THROW(NttTable(Modulus(1000003), 16), std::invalid_argument);   // prime, but 1000002 = 2 mod 16
  EXPECT_THROW(NttTable(Modulus(97 * 193), 16), std::invalid_argument);  // 1 mod 32, but composite
}

class Ntt : public test::KernelTest {};

TEST_P(Ntt, EvaluatesAtOddPowersOfTheRootInBitReversedOrder) {
  for (int log = 4; log <= 9; ++log) {
    const std::size_t n = std::size_t{1} << log;
    for (const Modulus& modulus : primesFor(n)) {
      const NttTable table(modulus, n);
      const AlignedWords coefficients = residues(n, modulus.value, Values::kRandom, generator_);
      AlignedWords values = copyOf(coefficients);
      kernels_.forwardNtt(values.data(), table);
      for (std::size_t i = 0; i < n; ++i) {
        const Word point = modulus.power(table.root(), 2 * reverseBits(i, log) + 1);
        ASSERT_EQ(values[i], evaluate(coefficients, point, modulus)) << "n " << n << " index " << i;
      }
    }
  }
}

TEST_P(Ntt, MultipliesModuloXToTheNPlusOne) {
  for (const std::size_t n : {std::size_t{16}, std::size_t{32}, std::size_t{64}, std::size_t{256}}) {
    for (const Modulus& modulus : primesFor(n)) {
      const NttTable table(modulus, n);
      for (const Values values : kAllValues) {
        AlignedWords a = residues(n, modulus.value, values, generator_);
        AlignedWords b = residues(n, modulus.value, values, generator_);
        const AlignedWords expected = schoolbookProduct(a, b, modulus);
        kernels_.forwardNtt(a.data(), table);
        kernels_.forwardNtt(b.data(), table);
        kernels_.multiply(a.data(), a.data(), b.data(), n, modulus);
        kernels_.inverseNtt(a.data(), table);
        ASSERT_EQ(vectorOf(a), vectorOf(expected)) << "n " << n << " q " << modulus.value;
      }
    }
  }
}

TEST_P(Ntt, AgreesWithScalarAndReturns) {
  const Kernels& scalar = kernelsNamed("scalar");
  for (int log = 4; log <= 17; ++log) {
    const std::size_t n = std::size_t{1} << log;
    for (const Modulus& modulus : primesFor(n)) {
      const NttTable table(modulus, n);
      for (const Values values : kAllValues) {
        const AlignedWords input = residues(n, modulus.value, values, generator_);
        AlignedWords expected = copyOf(input);
        AlignedWords actual = copyOf(input);
        scalar.forwardNtt(expected.data(), table);
        kernels_.forwardNtt(actual.data(), table);
        ASSERT_EQ(vectorOf(actual), vectorOf(expected)) << "forward, n " << n << " q " << modulus.value;
        kernels_.inverseNtt(actual.data(), table);
        ASSERT_EQ(vectorOf(actual), vectorOf(input)) << "round trip, n " << n << " q " << modulus.value;

        expected = copyOf(input);
        scalar.inverseNtt(expected.data(), table);
        kernels_.inverseNtt(actual.data(), table);
        ASSERT_EQ(vectorOf(actual), vectorOf(expected)) << "inverse, n " << n << " q " << modulus.value;
      }
    }
  }
}

TEST_P(Ntt, PairsAreTransformedAsOneByOne) {
  for (int log = 4; log <= 17; ++log) {
    const std::size_t n = std::size_t{1} << log;
    for (const Modulus& modulus : primesFor(n)) {
      const NttTable table(modulus, n);
      AlignedWords first = residues(n, modulus.value, Values::kRandom, generator_);
      AlignedWords second = residues(n, modulus.value, Values::kRandom, generator_);
      AlignedWords expectedFirst = copyOf(first);
      AlignedWords expectedSecond = copyOf(second);
      for (const bool forward : {true, false}) {
        const auto transform = forward ? kernels_.forwardNtt : kernels_.inverseNtt;
        transform(expectedFirst.data(), table);
        transform(expectedSecond.data(), table);
        BlockWork none([](std::size_t, std::size_t) {});
        if (forward) {
          kernels_.forwardNttPair(first.data(), second.data(), table, none);
        } else {
          AlignedWords working0 = std::move(first);
          AlignedWords working1 = std::move(second);
          first = AlignedWords(n);
          second = AlignedWords(n);
          kernels_.inverseNttPair(first.data(), second.data(), working0.data(), working1.data(), table, none);
        }
        ASSERT_EQ(vectorOf(first), vectorOf(expectedFirst)) << "forward " << forward << ", n " << n;
        ASSERT_EQ(vectorOf(second), vectorOf(expectedSecond)) << "forward " << forward << ", n " << n;
      }
    }
  }
}

TEST_P(Ntt, PairsShowEachBlockWhenItIsFinishedOrBeforeItIsRead) {
  for (int log = 4; log <= 17; ++log) {
    const std::size_t n = std::size_t{1} << log;
    for (const Modulus& modulus : primesFor(n)) {
      const NttTable table(modulus, n);
      const AlignedWords coefficients = residues(n, modulus.value, Values::kRandom, generator_);
      AlignedWords evaluations = copyOf(coefficients);
      kernels_.forwardNtt(evaluations.data(), table);
      const AlignedWords zeros(n);

      std::size_t reached = 0;
      AlignedWords first = copyOf(coefficients);
      AlignedWords second = copyOf(coefficients);
      BlockWork negate([&](std::size_t begin, std::size_t end) {
        ASSERT_EQ(begin, reached);
        reached = end;
        ASSERT_TRUE(std::equal(first.data() + begin, first.data() + end, evaluations.data() + begin));
        kernels_.negate(second.data() + begin, second.data() + begin, end - begin, modulus);
      });
      kernels_.forwardNttPair(first.data(), second.data(), table, negate);
      ASSERT_EQ(reached, n);
      ASSERT_EQ(vectorOf(first), vectorOf(evaluations));
      kernels_.add(first.data(), first.data(), second.data(), n, modulus);
      ASSERT_EQ(vectorOf(first), vectorOf(zeros)) << "changes of a finished block, n " << n;

      reached = 0;
      AlignedWords working0(n);
      AlignedWords working1(n);
      BlockWork fill([&](std::size_t begin, std::size_t end) {
        ASSERT_EQ(begin, reached);
        reached = end;
        std::copy(evaluations.data() + begin, evaluations.data() + end, working0.data() + begin);
        std::copy(evaluations.data() + begin, evaluations.data() + end, working1.data() + begin);
      });
      kernels_.inverseNttPair(first.data(), second.data(), working0.data(), working1.data(), table, fill);
      ASSERT_EQ(reached, n);
      ASSERT_EQ(vectorOf(first), vectorOf(coefficients)) << "blocks filled before they are read, n " << n;
      ASSERT_EQ(vectorOf(second), vectorOf(coefficients)) << "blocks filled before they are read, n " << n;
    }
  }
}

CKKS_FOR_ALL_KERNELS(Ntt);

}  // namespace
}  // namespace ckks
