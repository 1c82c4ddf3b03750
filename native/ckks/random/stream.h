#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "ckks/random/secret_buffer.h"

struct evp_cipher_ctx_st;

namespace ckks {

/** 256 bits from the operating system, kept as a secret. One seed serves one purpose, once. */
class Seed {
 public:
  static constexpr std::size_t kBytes = 32;

  /** Throws Error(kRandomness) when the operating system has none. */
  static Seed fromSystem();
  explicit Seed(std::span<const std::uint8_t, kBytes> bytes);
  Seed(const Seed& other) : Seed(other.bytes()) {}
  Seed& operator=(const Seed& other);
  ~Seed() = default;

  std::span<const std::uint8_t, kBytes> bytes() const { return std::span<const std::uint8_t, kBytes>(bytes_); }

 private:
  Seed() = default;
  SecretBuffer<std::uint8_t> bytes_{kBytes};
};

/**
 * AES-256-CTR key stream with random access. The cipher key is SHA-256(seed | domain), so that streams of different
 * domains are independent; `streamIndex` selects one of 2^32 streams of a domain, each of 2^36 bytes.
 */
class RandomStream {
 public:
  RandomStream(const Seed& seed, std::string_view domain);

  /**
   * Writes the key stream of `streamIndex` from byte offset `offset` (a multiple of 16). Reading on where the last
   * reading ended saves setting up the cipher anew. Not thread-safe.
   */
  void read(std::uint32_t streamIndex, std::uint64_t offset, std::span<std::uint8_t> out);

 private:
  struct Free {
    void operator()(evp_cipher_ctx_st* context) const;
  };
  /** Sets the cipher to a place in the key stream; false where libcrypto fails. */
  [[nodiscard]] bool seek(std::uint32_t streamIndex, std::uint64_t offset);

  /** A place in the key stream. */
  struct Position {
    std::uint32_t streamIndex = 0;
    std::uint64_t offset = 0;
    bool operator==(const Position&) const = default;
  };

  std::unique_ptr<evp_cipher_ctx_st, Free> context_;
  /** Where the cipher would go on; absent where it cannot. */
  std::optional<Position> next_;
};

}  // namespace ckks
