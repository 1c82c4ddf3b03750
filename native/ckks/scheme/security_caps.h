// Written by scripts/security-tables.mjs from security/estimates.json.
#pragma once

#include <array>
#include <cstddef>

namespace ckks {

/** log2 of the largest modulus of a key that keeps 128 bits against classical attacks; uniform ternary secret. */
struct SecurityCap {
  std::size_t ringDimension;
  double logModulus;
};

inline constexpr std::array<SecurityCap, 8> kSecurityCaps{{
    {std::size_t{1} << 10, 26},
    {std::size_t{1} << 11, 53},
    {std::size_t{1} << 12, 106},
    {std::size_t{1} << 13, 214},
    {std::size_t{1} << 14, 430},
    {std::size_t{1} << 15, 868},
    {std::size_t{1} << 16, 1747},
    {std::size_t{1} << 17, 3523},
}};

}  // namespace ckks
