#include "ckks/scheme/parameters.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>
#include <stdexcept>
#include <string>

#include "ckks/error.h"
#include "ckks/ring/primes.h"
#include "ckks/scheme/security_caps.h"

namespace ckks {
namespace {

void check(bool condition, const std::string& message) {
  if (!condition) throw Error(ErrorKind::kInvalidParameter, message);
}

void checkLiteral(const ParameterLiteral& literal) {
  const std::size_t n = literal.ringDimension;
  check(std::has_single_bit(n) && n >= (1u << 10) && n <= (1u << 17),
        "ring dimension: expected a power of two from 2^10 to 2^17");
  check(literal.levels() >= 1 && literal.levels() <= 38, "primes: expected 2 to 39");
  std::vector<int> sizes = literal.primeBits;
  sizes.push_back(literal.specialPrimeBits);
  for (int bits : sizes) check(bits >= 20 && bits <= kMaxModulusBits, "prime size: expected 20 to 50 bits");
  check(literal.specialPrimes.size() == literal.primeBits.size(), "special primes: expected one count for each level");
  for (int count : literal.specialPrimes)
    check(count >= 1 && count <= 39, "special primes: expected 1 to 39 at each level");
  check(literal.digits.size() == literal.specialPrimes.size(), "digits: expected one count for each level");
  for (std::size_t level = 0; level < literal.digits.size(); ++level) {
    const int added = literal.digits[level] - (level == 0 ? 0 : literal.digits[level - 1]);
    check(added == 1 || (added == 0 && level > 0),
          "digits: expected 1 at level 0 and at each further level as many as below it, or one more");
  }
  check(std::has_single_bit(literal.resultRingDimension) && literal.resultRingDimension >= 64 &&
            literal.resultRingDimension <= n,
        "result ring dimension: expected a power of two from 64 to the ring dimension");
}

std::vector<Word> primesOf(int bits, std::size_t count, std::size_t ringDimension, const std::vector<Word>& taken) {
  try {
    return primesBelow(bits, count, ringDimension, taken);
  } catch (const std::invalid_argument& error) {
    throw Error(ErrorKind::kInvalidParameter, error.what());
  }
}

/** All primes in extended order; equal sizes share one descending sequence, special primes first. */
std::vector<Word> extendedPrimes(const ParameterLiteral& literal, std::size_t specialCount) {
  const std::size_t n = literal.ringDimension;
  const std::vector<Word> special = primesOf(literal.specialPrimeBits, specialCount, n, {});
  // By size, those that are left; the largest, which is the next, at the end.
  std::map<int, std::vector<Word>> left;
  std::vector<Word> primes;
  for (const int bits : literal.primeBits) {
    std::vector<Word>& ofSize = left[bits];
    if (ofSize.empty()) {
      const std::ptrdiff_t count = std::count(literal.primeBits.begin(), literal.primeBits.end(), bits);
      ofSize = primesOf(bits, static_cast<std::size_t>(count), n, special);
      std::reverse(ofSize.begin(), ofSize.end());
    }
    primes.push_back(ofSize.back());
    ofSize.pop_back();
  }
  primes.insert(primes.end(), special.begin(), special.end());
  return primes;
}

/** The size of the digits, of which the last may be shorter; "5+6+10" where they differ otherwise. */
std::string digitSizes(const ParameterLiteral& literal) {
  std::vector<std::ptrdiff_t> sizes;
  for (int digit = 1; digit <= literal.digits.back(); ++digit) {
    sizes.push_back(std::count(literal.digits.begin(), literal.digits.end(), digit));
  }
  const std::ptrdiff_t first = sizes.front();
  const bool equal = std::all_of(sizes.begin(), sizes.end() - 1, [&](auto size) { return size == first; });
  std::string text = std::to_string(first);
  if (equal && sizes.back() <= first) return text;
  for (std::size_t digit = 1; digit < sizes.size(); ++digit) text.append("+").append(std::to_string(sizes[digit]));
  return text;
}

void checkSecurity(std::size_t ringDimension, double logModulus, const std::string& key) {
  const double cap = securityCap(ringDimension);
  if (logModulus > cap) {
    throw Error(ErrorKind::kInsecureParameter, key + ": a modulus of " + std::to_string(logModulus) +
                                                   " bits in a ring of dimension " + std::to_string(ringDimension) +
                                                   " is below 128-bit security (at most " + std::to_string(cap) + ")");
  }
}

}  // namespace

double securityCap(std::size_t ringDimension) {
  const auto cap = std::find_if(kSecurityCaps.begin(), kSecurityCaps.end(),
                                [&](const SecurityCap& of) { return of.ringDimension == ringDimension; });
  return cap == kSecurityCaps.end() ? 0 : cap->logModulus;
}

Parameters::Parameters(const ParameterLiteral& literal) : literal_(literal) {
  checkLiteral(literal);
  specialCount_ =
      static_cast<std::size_t>(*std::max_element(literal.specialPrimes.begin(), literal.specialPrimes.end()));
  const std::vector<Word> primes = extendedPrimes(literal, specialCount_);
  std::string text = "ckks-1 " + std::to_string(literal.ringDimension) + " " + digitSizes(literal) + " " +
                     std::to_string(literal.resultRingDimension) + " " + std::to_string(literal.levels());
  for (int count : literal.specialPrimes) text.append(" ").append(std::to_string(count));
  tables_.reserve(primes.size());
  for (Word prime : primes) {
    tables_.emplace_back(Modulus(prime), literal.ringDimension);
    logQP_ += std::log2(static_cast<double>(prime));
    text.append(" ").append(std::to_string(prime));
  }
  Sha256 sha;
  sha.update({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  hash_ = sha.finish();

  if (literal.security == SecurityCheck::kChecked) {
    checkSecurity(literal.ringDimension, logQP_, "evaluation keys");
    checkSecurity(literal.resultRingDimension,
                  std::log2(static_cast<double>(modulus(0).value)) +
                      std::log2(static_cast<double>(modulus(specialLimb(0)).value)),
                  "result key");
  }
}

std::size_t Parameters::specialCountUpTo(int level) const {
  const std::vector<int>& counts = literal_.specialPrimes;
  return static_cast<std::size_t>(*std::max_element(counts.begin(), counts.begin() + level + 1));
}

LimbRange Parameters::digitLimbs(std::size_t digit, int level) const {
  const auto begin = literal_.digits.begin();
  const auto end = begin + level + 1;
  const auto number = static_cast<int>(digit) + 1;
  return {static_cast<std::size_t>(std::lower_bound(begin, end, number) - begin),
          static_cast<std::size_t>(std::upper_bound(begin, end, number) - begin)};
}

std::size_t Parameters::extendedLimb(int level, std::size_t row) const {
  const std::size_t limbs = static_cast<std::size_t>(level) + 1;
  return row < limbs ? row : specialLimb(row - limbs);
}

}  // namespace ckks
