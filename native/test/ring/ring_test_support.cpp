#include "ring_test_support.h"

#include <algorithm>

#include "ckks/ring/primes.h"

namespace ckks::test {

AlignedWords residues(std::size_t size, Word modulus, Values values, std::mt19937_64& generator) {
  AlignedWords words(size);
  for (std::size_t i = 0; i < size; ++i) {
    switch (values) {
      case Values::kRandom:
        words[i] = generator() % modulus;
        break;
      case Values::kLargest:
        words[i] = modulus - 1;
        break;
      case Values::kEnds:
        words[i] = generator() % 2 == 0 ? 0 : modulus - 1;
        break;
      case Values::kZero:
        words[i] = 0;
        break;
    }
  }
  return words;
}

std::vector<Modulus> primesOfAllSizes(std::size_t ringDimension) {
  std::vector<Modulus> moduli;
  for (int bits = 20; bits <= kMaxModulusBits; ++bits) {
    moduli.emplace_back(primesBelow(bits, 1, ringDimension, {}).front());
  }
  moduli.emplace_back(primesBelow(kMaxModulusBits, 100, ringDimension, {}).back());
  return moduli;
}

AlignedWords copyOf(const AlignedWords& words) {
  AlignedWords copy(words.size());
  std::copy_n(words.data(), words.size(), copy.data());
  return copy;
}

std::vector<Word> vectorOf(const AlignedWords& words) { return {words.data(), words.data() + words.size()}; }

std::vector<const Word*> pointersTo(const std::vector<AlignedWords>& limbs) {
  std::vector<const Word*> pointers;
  for (const AlignedWords& limb : limbs) pointers.push_back(limb.data());
  return pointers;
}

std::string kernelName(const testing::TestParamInfo<std::string_view>& info) { return std::string(info.param); }

}  // namespace ckks::test
