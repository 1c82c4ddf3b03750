#pragma once

#include <cstddef>

#include "ckks/ring/aligned.h"
#include "ckks/ring/modulus.h"

namespace ckks {

/// The residues of one polynomial: a limb of N words for each prime, zero at first. Move-only.
///
/// The limbs' stride is N words and a few cache lines: limbs at a power-of-two distance would all fall on the same
/// cache sets, and kernels that walk many limbs at one index are three to four times slower then.
class LimbMatrix {
 public:
  LimbMatrix() = default;
  /// `words` a multiple of 8 (the ring dimension).
  LimbMatrix(std::size_t limbs, std::size_t words);

  [[nodiscard]] std::size_t limbs() const { return limbs_; }
  [[nodiscard]] std::size_t words() const { return words_; }
  /// Distance of two limbs in words.
  [[nodiscard]] std::size_t stride() const { return stride_; }
  /// Allocated size.
  [[nodiscard]] std::size_t bytes() const { return storage_.size() * sizeof(Word); }

  /// Limb `index` < limbs(): words() words, 64-byte aligned.
  [[nodiscard]] Word* limb(std::size_t index) { return storage_.data() + index * stride_; }
  [[nodiscard]] const Word* limb(std::size_t index) const { return storage_.data() + index * stride_; }

 private:
  std::size_t limbs_ = 0;
  std::size_t words_ = 0;
  std::size_t stride_ = 0;
  AlignedWords storage_;
};

}  // namespace ckks
