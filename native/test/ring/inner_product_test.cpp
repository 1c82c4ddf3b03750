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
      for (const bool accumulate : {false, true}) {
        checkKeys(q, digits, keys0, keys1, automorphism, range, accumulate, values);
      }
    }
  }

  void checkKeys(const Modulus& q, const std::vector<AlignedWords>& digits, const std::vector<AlignedWords>& keys0,
                 const std::vector<AlignedWords>& keys1, const Automorphism* automorphism, Range range, bool accumulate,
                 Values values) {
    AlignedWords out0 = residues(kDimension, q.value, values, generator_);
    AlignedWords out1 = residues(kDimension, q.value, values, generator_);
    const AlignedWords before0 = test::copyOf(out0);
    const AlignedWords before1 = test::copyOf(out1);
    // Only where sums are accumulated, so that the summand is also left out.
    const AlignedWords summand0 = residues(kDimension, q.value, values, generator_);
    const Word* added0 = accumulate ? summand0.data() : nullptr;
    const ShoupConstant radix = q.shoup(q.reduce(Word{1} << kRadixBits));
    kernels_.keyInnerProduct(out0.data(), out1.data(), pointersTo(digits).data(), pointersTo(keys0).data(),
                             pointersTo(keys1).data(), digits.size(), added0, automorphism, range.begin, range.end,
                             accumulate, q);
    for (std::size_t local = 0; local < range.end - range.begin; ++local) {
      const std::size_t index = range.begin + local;
      const std::size_t source = automorphism != nullptr ? automorphism->source(index) : index;
      // 2^52 times the outputs.
      Word sum0 = accumulate ? q.multiply(q.add(before0[local], summand0[source]), radix) : 0;
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

  void checkPlains(const Modulus& q, std::size_t count, unsigned blockShift, Range range, Values values) {
    const std::size_t size = range.end - range.begin;
    const std::vector<AlignedWords> in0 = limbs(count, size, q, values);
    const std::vector<AlignedWords> in1 = limbs(count, size, q, values);
    const std::vector<AlignedWords> plains = limbs(count, kDimension >> blockShift, q, values);
    std::vector<const Word*> weights = pointersTo(plains);
    for (std::size_t k = 3; k < count; k += 5) weights[k] = nullptr;
    for (const bool accumulate : {false, true}) {
      AlignedWords out0 = residues(size, q.value, values, generator_);
      AlignedWords out1 = residues(size, q.value, values, generator_);
      AlignedWords expected0 = test::copyOf(out0);
      AlignedWords expected1 = test::copyOf(out1);
      kernels_.plainInnerProduct(out0.data(), out1.data(), pointersTo(in0).data(), pointersTo(in1).data(),
                                 weights.data(), count, blockShift, range.begin, range.end, accumulate, q);
      for (std::size_t i = 0; i < size; ++i) {
        Word sum0 = accumulate ? expected0[i] : 0;
        Word sum1 = accumulate ? expected1[i] : 0;
        for (std::size_t k = 0; k < count; ++k) {
          if (weights[k] == nullptr) continue;
          const Word weight = weights[k][(range.begin + i) >> blockShift];
          sum0 = q.add(sum0, q.multiply(in0[k][i], weight));
          sum1 = q.add(sum1, q.multiply(in1[k][i], weight));
        }
        ASSERT_EQ(out0[i], sum0) << "q " << q.value << " terms " << count << " shift " << blockShift;
        ASSERT_EQ(out1[i], sum1) << "q " << q.value << " terms " << count << " shift " << blockShift;
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
    for (const std::size_t count : {1U, 14U, 15U, 16U, 40U}) {
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
