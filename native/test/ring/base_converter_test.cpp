#include "ckks/ring/base_converter.h"

#include <stdexcept>

#include "ckks/ring/primes.h"
#include "ring_test_support.h"

namespace ckks {
namespace {

using test::vectorOf;

/// More than kernels convert at a time, and no multiple of it.
constexpr std::size_t kSize = 200;

/// A natural number of up to 2,560 bits, as 32-bit digits: enough of one to check conversions exactly.
class Natural {
 public:
  explicit Natural(Word value) : digits_{static_cast<std::uint32_t>(value), static_cast<std::uint32_t>(value >> 32)} {}

  void multiply(Word factor) {
    Word128 carry = 0;
    for (std::uint32_t& digit : digits_) {
      carry += Word128{digit} * factor;
      digit = static_cast<std::uint32_t>(carry);
      carry >>= 32;
    }
    for (; carry != 0; carry >>= 32) digits_.push_back(static_cast<std::uint32_t>(carry));
  }

  void add(const Natural& other) { combine(other, 1); }
  void subtract(const Natural& smaller) { combine(smaller, -1); }

  void halve() {
    std::uint32_t carry = 0;
    for (std::size_t i = digits_.size(); i-- > 0;) {
      const std::uint32_t digit = digits_[i];
      digits_[i] = (digit >> 1) | (carry << 31);
      carry = digit & 1;
    }
  }

  [[nodiscard]] Word modulo(Word modulus) const {
    Word128 remainder = 0;
    for (std::size_t i = digits_.size(); i-- > 0;) remainder = ((remainder << 32) | digits_[i]) % modulus;
    return static_cast<Word>(remainder);
  }

 private:
  void combine(const Natural& other, int sign) {
    if (digits_.size() < other.digits_.size() + 1) digits_.resize(other.digits_.size() + 1);
    std::int64_t carry = 0;
    for (std::size_t i = 0; i < digits_.size(); ++i) {
      carry += digits_[i];
      if (i < other.digits_.size()) carry += sign * std::int64_t{other.digits_[i]};
      digits_[i] = static_cast<std::uint32_t>(carry);
      carry >>= 32;
    }
  }

  std::vector<std::uint32_t> digits_;
};

struct Integer {
  Natural magnitude;
  bool negative;

  [[nodiscard]] Word modulo(const Modulus& modulus) const {
    const Word residue = magnitude.modulo(modulus.value);
    return negative ? modulus.negate(residue) : residue;
  }
};

Natural productOf(const std::vector<Modulus>& primes) {
  Natural product(1);
  for (const Modulus& prime : primes) product.multiply(prime.value);
  return product;
}

class BaseConvert : public test::KernelTest {
 protected:
  /// Integers in (-Q/2, Q/2): near zero, near the ends, and over the whole range (mixed radix, a random digit for
  /// each prime, the last one below half of it).
  std::vector<Integer> integers(const std::vector<Modulus>& primes) {
    std::vector<Integer> list;
    for (std::size_t i = 0; i < kSize; ++i) {
      const bool negative = i % 2 == 1;
      if (i < 8) {
        list.push_back({Natural(i / 2), negative});
      } else if (i < 24) {
        Natural magnitude = productOf(primes);
        magnitude.halve();
        // Outside the share of Q that the quotient's rounding in doubles can't tell from a half.
        Natural gap = productOf({primes.begin(), primes.end() - 1});
        gap.multiply((primes.back().value >> 19) + 1 + i);
        magnitude.subtract(gap);
        list.push_back({magnitude, negative});
      } else {
        Natural magnitude(generator_() % (primes.back().value / 2));
        for (std::size_t k = primes.size() - 1; k-- > 0;) {
          magnitude.multiply(primes[k].value);
          magnitude.add(Natural(generator_() % primes[k].value));
        }
        list.push_back({magnitude, negative});
      }
    }
    return list;
  }

  static std::vector<AlignedWords> residuesOf(const std::vector<Integer>& list, const std::vector<Modulus>& primes) {
    std::vector<AlignedWords> limbs;
    for (const Modulus& prime : primes) {
      limbs.emplace_back(list.size());
      for (std::size_t i = 0; i < list.size(); ++i) limbs.back()[i] = list[i].modulo(prime);
    }
    return limbs;
  }

