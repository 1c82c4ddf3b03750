#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

struct evp_md_ctx_st;

namespace ckks {

using Digest = std::array<std::uint8_t, 32>;

/** Incremental SHA-256. */
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

}  // namespace ckks
