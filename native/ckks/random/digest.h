#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace ckks {

using Digest = std::array<std::uint8_t, 32>;

/** Incremental SHA-256. Throws Error(kRandomness) where libcrypto fails: no digest is ever left unwritten. */
class Sha256 {
 public:
  Sha256();
  void update(std::span<const std::uint8_t> bytes);
  /** Ends the computation; the object must not be used afterwards. */
  Digest finish();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

/** Lower case hexadecimal, both ways; the second throws Error(kInvalidParameter) for anything else. */
std::string hexOf(const Digest& digest);
Digest digestFromHex(std::string_view text);

}  // namespace ckks
