#pragma once

#include <array>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "ckks/random/secret_buffer.h"
#include "ckks/random/stream.h"
#include "ckks/scheme/parameters.h"

namespace ckks {

/** Names the secret that keys and ciphertexts belong to, without telling anything about it. */
using KeyId = std::array<std::uint8_t, 16>;

/**
 * A secret polynomial with small coefficients at the primes of a parameter set: a limb is made when it is first asked
 * for, as decryption needs one or two of them and key generation all.
 */
class LiftedSecret {
 public:
  /** `coefficients`: N values in {-1, 0, 1}. */
  LiftedSecret(std::shared_ptr<const Parameters> parameters, SecretBuffer<std::int64_t> coefficients);

  std::size_t limbs() const { return limbs_.size(); }
  std::size_t words() const { return coefficients_.size(); }

  /** The residues modulo the prime with this index in extended order, evaluation form. Thread-safe. */
  const Word* limb(std::size_t index) const;

 private:
  struct Limb {
    std::once_flag made;
    SecretBuffer<Word> residues;
  };

  std::shared_ptr<const Parameters> parameters_;
  SecretBuffer<std::int64_t> coefficients_;
  /** Their own memory may not move while other threads make theirs. */
  std::vector<std::unique_ptr<Limb>> limbs_;
};

/**
 * Uniform ternary secrets derived from one seed: s in the main ring, and one of the result ring for the switched
 * answer.
 */
class SecretKey {
 public:
  SecretKey(std::shared_ptr<const Parameters> parameters, const Seed& seed);
  SecretKey(const SecretKey&) = delete;
  SecretKey& operator=(const SecretKey&) = delete;

  const Parameters& parameters() const { return *parameters_; }
  const Seed& seed() const { return seed_; }
  const KeyId& id() const { return id_; }

  /** s. */
  const LiftedSecret& main() const { return main_; }
  /** The result ring's secret with X replaced by X^(N/M). */
  const LiftedSecret& embeddedResult() const { return embeddedResult_; }
  /** Coefficients of the result ring's secret, in {-1, 0, 1}. */
  const SecretBuffer<std::int64_t>& result() const { return result_; }

 private:
  std::shared_ptr<const Parameters> parameters_;
  Seed seed_;
  KeyId id_{};
  SecretBuffer<std::int64_t> result_;
  LiftedSecret main_;
  LiftedSecret embeddedResult_;
};

}  // namespace ckks
