#pragma once

#include <memory>
#include <string>

#include "ckks/scheme/secret_key.h"

namespace ckks {

/**
 * Makes evaluation keys and public keys, one file each, every one with fresh randomness of the operating system.
 *
 * A key that switches from s' to s is, for digit d, (-a_d s + e_d + g_d s', a_d) in the extended basis, with the RNS
 * gadget g_d = P modulo the primes of digit d and 0 modulo all others, P the product of *all* special primes of the
 * parameter set whatever number of them the key carries (Han, Ki, ePrint 2019/688). So a key's rows do not depend on
 * its level, and one key serves every lower level with any smaller number of special primes.
 */
class KeyGenerator {
 public:
  explicit KeyGenerator(std::shared_ptr<const SecretKey> secret);

  /** From s^2 to s. */
  void relinearizationKey(const std::string& path, int level) const;
  /** From s(X^k) to s, k = `galoisElement`: rotations are powers of 5, the conjugation 2N - 1. */
  void rotationKey(const std::string& path, Word galoisElement, int level) const;
  /** From s to the result ring's secret, at level 0 with one special prime. */
  void ringSwitchKey(const std::string& path) const;
  /** (-a s + e, a) modulo q_0 ... q_level: encrypts at `level` and below. */
  void publicKey(const std::string& path, int level) const;

 private:
  std::shared_ptr<const SecretKey> secret_;
};

/** Galois element of the rotation output[i] = input[i + step]: 5^step mod 2N, step reduced modulo N/2. */
Word rotationElement(std::size_t ringDimension, long step);

}  // namespace ckks
