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
  EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size());
}

Digest Sha256::finish() {
  Digest digest;
  unsigned int length = 0;
  EVP_DigestFinal_ex(context_.get(), digest.data(), &length);
  return digest;
}

}  // namespace ckks