  std::vector<AlignedWords> convert(const BaseConverter& converter, const std::vector<AlignedWords>& in,
                                    std::size_t begin = 0, std::size_t end = kSize) {
    std::vector<AlignedWords> out;
    std::vector<Word*> pointers;
    for (std::size_t j = 0; j < converter.to().size(); ++j) {
      out.emplace_back(kSize);
      pointers.push_back(out.back().data());
    }
    kernels_.baseConvert(pointers.data(), test::pointersTo(in).data(), converter, begin, end);
    return out;
  }
};

std::vector<Modulus> moduliOf(const std::vector<Word>& values) { return {values.begin(), values.end()}; }

TEST_P(BaseConvert, IsExactAndCentred) {
  for (const std::size_t sources : {1U, 2U, 7U, 14U, 15U, 21U, 40U}) {
    for (const int bits : {30, 40, 50}) {
      const std::vector<Word> primes = primesBelow(bits, sources + 3, 16, {});
      const std::vector<Modulus> from = moduliOf({primes.begin() + 3, primes.end()});
      std::vector<Modulus> to = moduliOf({primes.begin(), primes.begin() + 3});
      to.push_back(from.front());
      to.emplace_back(primesBelow(20, 1, 16, {}).front());
      to.emplace_back(primesBelow(50, 60, 16, {}).back());

      const std::vector<Integer> list = integers(from);
      const std::vector<AlignedWords> out = convert(BaseConverter(from, to), residuesOf(list, from));
      const std::vector<AlignedWords> expected = residuesOf(list, to);
      for (std::size_t j = 0; j < to.size(); ++j) {
        ASSERT_EQ(vectorOf(out[j]), vectorOf(expected[j])) << sources << " sources, " << bits << " bits, target " << j;
      }
    }
  }
}

TEST_P(BaseConvert, FactorsAreFoldedIn) {
  const std::vector<Word> primes = primesBelow(50, 8, 16, {});
  const std::vector<Modulus> from = moduliOf({primes.begin(), primes.begin() + 5});
  const std::vector<Modulus> to = moduliOf({primes.begin() + 5, primes.end()});
  const std::vector<Integer> list = integers(from);
  const std::vector<AlignedWords> in = residuesOf(list, from);

  std::vector<Word> inputFactors;
  std::vector<AlignedWords> scaled;
  for (std::size_t i = 0; i < from.size(); ++i) {
    inputFactors.push_back(generator_() % from[i].value);
    scaled.emplace_back(kSize);
    for (std::size_t k = 0; k < kSize; ++k) scaled[i][k] = from[i].multiply(in[i][k], inputFactors[i]);
  }
  std::vector<Word> outputFactors;
  for (const Modulus& prime : to) outputFactors.push_back(generator_() % prime.value);

  const std::vector<AlignedWords> plain = convert(BaseConverter(from, to), scaled);
  const std::vector<AlignedWords> out = convert(BaseConverter(from, to, inputFactors, outputFactors), in);
  for (std::size_t j = 0; j < to.size(); ++j) {
    for (std::size_t k = 0; k < kSize; ++k) ASSERT_EQ(out[j][k], to[j].multiply(plain[j][k], outputFactors[j]));
  }
}

TEST_P(BaseConvert, AgreesWithScalarOnAnyResidues) {
  const Kernels& scalar = kernelsNamed("scalar");
  for (const std::size_t sources : {1U, 10U, 40U}) {
    const std::vector<Word> primes = primesBelow(50, sources + 8, 16, {});
    const std::vector<Modulus> from = moduliOf({primes.begin() + 8, primes.end()});
    const BaseConverter converter(from, moduliOf({primes.begin(), primes.begin() + 8}));
    for (const test::Values values : test::kAllValues) {
      std::vector<AlignedWords> in;
      for (const Modulus& prime : from) in.push_back(test::residues(kSize, prime.value, values, generator_));
      const std::vector<AlignedWords> out = convert(converter, in);
      std::vector<AlignedWords> expected;
      std::vector<Word*> pointers;
      for (std::size_t j = 0; j < converter.to().size(); ++j) {
        expected.emplace_back(kSize);
        pointers.push_back(expected.back().data());
      }
      scalar.baseConvert(pointers.data(), test::pointersTo(in).data(), converter, 0, kSize);
      for (std::size_t j = 0; j < out.size(); ++j) ASSERT_EQ(vectorOf(out[j]), vectorOf(expected[j]));
    }
  }
}

TEST_P(BaseConvert, WritesOnlyItsRange) {
  const std::vector<Word> primes = primesBelow(50, 4, 16, {});
  const std::vector<Modulus> from = moduliOf({primes.begin(), primes.begin() + 3});
  const BaseConverter converter(from, moduliOf({primes.begin() + 3, primes.end()}));
  std::vector<AlignedWords> in;
  for (const Modulus& prime : from) in.push_back(test::residues(kSize, prime.value, test::Values::kRandom, generator_));
  const std::vector<AlignedWords> all = convert(converter, in);
  const std::vector<AlignedWords> part = convert(converter, in, 8, 168);
  for (std::size_t k = 0; k < kSize; ++k) EXPECT_EQ(part[0][k], k >= 8 && k < 168 ? all[0][k] : 0);
}

TEST(BaseConverter, RefusesSizesThatDoNotMatch) {
  const std::vector<Modulus> primes = moduliOf(primesBelow(50, 42, 16, {}));
  const std::vector<Modulus> to = {primes[0]};
  EXPECT_THROW(BaseConverter({}, to), std::invalid_argument);
  EXPECT_THROW(BaseConverter({primes.begin() + 1, primes.end()}, to), std::invalid_argument);
  EXPECT_THROW(BaseConverter({primes[1], primes[2]}, to, {1}), std::invalid_argument);
  EXPECT_THROW(BaseConverter({primes[1]}, to, {1}, {1, 1}), std::invalid_argument);
  EXPECT_THROW(BaseConverter({primes[1], primes[1]}, to), std::invalid_argument);
}

CKKS_FOR_ALL_KERNELS(BaseConvert);

}  // namespace
}  // namespace ckks
