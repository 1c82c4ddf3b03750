#include "ckks/ring/automorphism.h"

#include <algorithm>
#include <stdexcept>

#include "ckks/ring/ntt.h"
#include "ckks/ring/primes.h"
#include "ring_test_support.h"

namespace ckks {
namespace {

using test::copyOf;
using test::residues;
using test::Values;
using test::vectorOf;

/// a(X^k) mod X^N + 1 on coefficients.
AlignedWords substitute(const AlignedWords& a, Word galoisElement, const Modulus& modulus) {
  const std::size_t n = a.size();
  AlignedWords image(n);
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t exponent = i * galoisElement % (2 * n);
    image[exponent % n] = exponent < n ? a[i] : modulus.negate(a[i]);
  }
  return image;
}

std::vector<Word> galoisElements(std::size_t n) { return {1, 3, 5, 25, 125 % (2 * n), n + 1, 2 * n - 1, 2 * n - 5}; }

TEST(Automorphism, MapsAlignedBlocksToAlignedBlocks) {
  for (const std::size_t n : {std::size_t{16}, std::size_t{64}, std::size_t{1024}}) {
    for (const Word galoisElement : galoisElements(n)) {
      const Automorphism automorphism(n, galoisElement);
      std::vector<bool> seen(n, false);
      for (std::size_t i = 0; i < n; ++i) {
        ASSERT_LT(automorphism.source(i), n);
        seen[automorphism.source(i)] = true;
        for (std::size_t size = 8; size <= n; size *= 2) {
          EXPECT_EQ(automorphism.source(i) / size, automorphism.source(i / size * size) / size);
        }
        EXPECT_EQ(automorphism.source(i) / 4, automorphism.source(i / 4 * 4) / 4);
      }
      EXPECT_EQ(std::count(seen.begin(), seen.end(), true), static_cast<std::ptrdiff_t>(n));
    }
  }
}

TEST(Automorphism, TakesTheElementModulo2N) {
  EXPECT_EQ(Automorphism(64, 128 + 5).galoisElement(), 5U);
  const Automorphism reduced(64, 5);
  const Automorphism large(64, 128 * 1000 + 5);
  for (std::size_t i = 0; i < 64; ++i) EXPECT_EQ(reduced.source(i), large.source(i));
}

TEST(Automorphism, RefusesEvenElementsAndUnfitDimensions) {
  EXPECT_THROW(Automorphism(64, 4), std::invalid_argument);
  EXPECT_THROW(Automorphism(8, 5), std::invalid_argument);
  EXPECT_THROW(Automorphism(100, 5), std::invalid_argument);
  EXPECT_THROW(Automorphism(0, 5), std::invalid_argument);
}

class Permute : public test::KernelTest {};

TEST_P(Permute, IsTheSubstitutionInTheCoefficients) {
  for (const std::size_t n :
       {std::size_t{16}, std::size_t{32}, std::size_t{128}, std::size_t{4096}, std::size_t{65536}}) {
    const Modulus modulus(primesBelow(50, 1, n, {}).front());
    const NttTable table(modulus, n);
    const AlignedWords coefficients = residues(n, modulus.value, Values::kRandom, generator_);
    AlignedWords values = copyOf(coefficients);
    kernels_.forwardNtt(values.data(), table);
    for (const Word galoisElement : galoisElements(n)) {
      AlignedWords image(n);
      const Automorphism automorphism(n, galoisElement);
      kernels_.permute(image.data(), values.data(), automorphism, 0, n / 2);
      kernels_.permute(image.data() + n / 2, values.data(), automorphism, n / 2, n);
      kernels_.inverseNtt(image.data(), table);
      EXPECT_EQ(vectorOf(image), vectorOf(substitute(coefficients, galoisElement, modulus)))
          << "n " << n << " element " << galoisElement;
    }
  }
}

TEST_P(Permute, WritesOnlyItsRange) {
  constexpr std::size_t n = 128;
  const AlignedWords values = residues(n, 1 << 20, Values::kRandom, generator_);
  AlignedWords image(n);
  for (std::size_t i = 0; i < n; ++i) image[i] = 7;
  const Automorphism automorphism(n, 5);
  kernels_.permute(image.data() + 24, values.data(), automorphism, 24, 40);
  for (std::size_t i = 0; i < n; ++i) {
    EXPECT_EQ(image[i], i >= 24 && i < 40 ? values[automorphism.source(i)] : 7);
  }
}

CKKS_FOR_ALL_KERNELS(Permute);

}  // namespace
}  // namespace ckks
