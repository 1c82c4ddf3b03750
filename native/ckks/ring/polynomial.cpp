#include "ckks/ring/polynomial.h"

#include <stdexcept>

namespace ckks {
namespace {

constexpr std::size_t kLineWords = kAlignmentBytes / sizeof(Word);

/// An odd number of lines, so that up to 64 limbs at one index lie in different sets of an L1 cache of 64 sets.
constexpr std::size_t kPaddingWords = 5 * kLineWords;

std::size_t checkedStride(std::size_t words) {
  if (words % kLineWords != 0) throw std::invalid_argument("a limb must have a multiple of 8 words");
  return words + kPaddingWords;
}

}  // namespace

LimbMatrix::LimbMatrix(std::size_t limbs, std::size_t words)
    : limbs_(limbs), words_(words), stride_(checkedStride(words)), storage_(limbs * stride_) {}

}  // namespace ckks
