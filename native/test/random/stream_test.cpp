#include "ckks/random/stream.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <vector>

namespace ckks {
namespace {

using Bytes = std::vector<std::uint8_t>;

Seed countingSeed() {
  std::array<std::uint8_t, Seed::kBytes> bytes;
  std::iota(bytes.begin(), bytes.end(), std::uint8_t{0});
  return Seed(bytes);
}

Bytes read(RandomStream& stream, std::uint32_t streamIndex, std::uint64_t offset, std::size_t count) {
  Bytes bytes(count, 0xff);
  stream.read(streamIndex, offset, bytes);
  return bytes;
}

// From OpenSSL's command line: AES-256-CTR of zeros under SHA-256(seed | domain), counter blocks
// (stream index, 4 zero bytes, block number), big-endian.
TEST(RandomStreamTest, GivesTheKnownAnswers) {
  RandomStream stream(countingSeed(), "known answer");
  EXPECT_EQ(read(stream, 0, 0, 32),
            (Bytes{0x63, 0xfe, 0xec, 0x6c, 0x34, 0xb8, 0xa1, 0xd0, 0x80, 0x1f, 0x9b, 0x9b, 0xd5, 0x10, 0x9b, 0xff,
                   0xa9, 0x4b, 0x7d, 0x15, 0x69, 0xb5, 0xf7, 0x54, 0x4b, 0x2f, 0xce, 0x84, 0xf5, 0xcc, 0x66, 0xc3}));
  EXPECT_EQ(read(stream, 0x01020304, (std::uint64_t{1} << 32) + 5 * 16, 32),
            (Bytes{0xa0, 0xda, 0xd8, 0x79, 0x87, 0x63, 0x94, 0xdc, 0x9b, 0x73, 0x93, 0x0a, 0xbd, 0x9b, 0xa9, 0xe9,
                   0x20, 0x75, 0xe9, 0x27, 0x72, 0x1d, 0xee, 0xd9, 0x4d, 0x76, 0x59, 0x0b, 0xe5, 0x3d, 0xa3, 0xea}));
}

TEST(RandomStreamTest, RandomAccessEqualsSequentialReading) {
  RandomStream stream(countingSeed(), "access");
  const Bytes whole = read(stream, 7, 0, 4096);
  for (const std::size_t piece : {std::size_t{16}, std::size_t{48}, std::size_t{1000}}) {
    for (std::size_t offset = 4096 - 1008; offset >= 1024; offset -= 1024) {
      const Bytes part = read(stream, 7, offset, piece);
      EXPECT_TRUE(std::equal(part.begin(), part.end(), whole.begin() + static_cast<std::ptrdiff_t>(offset)))
          << offset << " " << piece;
    }
  }
}

TEST(RandomStreamTest, ReadingOnEqualsReadingAtOnce) {
  RandomStream stream(countingSeed(), "access");
  const Bytes whole = read(stream, 7, 0, 4096);
  const auto part = [&](std::size_t offset, std::size_t count) {
    const auto begin = whole.begin() + static_cast<std::ptrdiff_t>(offset);
    return Bytes(begin, begin + static_cast<std::ptrdiff_t>(count));
  };
  EXPECT_EQ(read(stream, 7, 0, 48), part(0, 48));
  EXPECT_EQ(read(stream, 7, 48, 1600), part(48, 1600));
  EXPECT_EQ(read(stream, 7, 1648, 1000), part(1648, 1000));  // ends within a block of the cipher
  EXPECT_EQ(read(stream, 7, 2656, 64), part(2656, 64));
  RandomStream other(countingSeed(), "access");
  EXPECT_EQ(read(stream, 8, 2720, 64), read(other, 8, 2720, 64));  // where index 7 would go on
}

TEST(RandomStreamTest, SeedsDomainsAndIndicesSeparateStreams) {
  std::array<std::uint8_t, Seed::kBytes> other{};
  RandomStream stream(countingSeed(), "a");
  RandomStream sameAgain(countingSeed(), "a");
  RandomStream otherDomain(countingSeed(), "b");
  RandomStream otherSeed(Seed(other), "a");
  const Bytes bytes = read(stream, 0, 0, 64);
  EXPECT_EQ(read(sameAgain, 0, 0, 64), bytes);
  EXPECT_NE(read(otherDomain, 0, 0, 64), bytes);
  EXPECT_NE(read(otherSeed, 0, 0, 64), bytes);
  EXPECT_NE(read(stream, 1, 0, 64), bytes);
}

TEST(SeedTest, TheSystemsSeedsDiffer) {
  const Seed first = Seed::fromSystem();
  const Seed second = Seed::fromSystem();
  EXPECT_FALSE(std::ranges::equal(first.bytes(), second.bytes()));
}

}  // namespace
}  // namespace ckks
