#include "ckks/ring/ntt.h"

#include <bit>
#include <stdexcept>
#include <string>
#include <utility>

#include "ckks/ring/bits.h"
#include "ckks/ring/primes.h"

namespace ckks {
namespace {

/// g^((q-1)/2N) for the smallest g >= 2 that makes it a primitive 2N-th root of unity.
Word primitiveRoot(const Modulus& modulus, std::size_t ringDimension) {
  checkRingDimension(ringDimension);
  const Word q = modulus.value;
  const Word order = 2 * ringDimension;
  if ((q - 1) % order != 0 || !isPrime(q)) {
    throw std::invalid_argument("a transform of dimension " + std::to_string(ringDimension) +
                                " needs a prime q = 1 mod 2N, not " + std::to_string(q));
  }
  for (Word generator = 2;; ++generator) {
    const Word root = modulus.power(generator, (q - 1) / order);
    if (modulus.power(root, ringDimension) == q - 1) return root;
  }
}

}  // namespace

void checkRingDimension(std::size_t ringDimension) {
  if (!std::has_single_bit(ringDimension) || ringDimension < kMinRingDimension || ringDimension > kMaxRingDimension) {
    throw std::invalid_argument("the ring dimension must be a power of two in [2^4, 2^17], not " +
                                std::to_string(ringDimension));
  }
}

NttTable::NttTable(const Modulus& modulus, std::size_t ringDimension)
    : modulus_(modulus),
      ringDimension_(ringDimension),
      root_(primitiveRoot(modulus, ringDimension)),
      imaginaryUnit_(modulus.power(root_, ringDimension / 2)) {
  const Word inverse = modulus_.inverse(modulus_.reduce(Word{ringDimension}));
  scale_ = modulus_.shoup(inverse);
  scaledTwiddle_ = modulus_.shoup(modulus_.multiply(inverse, imaginaryUnit_));
}

template <typename Convert>
const Word* NttTable::made(Array& array, const Convert& convert) const {
  std::call_once(array.made, [&] {
    AlignedWords words(ringDimension_);
    const int levels = std::countr_zero(ringDimension_);
    Word power = 1;
    for (std::size_t exponent = 0; exponent < ringDimension_; ++exponent) {
      words[reverseBits(exponent, levels)] = convert(power);
      power = modulus_.multiply(power, root_);
    }
    array.words = std::move(words);
  });
  return array.words.data();
}

const Word* NttTable::twiddles() const {
  return made(*twiddles_, [](Word twiddle) { return twiddle; });
}

const Word* NttTable::quotients() const {
  return made(*quotients_, [this](Word twiddle) { return modulus_.shoup(twiddle).quotient; });
}

const Word* NttTable::centredTwiddles() const {
  return made(*centred_, [this](Word twiddle) { return std::bit_cast<Word>(modulus_.centred(twiddle)); });
}

std::size_t NttTable::bytes() const {
  return (twiddles_->words.size() + quotients_->words.size() + centred_->words.size()) * sizeof(Word);
}

}  // namespace ckks
