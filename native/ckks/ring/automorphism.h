#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "ckks/ring/modulus.h"

namespace ckks {

/// Words that the kernels move together: one AVX-512 register, one cache line.
inline constexpr std::size_t kBlockWords = 8;

/// The map a(X) -> a(X^k) of Z[X]/(X^N + 1) as a permutation of evaluations in the transform's bit-reversed order.
///
/// Evaluation i is taken at zeta^(2 bitreverse(i) + 1), so the image's evaluation i is the argument's evaluation
/// source(i) with 2 bitreverse(source(i)) + 1 = k (2 bitreverse(i) + 1) mod 2N. The high bits of i are the low bits
/// of the exponent, hence every aligned power-of-two block maps into one aligned block of the same size, and within
/// blocks of eight only eight lane permutations occur for a given k.
class Automorphism {
 public:
  using LanePermutation = std::array<Word, kBlockWords>;

  /// `ringDimension` a power of two in [2^4, 2^17]; `galoisElement` odd, taken mod 2N.
  /// Throws std::invalid_argument otherwise.
  Automorphism(std::size_t ringDimension, Word galoisElement);

  [[nodiscard]] std::size_t ringDimension() const { return sources_.size() * kBlockWords; }
  [[nodiscard]] Word galoisElement() const { return galoisElement_; }

  /// The source block of output block `block` (in blocks of eight words).
  [[nodiscard]] std::size_t sourceBlock(std::size_t block) const { return sources_[block] / kBlockWords; }

  /// Lane l of output block `block` comes from lane lanes(block)[l] of its source block. Lanes 0 to 3 all come from
  /// one half of the source block and lanes 4 to 7 from the other.
  [[nodiscard]] const LanePermutation& lanes(std::size_t block) const {
    return lanePermutations_[sources_[block] % kBlockWords];
  }

  /// Which of the eight permutations that is, and each of them.
  [[nodiscard]] std::size_t permutationIndex(std::size_t block) const { return sources_[block] % kBlockWords; }
  [[nodiscard]] const LanePermutation& permutation(std::size_t index) const { return lanePermutations_[index]; }

  [[nodiscard]] std::size_t source(std::size_t index) const {
    const std::size_t block = index / kBlockWords;
    return sourceBlock(block) * kBlockWords + lanes(block)[index % kBlockWords];
  }

 private:
  Word galoisElement_;
  std::vector<std::uint32_t> sources_;  ///< source block * 8 + index of the lane permutation
  alignas(64) std::array<LanePermutation, kBlockWords> lanePermutations_;
};

}  // namespace ckks
