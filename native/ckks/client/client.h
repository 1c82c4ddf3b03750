#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "ckks/scheme/encoder.h"
#include "ckks/scheme/secret_key.h"

namespace ckks {

/** Real and imaginary parts of a slot vector. */
struct SlotVector {
  std::vector<double> real;
  std::vector<double> imaginary;
};

/** Encryption and decryption with the secret key. */
class Client {
 public:
  explicit Client(std::shared_ptr<const SecretKey> secret);

  /**
   * Encodes and encrypts N/2 slots at `level` and `scale` with a fresh seed and error (seeded form). `imaginary` may be
   * empty. Throws Error: kLevelExhausted for an impossible level, kRange for values that do not fit.
   */
  std::vector<std::uint8_t> encrypt(std::span<const double> real, std::span<const double> imaginary, int level,
                                    double scale) const;

  /**
   * Decrypts a ciphertext (N/2 slots) or a result (M/2 slots: the means over slots that are equal modulo M/2). The
   * message times the scale must lie below half of q_0, or of q_0 q_1 where the level allows both.
   */
  SlotVector decrypt(std::span<const std::uint8_t> bytes) const;

 private:
  SlotVector decryptFull(std::span<const std::uint8_t> bytes) const;
  SlotVector decryptResult(std::span<const std::uint8_t> bytes) const;

  std::shared_ptr<const SecretKey> secret_;
  Encoder encoder_;
  Encoder resultEncoder_;
  NttTable resultTable_;
};

}  // namespace ckks
