#include <algorithm>

#include "ckks/ring/automorphism.h"
#include "ring_test_support.h"

namespace ckks {
namespace {

using test::kAllValues;
using test::pointersTo;
using test::residues;
using test::Values;

constexpr std::size_t kDimension = 512;

/// A range of whole blocks that starts and ends off the kernels' longer steps.
struct Range {
  std::size_t begin;
  std::size_t end;
};

constexpr Range kRanges[] = {{0, kDimension}, {8, 16}, {24, 24}, {40, 200}, {kDimension - 72, kDimension}};

class InnerProduct : public test::KernelTest {
 protected:
  std::vector<AlignedWords> limbs(std::size_t count, std::size_t words, const Modulus& q, Values values) {
    std::vector<AlignedWords> list;
    for (std::size_t i = 0; i < count; ++i) list.push_back(residues(words, q.value, values, generator_));
    return list;
  }

  void checkKeys(const Modulus& q, std::size_t digitCount, const Automorphism* automorphism, Values values) {
    const std::vector<AlignedWords> digits = limbs(digitCount, kDimension, q, values);
    const std::vector<AlignedWords> keys0 = limbs(digitCount, kDimension, q, values);
    const std::vector<AlignedWords> keys1 = limbs(digitCount, kDimension, q, values);
    for (const Range range : kRanges) {
      for (const ProductOutput output : {ProductOutput::kStore, ProductOutput::kAdd, ProductOutput::kFactors}) {
        for (const bool adds : {false, true}) {
          checkKeys(q, digits, keys0, keys1, automorphism, range, output, adds, values);
        }
      }
    }
  }

  /// The canonical words of factors: plainInnerProducts takes them as inputs only, beside a weight of one.
  void fromFactors(AlignedWords& words0, AlignedWords& words1, std::size_t count, const Modulus& q) {
    AlignedWords one(kDimension >> 3);
    std::fill_n(one.data(), one.size(), Word{1});
    kernels_.toFactors(one.data(), one.data(), one.size(), q);
    const PlainTerm term{words0.data(), words1.data(), one.data()};
    AlignedWords out0(kDimension);
    AlignedWords out1(kDimension);
    const PlainSum sum{out0.data(), out1.data(), &term, 1, false};
    kernels_.plainInnerProducts(&sum, 1, 3, 0, count, q);
    words0 = std::move(out0);
    words1 = std::move(out1);
  }

  void checkKeys(const Modulus& q, const std::vector<AlignedWords>& digits, const std::vector<AlignedWords>& keys0,
                 const std::vector<AlignedWords>& keys1, const Automorphism* automorphism, Range range,
                 ProductOutput output, bool adds, Values values) {
    AlignedWords out0 = residues(kDimension, q.value, values, generator_);
    AlignedWords out1 = residues(kDimension, q.value, values, generator_);
    const AlignedWords before0 = test::copyOf(out0);
    const AlignedWords before1 = test::copyOf(out1);
    const AlignedWords summand0 = residues(kDimension, q.value, values, generator_);
    const Word* added0 = adds ? summand0.data() : nullptr;
    const bool accumulate = output == ProductOutput::kAdd;
    const ShoupConstant radix = q.shoup(q.reduce(Word{1} << kernels_.digitRadixBits));
    kernels_.keyInnerProduct(out0.data(), out1.data(), pointersTo(digits).data(), pointersTo(keys0).data(),
                             pointersTo(keys1).data(), digits.size(), added0, automorphism, range.begin, range.end,
                             output, q);
    if (output == ProductOutput::kFactors) fromFactors(out0, out1, range.end - range.begin, q);
    for (std::size_t local = 0; local < range.end - range.begin; ++local) {
      const std::size_t index = range.begin + local;
      const std::size_t source = automorphism != nullptr ? automorphism->source(index) : index;
      // The radix times the outputs.
      Word sum0 = q.multiply(q.add(accumulate ? before0[local] : 0, adds ? summand0[source] : 0), radix);
      Word sum1 = accumulate ? q.multiply(before1[local], radix) : 0;
      for (std::size_t d = 0; d < digits.size(); ++d) {
        sum0 = q.add(sum0, q.multiply(digits[d][source], keys0[d][local]));
        sum1 = q.add(sum1, q.multiply(digits[d][source], keys1[d][local]));
      }
      ASSERT_LT(std::max(out0[local], out1[local]), q.value);
      ASSERT_EQ(q.multiply(out0[local], radix), sum0)
          << "q " << q.value << " digits " << digits.size() << " index " << index;
      ASSERT_EQ(q.multiply(out1[local], radix), sum1)
          << "q " << q.value << " digits " << digits.size() << " index " << index;
    }
  }

  std::vector<AlignedWords> factorsOf(const std::vector<AlignedWords>& list, const Modulus& q) {
    std::vector<AlignedWords> factors;
    for (const AlignedWords& words : list) {
      kernels_.toFactors(factors.emplace_back(words.size()).data(), words.data(), words.size(), q);
    }
    return factors;
  }

