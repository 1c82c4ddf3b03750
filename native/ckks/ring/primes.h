#pragma once

#include <cstddef>
#include <vector>

#include "ckks/ring/modulus.h"

namespace ckks {

/// Deterministic Miller-Rabin: the first twelve primes as bases decide every n < 2^64 (Sorenson, Webster,
/// "Strong pseudoprimes to twelve prime bases", Mathematics of Computation 86, 2017).
[[nodiscard]] bool isPrime(Word candidate);

/// The `count` largest primes p < 2^bits with p = 1 mod 2 * ringDimension that are not in `exclude`, descending:
/// those that have a primitive 2N-th root of unity. `bits` in [4, 50], `ringDimension` a power of two.
/// Only primes of exactly `bits` bits are taken; throws std::invalid_argument if there are too few.
[[nodiscard]] std::vector<Word> primesBelow(int bits, std::size_t count, std::size_t ringDimension,
                                            const std::vector<Word>& exclude);

}  // namespace ckks
