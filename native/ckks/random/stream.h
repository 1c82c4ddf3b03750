#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

struct evp_cipher_ctx_st;

namespace ckks {

/** 256 bits from the operating system, wiped on destruction. One seed serves one purpose, once. */
class Seed {
 public:
  static constexpr std::size_t kBytes = 32;

  /** Throws Error(kRandomness) when the operating system has none. */
  static Seed fromSystem();
  explicit Seed(std::span<const std::uint8_t, kBytes> bytes);
  Seed(const Seed&) = default;
  Seed& operator=(const Seed&) = default;
  ~Seed();

  std::span<const std::uint8_t, kBytes> bytes() const { return bytes_; }

 private:
  Seed() = default;
  std::array<std::uint8_t, kBytes> bytes_{};
};

/**
 * AES-256-CTR key stream with random access. The cipher key is SHA-256(seed | domain), so that streams of different
 * domains are independent; `streamIndex` selects one of 2^32 streams of a domain, each of 2^36 bytes.
 */
class RandomStream {
 public:
  RandomStream(const Seed& seed, std::string_view domain);

  /** Writes the key stream of `streamIndex` from byte offset `offset` (a multiple of 16). Not thread-safe. */
  void read(std::uint32_t streamIndex, std::uint64_t offset, std::span<std::uint8_t> out);

 private:
  struct Free {
    void operator()(evp_cipher_ctx_st* context) const;
  };
  std::unique_ptr<evp_cipher_ctx_st, Free> context_;
};

}  // namespace ckks
