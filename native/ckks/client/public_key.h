#pragma once

#include <memory>

#include "ckks/io/file.h"
#include "ckks/ring/limb_matrix.h"
#include "ckks/scheme/parameters.h"
#include "ckks/scheme/secret_key.h"

namespace ckks {

/**
 * What anybody may encrypt with for the holder of a secret s: (b, a) = (-a s + e, a) modulo q_0 ... q_level with
 * uniform a and an error polynomial e. KeyGenerator makes it; its file holds b and the seed of a.
 */
class PublicKey {
 public:
  /**
   * Reads a key file of kind kPublic and checks every byte of it. Throws Error: kKeyVersion (another format),
   * kKeyMismatch (other parameters), kKeyCorrupt (damaged, truncated, a residue not below its prime, or another kind of
   * key).
   */
  PublicKey(std::shared_ptr<const Parameters> parameters, File opened);

  const Parameters& parameters() const { return *parameters_; }
  /** Of the secret that decrypts. */
  const KeyId& id() const { return id_; }
  /** Highest level at which the key encrypts. */
  int level() const { return static_cast<int>(b_.limbs()) - 1; }

  /** level() + 1 limbs each, evaluation form. */
  const LimbMatrix& b() const { return b_; }
  const LimbMatrix& a() const { return a_; }

 private:
  std::shared_ptr<const Parameters> parameters_;
  KeyId id_{};
  LimbMatrix b_;
  LimbMatrix a_;
};

}  // namespace ckks
