#include "ckks/ring/automorphism.h"

#include <bit>
#include <stdexcept>

#include "ckks/ring/bits.h"

namespace ckks {

Automorphism::Automorphism(std::size_t ringDimension, Word galoisElement)
    : galoisElement_(galoisElement & (2 * ringDimension - 1)), lanePermutations_{} {
  checkRingDimension(ringDimension);
  if (galoisElement % 2 == 0) throw std::invalid_argument("a Galois element must be odd");

  // Half exponents h = bitreverse(i) map by 2 h' + 1 = k (2 h + 1), that is h' = k h + (k - 1) / 2 mod N.
  // A block fixes the low bits of h and its lanes the three high ones, in bit-reversed order.
  const int blockBits = std::countr_zero(ringDimension) - 3;
  const std::size_t blocks = ringDimension / kBlockWords;
  sources_.resize(blocks);
  for (std::size_t block = 0; block < blocks; ++block) {
    const Word half = galoisElement_ * reverseBits(block, blockBits) + (galoisElement_ - 1) / 2;
    const Word lanesOffset = (half >> blockBits) % kBlockWords;
    sources_[block] = static_cast<std::uint32_t>(reverseBits(half % blocks, blockBits) * kBlockWords + lanesOffset);
  }
  for (Word offset = 0; offset < kBlockWords; ++offset) {
    for (Word lane = 0; lane < kBlockWords; ++lane) {
      const Word source = (offset + galoisElement_ * reverseBits(lane, 3)) % kBlockWords;
      lanePermutations_[offset][lane] = reverseBits(source, 3);
    }
  }
}

}  // namespace ckks
