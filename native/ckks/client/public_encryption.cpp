#include "ckks/client/public_encryption.h"

#include <string>

#include "ckks/error.h"
#include "ckks/io/ciphertext_codec.h"
#include "ckks/random/secret_buffer.h"
#include "ckks/ring/kernels.h"
#include "ckks/ring/parallel.h"
#include "ckks/scheme/sampler.h"

namespace ckks {

Ciphertext encryptPolynomial(const PublicKey& key, std::span<const std::int64_t> message, int level, double scale,
                             const Seed& randomness) {
  if (level < 0 || level > key.level()) {
    throw Error(ErrorKind::kLevelExhausted, "encrypt: level " + std::to_string(level) + ", expected 0 to " +
                                                std::to_string(key.level()) + ", which the public key is made for");
  }
  const Parameters& parameters = key.parameters();
  const std::size_t n = parameters.ringDimension();
  SecretBuffer<std::int64_t> mask(n);
  SecretBuffer<std::int64_t> first(n);
  SecretBuffer<std::int64_t> second(n);
  RandomStream maskStream(randomness, "public encryption mask");
  sampleTernary(mask, maskStream, 0);
  RandomStream errorStream(randomness, "public encryption error");
  sampleError(first, errorStream, 0);
  sampleError(second, errorStream, 1);
  for (std::size_t i = 0; i < n; ++i) first[i] += message[i];

  const std::size_t limbs = static_cast<std::size_t>(level) + 1;
  Ciphertext ciphertext{LimbMatrix(limbs, n), LimbMatrix(limbs, n), level, scale, nullptr};
  parallelFor(limbs, [&](std::size_t limb, unsigned) {
    const Modulus& modulus = parameters.modulus(limb);
    const auto lift = [&](Word* out, const SecretBuffer<std::int64_t>& coefficients) {
      kernels().liftSigned(out, coefficients.data(), n, modulus);
      kernels().forwardNtt(out, parameters.table(limb));
    };
    SecretBuffer<Word> lifted(n);
    lift(lifted.data(), mask);
    lift(ciphertext.c0.limb(limb), first);
    lift(ciphertext.c1.limb(limb), second);
    kernels().multiplyAdd(ciphertext.c0.limb(limb), lifted.data(), key.b().limb(limb), n, modulus);
    kernels().multiplyAdd(ciphertext.c1.limb(limb), lifted.data(), key.a().limb(limb), n, modulus);
  });
  return ciphertext;
}

PublicEncryption::PublicEncryption(std::shared_ptr<const PublicKey> key)
    : key_(std::move(key)), encoder_(key_->parameters().ringDimension()) {}

std::vector<std::uint8_t> PublicEncryption::encrypt(std::span<const double> real, std::span<const double> imaginary,
                                                    int level, double scale) const {
  SecretBuffer<std::int64_t> message(key_->parameters().ringDimension());
  encoder_.encodeSecret(message, real, imaginary, scale);
  const Ciphertext ciphertext = encryptPolynomial(*key_, message, level, scale, Seed::fromSystem());
  return writeCiphertext(key_->parameters(), key_->id(), ciphertext);
}

}  // namespace ckks
