#pragma once

#include <cstddef>
#include <vector>

#include "ckks/ring/limb_pool.h"
#include "ckks/ring/modulus.h"

namespace ckks {

/// The residues of one polynomial: a limb of N words for each prime. Move-only; limbs go back to their pool at the end.
class LimbMatrix {
 public:
  LimbMatrix() = default;
  /// Contents unspecified. `words` a multiple of 8 (the ring dimension).
  LimbMatrix(std::size_t limbs, std::size_t words);
  [[nodiscard]] static LimbMatrix zero(std::size_t limbs, std::size_t words);

  LimbMatrix(LimbMatrix&& other) noexcept;
  LimbMatrix& operator=(LimbMatrix&& other) noexcept;
  LimbMatrix(const LimbMatrix&) = delete;
  LimbMatrix& operator=(const LimbMatrix&) = delete;
  ~LimbMatrix();

  [[nodiscard]] std::size_t limbs() const { return limbs_.size(); }
  [[nodiscard]] std::size_t words() const { return words_; }
  [[nodiscard]] std::size_t bytes() const { return limbs_.size() * words_ * sizeof(Word); }

  /// Limb `index` < limbs(): words() words, 64-byte aligned.
  [[nodiscard]] Word* limb(std::size_t index) { return limbs_[index]; }
  [[nodiscard]] const Word* limb(std::size_t index) const { return limbs_[index]; }

 private:
  void release() noexcept;

  std::size_t words_ = 0;
  LimbPool* pool_ = nullptr;
  std::vector<Word*> limbs_;
};

}  // namespace ckks
