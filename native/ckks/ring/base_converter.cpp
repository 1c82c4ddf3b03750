#include "ckks/ring/base_converter.h"

#include <stdexcept>
#include <utility>

namespace ckks {
namespace {

/// The product of all `primes` but the one at `skip` (an index past the end skips none), mod `modulus`.
Word productWithout(const std::vector<Modulus>& primes, std::size_t skip, const Modulus& modulus) {
  Word product = 1;
  for (std::size_t i = 0; i < primes.size(); ++i) {
    if (i != skip) product = modulus.multiply(product, modulus.reduce(primes[i].value));
  }
  return product;
}

std::vector<Word> onesIfEmpty(std::vector<Word> factors, std::size_t size) {
  if (factors.empty()) factors.assign(size, 1);
  if (factors.size() != size) throw std::invalid_argument("a base converter takes one factor per prime");
  return factors;
}

}  // namespace

BaseConverter::BaseConverter(std::vector<Modulus> from, std::vector<Modulus> to, std::vector<Word> inputFactors,
                             std::vector<Word> outputFactors)
    : from_(std::move(from)), to_(std::move(to)), outputConstants_(to_.size() * terms()) {
  const std::size_t sources = from_.size();
  if (sources == 0 || sources > kMaxSources) {
    throw std::invalid_argument("a base converter takes 1 to 40 source primes");
  }
  const std::vector<Word> inputs = onesIfEmpty(std::move(inputFactors), sources);
  const std::vector<Word> outputs = onesIfEmpty(std::move(outputFactors), to_.size());

  for (std::size_t i = 0; i < sources; ++i) {
    const Modulus& prime = from_[i];
    const Word inverse = prime.inverse(productWithout(from_, i, prime));
    inputConstants_.push_back(prime.shoup(prime.multiply(inverse, prime.reduce(inputs[i]))));
  }
  largestInputSum_ = static_cast<double>(sources);
  for (const Modulus& prime : from_) largestInputSum_ += static_cast<double>(prime.value);
  for (std::size_t j = 0; j < to_.size(); ++j) {
    const Modulus& prime = to_[j];
    const Word factor = prime.reduce(outputs[j]);
    Word* constants = outputConstants_.data() + j * terms();
    for (std::size_t i = 0; i < sources; ++i) {
      constants[i] = prime.multiply(productWithout(from_, i, prime), factor);
    }
    constants[sources] = prime.negate(prime.multiply(productWithout(from_, sources, prime), factor));
    for (std::size_t i = 0; i < terms(); ++i) centredOutputConstants_.push_back(prime.centred(constants[i]));
    PairProducts products;
    for (std::size_t i = 0; i < terms(); i += 2) {
      const Word128 product = static_cast<Word128>(constants[i]) * constants[i + 1];
      products.lows += static_cast<Word>(product) & kRadixMask;
      products.highs += static_cast<Word>(product >> kRadixBits);
    }
    pairProducts_.push_back(products);
    // The residues are below their primes and v at most their number.
    Word128 scaled = sources;
    for (const Modulus& source : from_) scaled += source.value;
    sumsBelow104Bits_.push_back(scaled * prime.value <= Word128{1} << (2 * kRadixBits));
  }
}

}  // namespace ckks
