// Loading under random damage, the same in every run: refused with a ckks::Error or accepted, never anything else.

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <vector>

#include "fuzz/mutated_loading.h"

namespace ckks {
namespace {

class MutationTest : public testing::TestWithParam<FileKind> {
 protected:
  MutatedLoading loading_;
};

TEST_P(MutationTest, WhatIsNotDamagedIsAccepted) {
  for (std::size_t variant = 0; variant < loading_.variants(GetParam()); ++variant) {
    const std::array<std::uint8_t, 1> program = {static_cast<std::uint8_t>(variant)};
    EXPECT_EQ(loading_.run(GetParam(), program), MutatedLoading::Outcome::kAccepted) << "variant " << variant;
  }
}

TEST_P(MutationTest, DamageIsRefusedOrHarmless) {
  constexpr int kPrograms = 1500;
  std::mt19937_64 generator(20);
  int refused = 0;
  for (int i = 0; i < kPrograms; ++i) {
    std::vector<std::uint8_t> program(3 + generator() % 24);
    for (std::uint8_t& byte : program) byte = static_cast<std::uint8_t>(generator());
    SCOPED_TRACE(testing::Message() << "program " << i);
    ASSERT_NO_THROW({ refused += loading_.run(GetParam(), program) == MutatedLoading::Outcome::kRefused ? 1 : 0; });
  }
  // Most damage is noticed; payload bits of a ciphertext, and seeds under a valid seal, cannot be.
  EXPECT_GT(refused, kPrograms / 2);
  EXPECT_LT(refused, kPrograms);
}

INSTANTIATE_TEST_SUITE_P(FileKinds, MutationTest,
                         testing::Values(FileKind::kEvaluationKey, FileKind::kPublicKey, FileKind::kCiphertext,
                                         FileKind::kSecret));

}  // namespace
}  // namespace ckks
