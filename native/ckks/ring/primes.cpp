#include "ckks/ring/primes.h"

#include <algorithm>
#include <array>
#include <bit>
#include <stdexcept>
#include <string>

namespace ckks {
namespace {

constexpr std::array<Word, 12> kBases = {2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37};

Word multiplyModulo(Word a, Word b, Word modulus) { return static_cast<Word>(static_cast<Word128>(a) * b % modulus); }

Word powerModulo(Word base, Word exponent, Word modulus) {
  Word result = 1;
  for (; exponent != 0; exponent >>= 1) {
    if ((exponent & 1) != 0) result = multiplyModulo(result, base, modulus);
    base = multiplyModulo(base, base, modulus);
  }
  return result;
}

/// Whether `base` proves that the odd n = oddPart 2^twos + 1 is composite.
bool isWitness(Word base, Word candidate, Word oddPart, int twos) {
  Word power = powerModulo(base, oddPart, candidate);
  if (power == 1 || power == candidate - 1) return false;
  for (int i = 1; i < twos; ++i) {
    power = multiplyModulo(power, power, candidate);
    if (power == candidate - 1) return false;
  }
  return true;
}

}  // namespace

bool isPrime(Word candidate) {
  if (candidate < 2) return false;
  for (const Word base : kBases) {
    if (candidate % base == 0) return candidate == base;
  }
  const int twos = std::countr_zero(candidate - 1);
  const Word oddPart = (candidate - 1) >> twos;
  return std::none_of(kBases.begin(), kBases.end(),
                      [&](Word base) { return isWitness(base, candidate, oddPart, twos); });
}

std::vector<Word> primesBelow(int bits, std::size_t count, std::size_t ringDimension,
                              const std::vector<Word>& exclude) {
  if (bits < 4 || bits > kMaxModulusBits || !std::has_single_bit(ringDimension)) {
    throw std::invalid_argument("primesBelow takes 4 to 50 bits and a power-of-two ring dimension");
  }
  const Word step = 2 * ringDimension;
  const Word lowest = Word{1} << (bits - 1);
  std::vector<Word> primes;
  primes.reserve(count);
  // 2^bits + 1 = 1 mod step; where step is larger than 2^bits there is no candidate at all.
  for (Word candidate = (Word{1} << bits) + 1; primes.size() < count;) {
    if (candidate < lowest + step) {
      throw std::invalid_argument("there are fewer than " + std::to_string(count) + " primes of " +
                                  std::to_string(bits) + " bits for ring dimension " + std::to_string(ringDimension));
    }
    candidate -= step;
    if (isPrime(candidate) && std::find(exclude.begin(), exclude.end(), candidate) == exclude.end()) {
      primes.push_back(candidate);
    }
  }
  return primes;
}

}  // namespace ckks
