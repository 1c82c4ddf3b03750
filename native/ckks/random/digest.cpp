#include "ckks/random/digest.h"

#include "ckks/error.h"
#include "ckks/random/libcrypto.h"

namespace ckks {

void Sha256::Free::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  if (!context_ || EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) != 1) {
    throw Error(ErrorKind::kRandomness, "SHA-256 is not available from libcrypto");
  }
}

void Sha256::update(std::span<const std::uint8_t> bytes) {
  if (EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) != 1) {
    throw Error(ErrorKind::kRandomness, "SHA-256 failed in libcrypto");
  }
}

Digest Sha256::finish() {
  Digest digest{};
  unsigned int length = 0;
  if (EVP_DigestFinal_ex(context_.get(), digest.data(), &length) != 1 || length != digest.size()) {
    throw Error(ErrorKind::kRandomness, "SHA-256 failed in libcrypto");
  }
  return digest;
}

std::string hexOf(const Digest& digest) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : digest) {
    text.push_back(kDigits[byte >> 4]);
    text.push_back(kDigits[byte & 15]);
  }
  return text;
}

Digest digestFromHex(std::string_view text) {
  const auto digitAt = [&](std::size_t at) {
    const char digit = text[at];
    if (digit >= '0' && digit <= '9') return digit - '0';
    if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
    throw Error(ErrorKind::kInvalidParameter, "not a SHA-256 in hexadecimal");
  };
  Digest digest;
  if (text.size() != 2 * digest.size()) throw Error(ErrorKind::kInvalidParameter, "not a SHA-256 in hexadecimal");
  for (std::size_t i = 0; i < digest.size(); ++i) {
    digest[i] = static_cast<std::uint8_t>(digitAt(2 * i) << 4 | digitAt(2 * i + 1));
  }
  return digest;
}

}  // namespace ckks
