#include "ckks/random/digest.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iomanip>
#include <sstream>
#include <string>
#include <string_view>

namespace ckks {
namespace {

std::string hexOf(const Digest& digest) {
  std::ostringstream text;
  for (const std::uint8_t byte : digest) text << std::hex << std::setw(2) << std::setfill('0') << int{byte};
  return text.str();
}

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

}  // namespace
}  // namespace ckks
