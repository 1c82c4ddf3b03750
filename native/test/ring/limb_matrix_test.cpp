#include "ckks/ring/limb_matrix.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <set>
#include <stdexcept>
#include <utility>

namespace ckks {
namespace {

TEST(LimbMatrix, LimbsAreAlignedAndApart) {
  constexpr std::size_t words = 1 << 12;
  LimbMatrix matrix(40, words);
  EXPECT_EQ(matrix.limbs(), 40U);
  EXPECT_EQ(matrix.words(), words);
  EXPECT_GE(matrix.bytes(), 40 * words * sizeof(Word));
  for (std::size_t i = 0; i < matrix.limbs(); ++i) {
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(matrix.limb(i)) % 64, 0U);
    for (std::size_t k = 0; k < words; ++k) matrix.limb(i)[k] = i;
  }
  for (std::size_t i = 0; i < matrix.limbs(); ++i) {
    for (std::size_t k = 0; k < words; ++k) ASSERT_EQ(matrix.limb(i)[k], i);
  }
}

TEST(LimbMatrix, LimbsAtOneIndexSpreadOverTheCacheSets) {
  // One slab's worth of limbs, of a cache with 64 sets of 64 bytes.
  const LimbMatrix matrix(12, 1 << 16);
  std::set<std::uintptr_t> sets;
  for (std::size_t i = 0; i < matrix.limbs(); ++i) {
    sets.insert(reinterpret_cast<std::uintptr_t>(matrix.limb(i)) / 64 % 64);
  }
  EXPECT_GE(sets.size(), 10U);
}

TEST(LimbMatrix, ZeroAndMove) {
  LimbMatrix matrix = LimbMatrix::zero(3, 64);
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t k = 0; k < 64; ++k) EXPECT_EQ(matrix.limb(i)[k], 0U);
  }
  Word* first = matrix.limb(0);
  LimbMatrix moved = std::move(matrix);
  EXPECT_EQ(moved.limb(0), first);
  LimbMatrix target(5, 64);
  target = std::move(moved);
  EXPECT_EQ(target.limbs(), 3U);
  EXPECT_EQ(target.limb(0), first);
  EXPECT_EQ(LimbMatrix().limbs(), 0U);
}

TEST(LimbMatrix, RefusesPartialVectors) { EXPECT_THROW(LimbMatrix(1, 12), std::invalid_argument); }

}  // namespace
}  // namespace ckks
