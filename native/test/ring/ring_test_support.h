#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "ckks/ring/aligned.h"
#include "ckks/ring/kernels.h"
#include "ckks/ring/modulus.h"

namespace ckks::test {

/// How residues are drawn: uniformly, or at the ends of their range, where lazy reductions are most likely to fail.
enum class Values { kRandom, kLargest, kEnds, kZero };

inline constexpr Values kAllValues[] = {Values::kRandom, Values::kLargest, Values::kEnds, Values::kZero};

/// `size` canonical residues.
AlignedWords residues(std::size_t size, Word modulus, Values values, std::mt19937_64& generator);

/// The largest prime of each size from 20 to 50 bits that serves the ring dimension, and the smallest of 50 bits among
/// the first hundred.
std::vector<Modulus> primesOfAllSizes(std::size_t ringDimension);

/// A copy: AlignedWords only move.
AlignedWords copyOf(const AlignedWords& words);

/// The words as a vector, for comparisons whose failures GoogleTest prints.
std::vector<Word> vectorOf(const AlignedWords& words);

/// Pointers to each limb.
std::vector<const Word*> pointersTo(const std::vector<AlignedWords>& limbs);

/// Tests that run once for every kernel of this machine.
class KernelTest : public testing::TestWithParam<std::string_view> {
 protected:
  const Kernels& kernels_ = kernelsNamed(GetParam());
  std::mt19937_64 generator_{2026};
};

std::string kernelName(const testing::TestParamInfo<std::string_view>& info);

}  // namespace ckks::test

/// Instantiates a suite of KernelTest.
#define CKKS_FOR_ALL_KERNELS(Suite) \
  INSTANTIATE_TEST_SUITE_P(Kernels, Suite, testing::ValuesIn(ckks::availableKernels()), ckks::test::kernelName)
