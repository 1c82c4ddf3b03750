// Loading under random damage, the same in every run: refused with a ckks::Error or accepted, never anything else.

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <vector>

#include "fuzz/mutated_loading.h"

namespace ckks {
namespace {

TEST(MutationTest, WhatIsNotDamagedIsAccepted) {
  MutatedLoading loading;
  for (std::uint8_t target = 0; target < 6; ++target) {
    const std::array<std::uint8_t, 1> program = {target};
    EXPECT_EQ(loading.run(program), MutatedLoading::Outcome::kAccepted) << "target " << int{target};
  }
}

TEST(MutationTest, DamageIsRefusedOrHarmless) {
  constexpr int kPrograms = 6000;
  MutatedLoading loading;
  std::mt19937_64 generator(20);
  int refused = 0;
  for (int i = 0; i < kPrograms; ++i) {
    std::vector<std::uint8_t> program(3 + generator() % 24);
    for (std::uint8_t& byte : program) byte = static_cast<std::uint8_t>(generator());
    SCOPED_TRACE(testing::Message() << "program " << i);
    ASSERT_NO_THROW({ refused += loading.run(program) == MutatedLoading::Outcome::kRefused ? 1 : 0; });
  }
  // Most damage is noticed; payload bits of a ciphertext, and seeds under a valid seal, cannot be.
  EXPECT_GT(refused, kPrograms / 2);
  EXPECT_LT(refused, kPrograms);
}

}  // namespace
}  // namespace ckks
