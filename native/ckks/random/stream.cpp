#include "ckks/random/stream.h"

// getentropy: in the first with macOS, in the second with musl and the BSDs.
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "ckks/error.h"
#include "ckks/random/digest.h"
#include "ckks/random/libcrypto.h"

namespace ckks {
namespace {

constexpr std::size_t kCipherBlockBytes = 16;
/// What is encrypted to get the key stream: constant, so that no output need be cleared first.
constexpr std::array<std::uint8_t, 8192> kZeros{};

}  // namespace

Seed Seed::fromSystem() {
  Seed seed;
  if (getentropy(seed.bytes_.data(), kBytes) != 0) {
    throw Error(ErrorKind::kRandomness, "the operating system gave no random bytes");
  }
  return seed;
}

Seed::Seed(std::span<const std::uint8_t, kBytes> bytes) { std::copy(bytes.begin(), bytes.end(), bytes_.begin()); }

Seed& Seed::operator=(const Seed& other) {
  std::copy(other.bytes_.begin(), other.bytes_.end(), bytes_.begin());
  return *this;
}

void RandomStream::Free::operator()(evp_cipher_ctx_st* context) const { EVP_CIPHER_CTX_free(context); }

RandomStream::RandomStream(const Seed& seed, std::string_view domain) : context_(EVP_CIPHER_CTX_new()) {
  Sha256 hash;
  hash.update(seed.bytes());
  hash.update({reinterpret_cast<const std::uint8_t*>(domain.data()), domain.size()});
  Digest key = hash.finish();
  const bool ready =
      context_ && EVP_EncryptInit_ex(context_.get(), EVP_aes_256_ctr(), nullptr, key.data(), nullptr) == 1;
  OPENSSL_cleanse(key.data(), key.size());
  if (!ready) throw Error(ErrorKind::kRandomness, "AES-256-CTR is not available from libcrypto");
}

bool RandomStream::seek(std::uint32_t streamIndex, std::uint64_t offset) {
  // Counter block, big-endian: stream index in the upper half, number of the 16-byte block in the lower.
  std::array<std::uint8_t, kCipherBlockBytes> counter{};
  for (int i = 0; i < 4; ++i) counter[3 - i] = static_cast<std::uint8_t>(streamIndex >> (8 * i));
  const std::uint64_t block = offset / kCipherBlockBytes;
  for (int i = 0; i < 8; ++i) counter[15 - i] = static_cast<std::uint8_t>(block >> (8 * i));
  return EVP_EncryptInit_ex(context_.get(), nullptr, nullptr, nullptr, counter.data()) == 1;
}

void RandomStream::read(std::uint32_t streamIndex, std::uint64_t offset, std::span<std::uint8_t> out) {
  const bool goesOn = next_ == Position{streamIndex, offset};
  next_.reset();
  bool ready = goesOn || seek(streamIndex, offset);
  for (std::size_t done = 0; ready && done < out.size(); done += kZeros.size()) {
    const int count = static_cast<int>(std::min(kZeros.size(), out.size() - done));
    int written = 0;
    ready = EVP_EncryptUpdate(context_.get(), out.data() + done, &written, kZeros.data(), count) == 1;
  }
  if (!ready) throw Error(ErrorKind::kRandomness, "AES-256-CTR failed in libcrypto");
  // Within a block the cipher would go on at a byte that is no multiple of 16.
  if (out.size() % kCipherBlockBytes == 0) next_ = Position{streamIndex, offset + out.size()};
}

}  // namespace ckks
