#include "ckks/ring/primes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

namespace ckks {
namespace {

bool isPrimeByTrialDivision(Word candidate) {
  if (candidate < 2) return false;
  for (Word divisor = 2; divisor * divisor <= candidate; ++divisor) {
    if (candidate % divisor == 0) return false;
  }
  return true;
}

TEST(Primes, AgreeWithTrialDivision) {
  for (Word candidate = 0; candidate < 20000; ++candidate) {
    EXPECT_EQ(isPrime(candidate), isPrimeByTrialDivision(candidate)) << candidate;
  }
}

TEST(Primes, KnownLargeNumbers) {
  EXPECT_TRUE(isPrime(18446744073709551557U));     // the largest below 2^64
  EXPECT_FALSE(isPrime(18446744073709551559U));    //
  EXPECT_FALSE(isPrime(3825123056546413051U));     // strong pseudoprime to the bases 2 to 23
  EXPECT_FALSE(isPrime(341550071728321U));         // strong pseudoprime to the bases 2 to 17
  EXPECT_FALSE(isPrime(999999000001U * 999983U));  // two primes of 40 and 20 bits
}

TEST(PrimesBelow, AreTheLargestOfTheirResidueClass) {
  for (const std::size_t ringDimension : {std::size_t{16}, std::size_t{1} << 12, std::size_t{1} << 16}) {
    for (const int bits : {30, 40, 50}) {
      const std::vector<Word> primes = primesBelow(bits, 8, ringDimension, {});
      ASSERT_EQ(primes.size(), 8U);
      Word next = primes.front();
      for (Word candidate = (Word{1} << bits) - 2 * ringDimension + 1; candidate >= primes.back();
           candidate -= 2 * ringDimension) {
        const bool listed = std::find(primes.begin(), primes.end(), candidate) != primes.end();
        EXPECT_EQ(listed, isPrime(candidate));
        if (listed) {
          EXPECT_LE(candidate, next);
          next = candidate;
        }
      }
    }
  }
}

TEST(PrimesBelow, LeavesOutWhatIsInUse) {
  const std::vector<Word> all = primesBelow(50, 6, 1 << 15, {});
  const std::vector<Word> rest = primesBelow(50, 4, 1 << 15, {all[0], all[3]});
  EXPECT_EQ(rest, (std::vector<Word>{all[1], all[2], all[4], all[5]}));
}

TEST(PrimesBelow, RefusesImpossibleRequests) {
  EXPECT_THROW(static_cast<void>(primesBelow(51, 1, 16, {})), std::invalid_argument);
  EXPECT_THROW(static_cast<void>(primesBelow(3, 1, 16, {})), std::invalid_argument);
  EXPECT_THROW(static_cast<void>(primesBelow(30, 1, 24, {})), std::invalid_argument);
  EXPECT_THROW(static_cast<void>(primesBelow(20, 100, 1 << 16, {})), std::invalid_argument);
  EXPECT_THROW(static_cast<void>(primesBelow(10, 1, 1 << 16, {})), std::invalid_argument);
  EXPECT_TRUE(primesBelow(20, 0, 1 << 16, {}).empty());
}

}  // namespace
}  // namespace ckks
