#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "ckks/client/client.h"
#include "ckks/client/key_generator.h"
#include "ckks/eval/evaluator.h"
#include "support/temporary_folder.h"

namespace ckks {

/// A chain in the fast profile's proportions, of any length: a first prime of 50 bits, scaling primes of 41 and special
/// primes of 50, at each level so many that their product nearly covers the largest digit (`digitPrimes` primes).
/// No security: for tests alone.
[[nodiscard]] ParameterLiteral testLiteral(std::size_t ringDimension, int levels, int digitPrimes);

/// A secret key with everything around it. Keys are made in a temporary folder, for the top level unless said
/// otherwise.
class Party {
 public:
  explicit Party(const ParameterLiteral& literal);

  [[nodiscard]] const std::shared_ptr<const Parameters>& parameters() const { return parameters_; }
  [[nodiscard]] const std::shared_ptr<const SecretKey>& secret() const { return secret_; }
  [[nodiscard]] const Client& client() const { return client_; }
  [[nodiscard]] const KeyGenerator& generator() const { return generator_; }
  [[nodiscard]] const std::shared_ptr<KeySet>& keys() const { return keys_; }
  [[nodiscard]] const TemporaryFolder& folder() const { return folder_; }
  [[nodiscard]] std::size_t slots() const { return parameters_->slots(); }

  const KeyFile& addRelinearization(int level);
  const KeyFile& addConjugation(int level);
  const KeyFile& addRingSwitch();
  const KeyFile& addRotation(long step, int level);
  /// At the top level; step 0 needs none and is ignored.
  void addRotations(const std::vector<long>& steps);
  /// Every rotation of the step (baby steps, hops between giant steps, folds, packed copies), and the conjugation where
  /// it needs it.
  void addKeysOf(const LinearDescription& description);

  [[nodiscard]] Evaluator evaluator(std::size_t partialSumBytes = std::size_t{1} << 30) const;

  [[nodiscard]] Ciphertext encrypt(const SlotVector& slots, int level, double scale) const;
  /// c0 + c1 s = the rounded encoding exactly: no error polynomial. c1 is uniform, from a generator with a fixed seed.
  [[nodiscard]] Ciphertext encryptWithoutError(const SlotVector& slots, int level, double scale) const;
  [[nodiscard]] SlotVector decrypt(const Ciphertext& ciphertext) const;

 private:
  std::string nextPath();

  TemporaryFolder folder_;
  std::shared_ptr<const Parameters> parameters_;
  std::shared_ptr<const SecretKey> secret_;
  Client client_;
  KeyGenerator generator_;
  std::shared_ptr<KeySet> keys_;
  std::size_t files_ = 0;
};

/// Uniform values in [-bound, bound], real and imaginary.
[[nodiscard]] SlotVector randomSlots(std::size_t count, double bound, std::mt19937_64& generator);
/// The same without an imaginary part (zeros).
[[nodiscard]] SlotVector randomRealSlots(std::size_t count, double bound, std::mt19937_64& generator);

/// Whether both hold the same words.
[[nodiscard]] bool sameBits(const LimbMatrix& left, const LimbMatrix& right);
[[nodiscard]] bool sameBits(const LiftedSecret& left, const LiftedSecret& right);
/// Whether both, and their conjugates, hold the same words at the same level and scale.
[[nodiscard]] bool sameBits(const Ciphertext& left, const Ciphertext& right);

}  // namespace ckks
