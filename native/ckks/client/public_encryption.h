#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "ckks/client/public_key.h"
#include "ckks/random/stream.h"
#include "ckks/scheme/ciphertext.h"
#include "ckks/scheme/encoder.h"

namespace ckks {

/**
 * (v b + e0 + message, v a + e1) modulo q_0 ... q_level, v uniform ternary, e0 and e1 error polynomials (Cheon, Kim,
 * Kim, Song, ePrint 2016/421). Decrypts to message + v e + e0 + e1 s. Everything random follows from `randomness`,
 * which must be fresh: who knows it can read the message, and two messages under the same tell their difference.
 * `message`: N coefficients below 2^62. Throws Error(kLevelExhausted) for a level that the key does not have.
 */
Ciphertext encryptPolynomial(const PublicKey& key, std::span<const std::int64_t> message, int level, double scale,
                             const Seed& randomness);

/** Encryption with the public key. */
class PublicEncryption {
 public:
  explicit PublicEncryption(std::shared_ptr<const PublicKey> key);

  /**
   * Encodes N/2 slots and encrypts them with a fresh seed (full form). `imaginary` may be empty. Throws Error:
   * kLevelExhausted for a level that the key does not have, kRange for values that do not fit.
   */
  std::vector<std::uint8_t> encrypt(std::span<const double> real, std::span<const double> imaginary, int level,
                                    double scale) const;

 private:
  std::shared_ptr<const PublicKey> key_;
  Encoder encoder_;
};

}  // namespace ckks
