#include <algorithm>
#include <vector>

#include "ring_test_support.h"

namespace ckks {
namespace {

using test::residues;
using test::Values;
using test::vectorOf;

constexpr std::size_t kSize = 192;
constexpr std::uint8_t kCanary = 0xa5;

/// The stream bit by bit.
std::vector<std::uint8_t> packedReference(const AlignedWords& words, int bits) {
  std::vector<std::uint8_t> bytes(words.size() * static_cast<std::size_t>(bits) / 8);
  std::size_t position = 0;
  for (std::size_t i = 0; i < words.size(); ++i) {
    for (int bit = 0; bit < bits; ++bit, ++position) {
      const Word value = (words[i] >> bit) & 1;
      bytes[position / 8] = static_cast<std::uint8_t>(bytes[position / 8] | (value << (position % 8)));
    }
  }
  return bytes;
}

class Bits : public test::KernelTest {};

TEST_P(Bits, PackAndUnpackEverySize) {
  for (int bits = 8; bits <= kMaxModulusBits; ++bits) {
    for (const Values values : test::kAllValues) {
      const AlignedWords words = residues(kSize, Word{1} << bits, values, generator_);
      const std::vector<std::uint8_t> expected = packedReference(words, bits);
      // An odd address, and canaries around the stream.
      std::vector<std::uint8_t> stream(1 + expected.size() + kPackedPaddingBytes, kCanary);
      kernels_.packBits(stream.data() + 1, words.data(), kSize, bits);
      EXPECT_TRUE(std::equal(expected.begin(), expected.end(), stream.begin() + 1)) << bits << " bits";
      EXPECT_EQ(stream.front(), kCanary);
      EXPECT_TRUE(std::all_of(stream.end() - kPackedPaddingBytes, stream.end(),
                              [](std::uint8_t byte) { return byte == kCanary; }))
          << bits << " bits";

      AlignedWords unpacked(kSize);
      kernels_.unpackBits(unpacked.data(), stream.data() + 1, kSize, bits);
      EXPECT_EQ(vectorOf(unpacked), vectorOf(words)) << bits << " bits";
    }
  }
}

TEST_P(Bits, MaskAndCheckCountsWhatIsNotBelow) {
  for (int bits = 8; bits <= kMaxModulusBits; ++bits) {
    std::vector<std::uint8_t> random(kSize * static_cast<std::size_t>(bits) / 8 + kPackedPaddingBytes);
    for (std::uint8_t& byte : random) byte = static_cast<std::uint8_t>(generator_());
    AlignedWords expected(kSize);
    kernels_.unpackBits(expected.data(), random.data(), kSize, bits);
    for (const Word bound : {Word{1}, Word{3} << (bits - 2), Word{1} << bits, expected[5], expected[5] + 1}) {
      AlignedWords words(kSize);
      const std::size_t rejected = kernels_.maskAndCheck(words.data(), random.data(), kSize, bits, bound);
      EXPECT_EQ(vectorOf(words), vectorOf(expected));
      const auto notBelow =
          std::count_if(expected.data(), expected.data() + kSize, [&](Word word) { return word >= bound; });
      EXPECT_EQ(rejected, static_cast<std::size_t>(notBelow));
    }
  }
}

TEST_P(Bits, AllBelowLooksAtEveryWordAsUnsigned) {
  for (const Word bound : {Word{1}, (Word{1} << 50) - 27, Word{1} << 63, ~Word{0}}) {
    AlignedWords words = residues(kSize, bound, Values::kEnds, generator_);
    EXPECT_TRUE(kernels_.allBelow(words.data(), kSize, bound));
    for (std::size_t i = 0; i < kSize; ++i) {
      const Word before = words[i];
      for (const Word wrong : {bound, ~Word{0}}) {
        words[i] = wrong;
        EXPECT_FALSE(kernels_.allBelow(words.data(), kSize, bound)) << i;
      }
      words[i] = before;
    }
  }
  EXPECT_TRUE(kernels_.allBelow(nullptr, 0, 1));
}

CKKS_FOR_ALL_KERNELS(Bits);

}  // namespace
}  // namespace ckks
