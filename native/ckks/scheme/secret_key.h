#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "ckks/random/stream.h"
#include "ckks/ring/polynomial.h"
#include "ckks/scheme/parameters.h"

namespace ckks {

/** Names the secret that keys and ciphertexts belong to, without telling anything about it. */
using KeyId = std::array<std::uint8_t, 16>;

/**
 * Uniform ternary secrets derived from one seed: s in the main ring, and one of the result ring for the switched
 * answer. Wiped on destruction.
 */
class SecretKey {
 public:
  SecretKey(std::shared_ptr<const Parameters> parameters, const Seed& seed);
  SecretKey(const SecretKey&) = delete;
  SecretKey& operator=(const SecretKey&) = delete;
  ~SecretKey();

  const Parameters& parameters() const { return *parameters_; }
  const Seed& seed() const { return seed_; }
  const KeyId& id() const { return id_; }

  /** s at every limb in extended order, evaluation form. */
  const LimbMatrix& main() const { return main_; }
  /** The result ring's secret with X replaced by X^(N/M), at limbs q_0 and p_0 (rows 0 and 1), evaluation form. */
  const LimbMatrix& embeddedResult() const { return embeddedResult_; }
  /** Coefficients of the result ring's secret, in {-1, 0, 1}. */
  const std::vector<std::int64_t>& result() const { return result_; }

 private:
  std::shared_ptr<const Parameters> parameters_;
  Seed seed_;
  KeyId id_{};
  LimbMatrix main_;
  LimbMatrix embeddedResult_;
  std::vector<std::int64_t> result_;
};

}  // namespace ckks
