#include "ckks/io/secret_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>

#include "support/error_kind.h"
#include "support/party.h"
#include "support/sealed_bytes.h"

namespace ckks {
namespace {

using Layout = SecretFileLayout;

class SecretFileTest : public testing::Test {
 protected:
  void SetUp() override {
    writeSecretKey(*party_.secret(), path_);
    bytes_ = readBytes(path_);
  }

  std::optional<ErrorKind> readingFailure(const Bytes& bytes) const {
    const std::string path = party_.folder().path("damaged");
    writeBytes(path, bytes);
    return errorKindOf([&] { (void)readSecretKey(party_.parameters(), File::openForReading(path)); });
  }

  Party party_{testLiteral(1024, 1, 2)};
  std::string path_ = party_.folder().path("secret");
  Bytes bytes_;
};

TEST_F(SecretFileTest, GivesTheSameSecretBack) {
  const std::shared_ptr<const SecretKey> again = readSecretKey(party_.parameters(), File::openForReading(path_));
  EXPECT_EQ(again->id(), party_.secret()->id());
  EXPECT_TRUE(std::ranges::equal(again->seed().bytes(), party_.secret()->seed().bytes()));
  EXPECT_TRUE(sameBits(again->main(), party_.secret()->main()));
  EXPECT_TRUE(std::ranges::equal(again->result(), party_.secret()->result()));
}

TEST_F(SecretFileTest, IsReadableByItsOwnerAlone) {
  struct stat status {};
  ASSERT_EQ(stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
}

TEST_F(SecretFileTest, DoesNotOverwrite) {
  const SecretKey other(party_.parameters(), Seed::fromSystem());
  EXPECT_EQ(errorKindOf([&] { writeSecretKey(other, path_); }), ErrorKind::kFile);
  EXPECT_EQ(readBytes(path_), bytes_);
}

TEST_F(SecretFileTest, DamageToAnyByteIsNoticed) {
  ASSERT_EQ(bytes_.size(), Layout::kBytes);
  for (std::size_t at = 0; at < bytes_.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      Bytes bytes = bytes_;
      bytes[at] = static_cast<std::uint8_t>(bytes[at] ^ (1 << bit));
      const bool version = at >= Layout::kFormat && at < Layout::kParameterHash;
      EXPECT_EQ(readingFailure(bytes), version ? ErrorKind::kKeyVersion : ErrorKind::kKeyCorrupt) << "byte " << at;
    }
  }
}

TEST_F(SecretFileTest, RefusesEveryOtherLength) {
  for (std::size_t length = 0; length < bytes_.size(); ++length) {
    EXPECT_EQ(readingFailure(Bytes(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(length))),
              ErrorKind::kKeyCorrupt)
        << length;
  }
  Bytes longer = bytes_;
  longer.push_back(0);
  EXPECT_EQ(readingFailure(longer), ErrorKind::kKeyCorrupt);
}

TEST_F(SecretFileTest, RefusesOtherParameters) {
  Bytes bytes = bytes_;
  putAt(bytes, Layout::kParameterHash, Digest{});
  sealSecretFile(bytes);
  EXPECT_EQ(readingFailure(bytes), ErrorKind::kKeyMismatch);
  const Party other(testLiteral(1024, 2, 2));
  EXPECT_EQ(errorKindOf([&] { (void)readSecretKey(other.parameters(), File::openForReading(path_)); }),
            ErrorKind::kKeyMismatch);
}

TEST_F(SecretFileTest, AMissingFileIsAMissingKey) {
  EXPECT_EQ(errorKindOf([&] {
              (void)readSecretKey(party_.parameters(), File::openForReading(party_.folder().path("nowhere")));
            }),
            ErrorKind::kKeyMissing);
}

}  // namespace
}  // namespace ckks
