#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "support/party.h"
#include "support/sealed_bytes.h"

namespace ckks {

/// Loads damaged keys, ciphertexts and secrets. What is damaged and how is a program, read from arbitrary bytes: a
/// fuzzer gets past hashes and lengths that it would never guess.
class MutatedLoading {
 public:
  MutatedLoading();

  enum class Outcome { kAccepted, kRefused };

  /// Applies the program to a valid file or ciphertext, and loads and uses the result. An empty program changes
  /// nothing. ckks::Error counts as a refusal; everything else that is thrown passes.
  Outcome run(std::span<const std::uint8_t> program);

 private:
  void loadKey(const Bytes& bytes);
  void loadCiphertext(const Bytes& bytes) const;
  void loadSecret(const Bytes& bytes);

  Party party_;
  Ciphertext input_;
  Bytes rotationKey_;
  Bytes relinearizationKey_;
  Bytes seeded_;
  Bytes full_;
  Bytes result_;
  Bytes secret_;
};

}  // namespace ckks
