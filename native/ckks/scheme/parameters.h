#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "ckks/random/digest.h"
#include "ckks/ring/ntt.h"

namespace ckks {

/** Whether parameters below 128-bit security are refused. They are for tests alone. */
enum class SecurityCheck : std::uint8_t { kChecked, kUnchecked };

/** Limbs begin, begin + 1, ... end - 1. */
struct LimbRange {
  std::size_t begin = 0;
  std::size_t end = 0;
};

/** What a profile states; everything else follows from it. */
struct ParameterLiteral {
  std::size_t ringDimension = 0;
  /** primeBits[l]: size of q_l. Level l has the primes q_0 ... q_l. */
  std::vector<int> primeBits;
  int specialPrimeBits = 0;
  /** specialPrimes[l]: how many special primes a key switch at level l uses, 0 <= l <= levels. */
  std::vector<int> specialPrimes;
  /**
   * digits[l]: into how many digits a key switch at level l decomposes its input. The primes are divided into digits
   * once, so that a key serves every level below its own: digits[0] is 1, and a level that has one digit more than the
   * level below begins it with its own prime.
   */
  std::vector<int> digits;
  /** Ring of the switched result; its key's modulus is the first prime times the first special prime. */
  std::size_t resultRingDimension = 0;
  SecurityCheck security = SecurityCheck::kChecked;

  /** Rescalings that a fresh ciphertext allows. */
  int levels() const { return static_cast<int>(primeBits.size()) - 1; }
};

/**
 * Primes, transform tables and the identity (hash) of one parameter set. Immutable, shared by everything made with it.
 *
 * Limbs are numbered in extended order: scaling moduli q_0 .. q_levels first, then the special primes p_0 ...
 * "Extended basis at level l" means limbs q_0 .. q_l followed by p_0 .. p_(k-1), k = specialPrimes(l).
 */
class Parameters {
 public:
  /**
   * Throws Error(kInvalidParameter) for values that make no sense and Error(kInsecureParameter) when a key's modulus
   * exceeds the 128-bit cap of its ring for a uniform ternary secret (classical; Bossuat et al., Security Guidelines
   * for Implementing Homomorphic Encryption, 2024).
   */
  explicit Parameters(const ParameterLiteral& literal);

  const ParameterLiteral& literal() const { return literal_; }
  std::size_t ringDimension() const { return literal_.ringDimension; }
  std::size_t slots() const { return literal_.ringDimension / 2; }
  int levels() const { return literal_.levels(); }
  std::size_t resultRingDimension() const { return literal_.resultRingDimension; }

  std::size_t specialCount() const { return specialCount_; }
  std::size_t specialCount(int level) const {
    return static_cast<std::size_t>(literal_.specialPrimes[static_cast<std::size_t>(level)]);
  }
  /** What a key for a level carries: enough for every level up to it. */
  std::size_t specialCountUpTo(int level) const;
  std::size_t digitCount(int level) const {
    return static_cast<std::size_t>(literal_.digits[static_cast<std::size_t>(level)]);
  }
  /** The digit that q_limb belongs to. */
  std::size_t digitOf(std::size_t limb) const { return digitCount(static_cast<int>(limb)) - 1; }
  /** The limbs q_0 .. q_level that belong to a digit < digitCount(level). */
  LimbRange digitLimbs(std::size_t digit, int level) const;

  /** Prime with index i in extended order of the top level (i <= levels: q_i; beyond: special primes). */
  const NttTable& table(std::size_t limb) const { return tables_[limb]; }
  const Modulus& modulus(std::size_t limb) const { return tables_[limb].modulus(); }
  /** Index of special prime k in extended order. */
  std::size_t specialLimb(std::size_t k) const { return literal_.primeBits.size() + k; }
  /** Index, in extended order of the top level, of row `row` of the extended basis at `level`. */
  std::size_t extendedLimb(int level, std::size_t row) const;
  std::size_t extendedCount(int level) const { return static_cast<std::size_t>(level) + 1 + specialCount(level); }

  /** log2 of the largest modulus under which a key exists. */
  double logQP() const { return logQP_; }
  /** SHA-256 over a canonical rendering of every prime and of the literal. */
  const Digest& hash() const { return hash_; }

 private:
  ParameterLiteral literal_;
  std::size_t specialCount_ = 0;
  std::vector<NttTable> tables_;
  double logQP_ = 0;
  Digest hash_{};
};

/** Largest log2 of a key's modulus that keeps 128 bits for a uniform ternary secret; 0 for rings below 2^10. */
double securityCap(std::size_t ringDimension);

}  // namespace ckks
