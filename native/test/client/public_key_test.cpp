#include "ckks/client/public_key.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "ckks/io/key_file.h"
#include "support/error_kind.h"
#include "support/party.h"
#include "support/sealed_bytes.h"

namespace ckks {
namespace {

using Layout = KeyFileLayout;

class PublicKeyTest : public testing::Test {
 protected:
  static constexpr int kLevel = 2;

  void SetUp() override {
    party_.generator().publicKey(path_, kLevel);
    bytes_ = readBytes(path_);
  }

  std::optional<ErrorKind> readingFailure(const Bytes& bytes) const {
    const std::string path = party_.folder().path("damaged");
    writeBytes(path, bytes);
    return errorKindOf([&] { PublicKey key(party_.parameters(), File::openForReading(path)); });
  }

  /// The key with one field replaced, under valid hashes.
  template <typename Value>
  std::optional<ErrorKind> failureWithField(std::size_t offset, const Value& value) const {
    Bytes bytes = bytes_;
    putAt(bytes, offset, value);
    sealKeyFile(bytes, true);
    return readingFailure(bytes);
  }

  Party party_{testLiteral(1024, 3, 2)};
  std::string path_ = party_.folder().path("public");
  Bytes bytes_;
};

TEST_F(PublicKeyTest, HoldsOnePolynomialAndASeed) {
  EXPECT_EQ(bytes_.size(), Layout::kPayload + 1024 * (50 + 2 * 41) / 8);
  const PublicKey key(party_.parameters(), File::openForReading(path_));
  EXPECT_EQ(key.level(), kLevel);
  EXPECT_EQ(key.id(), party_.secret()->id());
  EXPECT_EQ(key.a().limbs(), 3u);
}

TEST_F(PublicKeyTest, EveryKeyHasItsOwnRandomness) {
  const std::string path = party_.folder().path("again");
  party_.generator().publicKey(path, kLevel);
  const PublicKey first(party_.parameters(), File::openForReading(path_));
  const PublicKey second(party_.parameters(), File::openForReading(path));
  EXPECT_FALSE(sameBits(first.a(), second.a()));
  EXPECT_FALSE(sameBits(first.b(), second.b()));
}

TEST_F(PublicKeyTest, DamageToAnyByteIsNoticed) {
  for (std::size_t at = 0; at < bytes_.size(); at += at < Layout::kPayload ? 1 : 97) {
    Bytes bytes = bytes_;
    bytes[at] = static_cast<std::uint8_t>(bytes[at] ^ 0x10);
    const bool version = at >= Layout::kFormat && at < Layout::kKind;
    EXPECT_EQ(readingFailure(bytes), version ? ErrorKind::kKeyVersion : ErrorKind::kKeyCorrupt) << "byte " << at;
  }
}

TEST_F(PublicKeyTest, RefusesEveryOtherLength) {
  for (const std::size_t length :
       {std::size_t{0}, std::size_t{7}, Layout::kPayload - 1, Layout::kPayload, bytes_.size() / 2, bytes_.size() - 1}) {
    EXPECT_EQ(readingFailure(Bytes(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(length))),
              ErrorKind::kKeyCorrupt)
        << length;
  }
  Bytes longer = bytes_;
  longer.push_back(0);
  EXPECT_EQ(readingFailure(longer), ErrorKind::kKeyCorrupt);
}

TEST_F(PublicKeyTest, ImpossibleFieldsAreRefusedUnderValidHashes) {
  for (const std::uint32_t kind : {0u, 5u, 0xffffffffu}) {
    EXPECT_EQ(failureWithField(Layout::kKind, kind), ErrorKind::kKeyCorrupt) << "kind " << kind;
  }
  for (const std::uint32_t level : {1u, 3u, 4u, 0xffffffffu}) {
    EXPECT_EQ(failureWithField(Layout::kLevel, level), ErrorKind::kKeyCorrupt) << "level " << level;
  }
  for (const std::uint32_t digits : {0u, 2u, 0x7fffffffu}) {
    EXPECT_EQ(failureWithField(Layout::kDigits, digits), ErrorKind::kKeyCorrupt) << "digits " << digits;
  }
  EXPECT_EQ(failureWithField(Layout::kSpecialPrimes, std::uint32_t{1}), ErrorKind::kKeyCorrupt);
  EXPECT_EQ(failureWithField(Layout::kParameterHash, Digest{}), ErrorKind::kKeyMismatch);
}

TEST_F(PublicKeyTest, AResidueThatIsNotBelowItsPrimeIsRefusedUnderValidHashes) {
  const Word prime = party_.parameters()->modulus(0).value;
  Word word = 0;
  std::memcpy(&word, bytes_.data() + Layout::kPayload, sizeof word);
  word = word >> 50 << 50;  // the two bits above the first residue belong to the second
  EXPECT_EQ(failureWithField(Layout::kPayload, word | prime), ErrorKind::kKeyCorrupt);
  EXPECT_EQ(failureWithField(Layout::kPayload, word | (prime - 1)), std::nullopt);
}

TEST_F(PublicKeyTest, RefusesOtherKindsAndOtherParameters) {
  for (const std::string& path : {party_.addRotation(1, kLevel).path(), party_.addRingSwitch().path()}) {
    EXPECT_EQ(errorKindOf([&] { PublicKey key(party_.parameters(), File::openForReading(path)); }),
              ErrorKind::kKeyCorrupt);
  }
  const Party other(testLiteral(1024, 4, 2));
  EXPECT_EQ(errorKindOf([&] { PublicKey key(other.parameters(), File::openForReading(path_)); }),
            ErrorKind::kKeyMismatch);
  EXPECT_EQ(
      errorKindOf([&] { PublicKey key(party_.parameters(), File::openForReading(party_.folder().path("nowhere"))); }),
      ErrorKind::kKeyMissing);
}

}  // namespace
}  // namespace ckks
