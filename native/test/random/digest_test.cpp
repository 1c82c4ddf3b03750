#include "ckks/random/digest.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "ckks/random/stream.h"
#include "random/failing_libcrypto.h"
#include "support/error_kind.h"

namespace ckks {
namespace {

/// The digest of a text given in pieces of `piece` bytes.
std::string sha256(std::string_view text, std::size_t piece) {
  Sha256 sha;
  for (std::size_t at = 0; at < text.size(); at += piece) {
    const std::string_view part = text.substr(at, piece);
    sha.update({reinterpret_cast<const std::uint8_t*>(part.data()), part.size()});
  }
  return hexOf(sha.finish());
}

// Known answers of NIST FIPS 180-4's examples.
TEST(Sha256Test, GivesTheKnownAnswers) {
  EXPECT_EQ(sha256("", 1), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256("abc", 3), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(Sha256Test, DoesNotDependOnHowTheInputIsCut) {
  const std::string text(1000000, 'a');
  for (const std::size_t piece : {std::size_t{63}, std::size_t{64}, std::size_t{1000000}}) {
    EXPECT_EQ(sha256(text, piece), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  }
}

// What would become a key or pass for a digest must not be what happened to lie in memory.
TEST(Sha256Test, AFailureOfLibcryptoIsAnError) {
  const Seed seed = Seed::fromSystem();
  for (const FailingDigest::Call call : {FailingDigest::Call::kUpdate, FailingDigest::Call::kFinal}) {
    const FailingDigest failing(call);
    EXPECT_EQ(errorKindOf([] { (void)sha256("abc", 3); }), ErrorKind::kRandomness);
    EXPECT_EQ(errorKindOf([&] { RandomStream stream(seed, "domain"); }), ErrorKind::kRandomness);
  }
  EXPECT_EQ(errorKindOf([] { (void)sha256("abc", 3); }), std::nullopt);
}

TEST(Sha256Test, DigestsAreReadAsTheyAreWritten) {
  Sha256 sha;
  const Digest digest = sha.finish();
  EXPECT_EQ(digestFromHex(hexOf(digest)), digest);
  const std::string text = hexOf(digest);
  EXPECT_EQ(errorKindOf([&] { (void)digestFromHex(text.substr(1)); }), ErrorKind::kInvalidParameter);
  for (const char digit : {'g', 'A', ' ', '\0'}) {
    std::string other = text;
    other[7] = digit;
    EXPECT_EQ(errorKindOf([&] { (void)digestFromHex(other); }), ErrorKind::kInvalidParameter) << other;
  }
}

}  // namespace
}  // namespace ckks
