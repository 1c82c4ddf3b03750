#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "ckks/random/digest.h"

namespace ckks {

using Bytes = std::vector<std::uint8_t>;

/// Layout of an evaluation key file, and what damages it under a valid seal.
struct KeyFileLayout {
  static constexpr std::size_t kFormat = 8;
  static constexpr std::size_t kKind = 12;
  static constexpr std::size_t kParameterHash = 16;
  static constexpr std::size_t kKeyId = 48;
  static constexpr std::size_t kGaloisElement = 64;
  static constexpr std::size_t kLevel = 72;
  static constexpr std::size_t kDigits = 76;
  static constexpr std::size_t kSpecialPrimes = 80;
  static constexpr std::size_t kSeed = 84;
  static constexpr std::size_t kPayloadHash = 116;
  static constexpr std::size_t kHeaderHash = 224;
  static constexpr std::size_t kPayload = 256;
};

/// Layout of a ciphertext.
struct CiphertextLayout {
  static constexpr std::size_t kForm = 8;
  static constexpr std::size_t kLevel = 12;
  static constexpr std::size_t kScale = 16;
  static constexpr std::size_t kKeyId = 24;
  static constexpr std::size_t kParameterHash = 40;
  static constexpr std::size_t kPayload = 72;
};

/// Layout of a secret key file.
struct SecretFileLayout {
  static constexpr std::size_t kFormat = 8;
  static constexpr std::size_t kParameterHash = 12;
  static constexpr std::size_t kSeed = 44;
  static constexpr std::size_t kHash = 76;
  static constexpr std::size_t kBytes = 108;
};

[[nodiscard]] inline Digest sha256(std::span<const std::uint8_t> bytes) {
  Sha256 sha;
  sha.update(bytes);
  return sha.finish();
}

template <typename Value>
void putAt(Bytes& bytes, std::size_t offset, const Value& value) {
  std::memcpy(bytes.data() + offset, &value, sizeof value);
}

/// Makes the header's hash right again; with `payload` the payload's as well.
inline void sealKeyFile(Bytes& bytes, bool payload) {
  const std::span<const std::uint8_t> all(bytes);
  if (payload) putAt(bytes, KeyFileLayout::kPayloadHash, sha256(all.subspan(KeyFileLayout::kPayload)));
  putAt(bytes, KeyFileLayout::kHeaderHash, sha256(all.first(KeyFileLayout::kHeaderHash)));
}

inline void sealSecretFile(Bytes& bytes) {
  putAt(bytes, SecretFileLayout::kHash, sha256(std::span<const std::uint8_t>(bytes).first(SecretFileLayout::kHash)));
}

}  // namespace ckks
