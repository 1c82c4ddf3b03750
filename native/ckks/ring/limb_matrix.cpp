#include "ckks/ring/limb_matrix.h"

#include <algorithm>
#include <utility>

namespace ckks {

LimbMatrix::LimbMatrix(std::size_t limbs, std::size_t words) : words_(words), pool_(&LimbPool::of(words)) {
  limbs_.reserve(limbs);
  for (std::size_t i = 0; i < limbs; ++i) limbs_.push_back(pool_->take());
}

LimbMatrix LimbMatrix::zero(std::size_t limbs, std::size_t words) {
  LimbMatrix matrix(limbs, words);
  for (Word* limb : matrix.limbs_) std::fill_n(limb, words, Word{0});
  return matrix;
}

LimbMatrix::LimbMatrix(LimbMatrix&& other) noexcept
    : words_(other.words_), pool_(other.pool_), limbs_(std::exchange(other.limbs_, {})) {}

LimbMatrix& LimbMatrix::operator=(LimbMatrix&& other) noexcept {
  if (this != &other) {
    release();
    words_ = other.words_;
    pool_ = other.pool_;
    limbs_ = std::exchange(other.limbs_, {});
  }
  return *this;
}

LimbMatrix::~LimbMatrix() { release(); }

void LimbMatrix::release() noexcept {
  for (Word* limb : limbs_) pool_->giveBack(limb);
  limbs_.clear();
}

}  // namespace ckks
