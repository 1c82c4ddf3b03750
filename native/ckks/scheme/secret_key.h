#pragma once

#include <array>
#include <memory>
#include <string>

#include "ckks/random/secret_buffer.h"
#include "ckks/random/stream.h"
#include "ckks/scheme/parameters.h"

namespace ckks {

/** Names the secret that keys and ciphertexts belong to, without telling anything about it. */
using KeyId = std::array<std::uint8_t, 16>;

/** The residues of a secret polynomial: what LimbMatrix is for others, in memory of its own. */
class SecretPolynomial {
 public:
  SecretPolynomial() = default;
  SecretPolynomial(std::size_t limbs, std::size_t words) : words_(words), residues_(limbs * words) {}

  std::size_t limbs() const { return words_ == 0 ? 0 : residues_.size() / words_; }
  std::size_t words() const { return words_; }
  std::size_t bytes() const { return residues_.bytes(); }

  Word* limb(std::size_t index) { return residues_.data() + index * words_; }
  const Word* limb(std::size_t index) const { return residues_.data() + index * words_; }

 private:
  std::size_t words_ = 0;
  SecretBuffer<Word> residues_;
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

  /** s at every limb in extended order, evaluation form. */
  const SecretPolynomial& main() const { return main_; }
  /** The result ring's secret with X replaced by X^(N/M), at limbs q_0 and p_0 (rows 0 and 1), evaluation form. */
  const SecretPolynomial& embeddedResult() const { return embeddedResult_; }
  /** Coefficients of the result ring's secret, in {-1, 0, 1}. */
  const SecretBuffer<std::int64_t>& result() const { return result_; }

 private:
  std::shared_ptr<const Parameters> parameters_;
  Seed seed_;
  KeyId id_{};
  SecretPolynomial main_;
  SecretPolynomial embeddedResult_;
  SecretBuffer<std::int64_t> result_;
};

}  // namespace ckks
