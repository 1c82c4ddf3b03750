#include <limits>

#include "ring_test_support.h"

namespace ckks {
namespace {

using test::copyOf;
using test::kAllValues;
using test::residues;
using test::Values;
using test::vectorOf;

constexpr std::size_t kSize = 264;

class Elementwise : public test::KernelTest {
 protected:
  /// Calls `check(modulus, a, b, c)` for operands of every kind and primes of every size.
  template <typename Check>
  void forAllOperands(const Check& check) {
    for (const Modulus& modulus : test::primesOfAllSizes(16)) {
      for (const Values left : kAllValues) {
        for (const Values right : kAllValues) {
          const AlignedWords a = residues(kSize, modulus.value, left, generator_);
          const AlignedWords b = residues(kSize, modulus.value, right, generator_);
          const AlignedWords c = residues(kSize, modulus.value, right, generator_);
          check(modulus, a, b, c);
        }
      }
    }
  }
};

/// Expects out[i] == expected(i).
template <typename Expected>
void expectWords(const AlignedWords& out, const Expected& expected) {
  for (std::size_t i = 0; i < out.size(); ++i) ASSERT_EQ(out[i], expected(i)) << "index " << i;
}

TEST_P(Elementwise, AddSubtractNegate) {
  forAllOperands([&](const Modulus& q, const AlignedWords& a, const AlignedWords& b, const AlignedWords&) {
    AlignedWords out(kSize);
    kernels_.add(out.data(), a.data(), b.data(), kSize, q);
    expectWords(out, [&](std::size_t i) { return (a[i] + b[i]) % q.value; });
    kernels_.subtract(out.data(), a.data(), b.data(), kSize, q);
    expectWords(out, [&](std::size_t i) { return (a[i] + q.value - b[i]) % q.value; });
    kernels_.negate(out.data(), a.data(), kSize, q);
    expectWords(out, [&](std::size_t i) { return (q.value - a[i]) % q.value; });
  });
}

TEST_P(Elementwise, Products) {
  forAllOperands([&](const Modulus& q, const AlignedWords& a, const AlignedWords& b, const AlignedWords& c) {
    const auto product = [&](Word x, Word y) { return static_cast<Word>(Word128{x} * y % q.value); };
    AlignedWords out(kSize);
    kernels_.multiply(out.data(), a.data(), b.data(), kSize, q);
    expectWords(out, [&](std::size_t i) { return product(a[i], b[i]); });
    out = copyOf(c);
    kernels_.multiplyAdd(out.data(), a.data(), b.data(), kSize, q);
    expectWords(out, [&](std::size_t i) { return (c[i] + product(a[i], b[i])) % q.value; });
    for (const Word constant : {Word{0}, Word{1}, q.value - 1, b[0]}) {
      kernels_.multiplyConstant(out.data(), a.data(), constant, kSize, q);
      expectWords(out, [&](std::size_t i) { return product(a[i], constant); });
      out = copyOf(c);
      kernels_.multiplyConstantAdd(out.data(), a.data(), constant, kSize, q);
      expectWords(out, [&](std::size_t i) { return (c[i] + product(a[i], constant)) % q.value; });
    }
  });
}

TEST_P(Elementwise, TensorAdd) {
  forAllOperands([&](const Modulus& q, const AlignedWords& a, const AlignedWords& b, const AlignedWords& c) {
    const AlignedWords d = residues(kSize, q.value, Values::kLargest, generator_);
    AlignedWords out0 = copyOf(c);
    AlignedWords out1 = copyOf(d);
    kernels_.tensorAdd(out0.data(), out1.data(), a.data(), b.data(), c.data(), d.data(), kSize, q);
    const auto mod = [&](Word128 x) { return static_cast<Word>(x % q.value); };
    expectWords(out0, [&](std::size_t i) { return mod(c[i] + Word128{a[i]} * c[i]); });
    expectWords(out1, [&](std::size_t i) { return mod(d[i] + Word128{a[i]} * d[i] + Word128{b[i]} * c[i]); });
  });
}

TEST_P(Elementwise, InPlace) {
  const Modulus q = test::primesOfAllSizes(16).back();
  const AlignedWords a = residues(kSize, q.value, Values::kRandom, generator_);
  const AlignedWords b = residues(kSize, q.value, Values::kRandom, generator_);
  AlignedWords expected(kSize);
  const auto check = [&](const auto& call) {
    call(expected.data(), a.data(), b.data());
    AlignedWords left = copyOf(a);
    call(left.data(), left.data(), b.data());
    EXPECT_EQ(vectorOf(left), vectorOf(expected));
    AlignedWords right = copyOf(b);
    call(right.data(), a.data(), right.data());
    EXPECT_EQ(vectorOf(right), vectorOf(expected));
  };
  check([&](Word* out, const Word* x, const Word* y) { kernels_.add(out, x, y, kSize, q); });
  check([&](Word* out, const Word* x, const Word* y) { kernels_.subtract(out, x, y, kSize, q); });
  check([&](Word* out, const Word* x, const Word* y) { kernels_.multiply(out, x, y, kSize, q); });
}

TEST_P(Elementwise, LiftSigned) {
  constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();
  alignas(64) std::int64_t words[kSize + 1];
  std::int64_t* in = words + 1;  // no alignment is needed
  for (const Modulus& q : test::primesOfAllSizes(16)) {
    const auto prime = static_cast<std::int64_t>(q.value);
    const std::int64_t ends[] = {0, 1, -1, prime - 1, 1 - prime, prime, -prime, prime + 1, largest, -largest};
    for (std::size_t i = 0; i < kSize; ++i) {
      in[i] = i < std::size(ends) ? ends[i] : static_cast<std::int64_t>(generator_()) >> (i % 40);
    }
    AlignedWords out(kSize);
    kernels_.liftSigned(out.data(), in, kSize, q);
    expectWords(out, [&](std::size_t i) { return static_cast<Word>((in[i] % prime + prime) % prime); });
  }
}

CKKS_FOR_ALL_KERNELS(Elementwise);

}  // namespace
}  // namespace ckks
