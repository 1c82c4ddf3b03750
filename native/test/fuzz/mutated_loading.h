#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "support/party.h"
#include "support/sealed_bytes.h"

namespace ckks {

/// What is read from untrusted bytes.
enum class FileKind : std::uint8_t { kEvaluationKey, kPublicKey, kCiphertext, kSecret };

/// Loads damaged keys, public keys, ciphertexts and secrets. What is damaged and how is a program, read from arbitrary
/// bytes: a fuzzer gets past hashes and lengths that it would never guess.
class MutatedLoading {
 public:
  MutatedLoading();

  enum class Outcome { kAccepted, kRefused };

  /// How many valid files of a kind there are.
  [[nodiscard]] std::size_t variants(FileKind kind) const { return files_.at(kind).size(); }

  /// Applies the program to a valid file of the kind, which its first byte chooses, and loads and uses the result. A
  /// program of one byte changes nothing. ckks::Error counts as a refusal; everything else that is thrown passes.
  Outcome run(FileKind kind, std::span<const std::uint8_t> program);

 private:
  void load(FileKind kind, const Bytes& bytes);
  void useEvaluationKey(const std::string& path);
  void useCiphertext(const Bytes& bytes) const;
  void usePublicKey(const std::string& path) const;

  Party party_;
  Ciphertext input_;
  std::map<FileKind, std::vector<Bytes>> files_;
};

}  // namespace ckks