  /// The words from index 1 on, where they are not aligned.
  static AlignedWords shiftedByOne(const AlignedWords& words) {
    AlignedWords shifted(words.size() + 1);
    std::copy_n(words.data(), words.size(), shifted.data() + 1);
    return shifted;
  }

  /// A sum of `count` terms, and beside it one of every other of them that is added to what its outputs hold.
  void checkPlains(const Modulus& q, std::size_t count, unsigned blockShift, Range range, Values values) {
    const std::size_t size = range.end - range.begin;
    const std::vector<AlignedWords> in0 = limbs(count, size, q, values);
    const std::vector<AlignedWords> in1 = limbs(count, size, q, values);
    const std::vector<AlignedWords> plains = limbs(count, kDimension >> blockShift, q, values);
    const std::vector<AlignedWords> factors0 = factorsOf(in0, q);
    const std::vector<AlignedWords> factors1 = factorsOf(in1, q);
    std::vector<AlignedWords> weightFactors = factorsOf(plains, q);
    std::vector<PlainTerm> all;
    std::vector<PlainTerm> some;
    for (std::size_t k = 0; k < count; ++k) {
      AlignedWords& weights = weightFactors[k];
      if (blockShift != 0) weights = shiftedByOne(weights);
      all.push_back({factors0[k].data(), factors1[k].data(), weights.data() + (blockShift != 0 ? 1 : 0)});
      if (k % 2 == 1) some.push_back(all.back());
    }
    AlignedWords out[4];
    AlignedWords before[4];
    for (std::size_t k = 0; k < 4; ++k) {
      out[k] = residues(size, q.value, values, generator_);
      before[k] = test::copyOf(out[k]);
    }
    const PlainSum sums[] = {{out[0].data(), out[1].data(), all.data(), all.size(), false},
                             {out[2].data(), out[3].data(), some.data(), some.size(), true}};
    kernels_.plainInnerProducts(sums, 2, blockShift, range.begin, range.end, q);
    for (std::size_t i = 0; i < size; ++i) {
      Word expected[] = {0, 0, before[2][i], before[3][i]};
      for (std::size_t k = 0; k < count; ++k) {
        const Word weight = plains[k][(range.begin + i) >> blockShift];
        for (std::size_t sum = 0; sum <= k % 2; ++sum) {
          expected[2 * sum] = q.add(expected[2 * sum], q.multiply(in0[k][i], weight));
          expected[2 * sum + 1] = q.add(expected[2 * sum + 1], q.multiply(in1[k][i], weight));
        }
      }
      for (std::size_t k = 0; k < 4; ++k) {
        ASSERT_EQ(out[k][i], expected[k]) << "q " << q.value << " terms " << count << " shift " << blockShift;
      }
    }
  }
};

TEST_P(InnerProduct, KeysOfEveryDigitCount) {
  const Automorphism automorphism(kDimension, 5);
  const Modulus q = test::primesOfAllSizes(kDimension).back();
  for (std::size_t digitCount = 1; digitCount <= kMaxKeyDigits; ++digitCount) {
    for (const Values values : kAllValues) {
      checkKeys(q, digitCount, nullptr, values);
      checkKeys(q, digitCount, &automorphism, values);
    }
  }
}

TEST_P(InnerProduct, KeysModuloPrimesOfEverySize) {
  const Automorphism automorphism(kDimension, 2 * kDimension - 1);
  for (const Modulus& q : test::primesOfAllSizes(kDimension)) {
    for (const std::size_t digitCount : {1U, 3U, 15U, 16U, 32U}) {
      checkKeys(q, digitCount, &automorphism, Values::kRandom);
      checkKeys(q, digitCount, nullptr, Values::kLargest);
    }
  }
}

TEST_P(InnerProduct, PlainsModuloPrimesOfEverySize) {
  for (const Modulus& q : test::primesOfAllSizes(kDimension)) {
    for (const std::size_t count : {1U, 14U, 18U, 32U, 33U, 40U}) {
      checkPlains(q, count, 6, {0, 128}, Values::kLargest);
      checkPlains(q, count, 0, {0, 64}, Values::kRandom);
    }
  }
}

TEST_P(InnerProduct, PlainsOfEveryBlockAndRange) {
  const Modulus q = test::primesOfAllSizes(kDimension).back();
  for (const unsigned blockShift : {0U, 3U, 4U, 5U, 6U, 7U, 9U}) {
    for (const Range range : kRanges) {
      for (const std::size_t count : {0U, 1U, 7U, 20U}) {
        checkPlains(q, count, blockShift, range, Values::kRandom);
      }
    }
  }
}

TEST_P(InnerProduct, PlainsOfTheLargestCount) {
  const Modulus q = test::primesOfAllSizes(kDimension).back();
  for (const unsigned blockShift : {0U, 6U}) {
    checkPlains(q, kMaxPlainTerms, blockShift, {64, 128}, Values::kLargest);
    checkPlains(q, kMaxPlainTerms, blockShift, {64, 128}, Values::kRandom);
  }
}

CKKS_FOR_ALL_KERNELS(InnerProduct);

}  // namespace
}  // namespace ckks
