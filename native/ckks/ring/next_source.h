#pragma once

#include <bit>
#include <cstddef>

#include "ckks/ring/attributes.h"
#include "ckks/ring/automorphism.h"

namespace ckks {

/// Asks, word by word of a block [begin, end) of an automorphism's image, for the words that the next block of that
/// size is made of. They are an aligned block of the argument, read in an order that no hardware prefetcher follows;
/// requests for a whole block at once would overflow the queue of misses and be dropped.
class NextSource {
 public:
  CKKS_INLINE NextSource(const Automorphism* automorphism, std::size_t begin, std::size_t end) {
    const std::size_t count = end - begin;
    if (automorphism == nullptr || !std::has_single_bit(count) || end == automorphism->ringDimension()) return;
    distance_ = (automorphism->sourceBlock(end / kBlockWords) * kBlockWords & ~(count - 1)) - begin;
  }

  /// `index` of the image; `limb` the argument.
  CKKS_INLINE void prefetch(const Word* limb, std::size_t index) const {
    __builtin_prefetch(limb + index + distance_, 0, kLevel2);
  }

 private:
  static constexpr int kLevel2 = 2;

  /// Modulo 2^64. Zero where there is no next block: then a request is for nothing new.
  std::size_t distance_ = 0;
};

}  // namespace ckks
