#include "ckks/ring/limb_pool.h"

#include <algorithm>
#include <cstdlib>
#include <new>
#include <stdexcept>

#include "ckks/ring/aligned.h"

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace ckks {
namespace {

constexpr std::size_t kLineWords = kAlignmentBytes / sizeof(Word);

/// An odd number of lines, so that up to 64 limbs at one index lie in different sets of an L1 cache of 64 sets.
constexpr std::size_t kPaddingWords = 5 * kLineWords;

constexpr std::size_t kHugePageBytes = std::size_t{1} << 21;
constexpr std::size_t kSlabBytes = 4 * kHugePageBytes;

}  // namespace

LimbPool& LimbPool::of(std::size_t words) {
  // Never destroyed: polynomials in other static objects may outlive any order of destruction.
  static std::mutex& mutex = *std::make_unique<std::mutex>().release();
  static auto& pools = *std::make_unique<std::map<std::size_t, LimbPool>>().release();
  const std::scoped_lock lock(mutex);
  return pools.try_emplace(words, words).first->second;
}

LimbPool::LimbPool(std::size_t words) : stride_(words + kPaddingWords) {
  if (words == 0 || words % kLineWords != 0) throw std::invalid_argument("a limb must have a multiple of 8 words");
}

void LimbPool::Release::operator()(Word* words) const noexcept { std::free(words); }

void LimbPool::grow() {
  const std::size_t limbs = std::max<std::size_t>(1, kSlabBytes / (stride_ * sizeof(Word)));
  const std::size_t bytes = (limbs * stride_ * sizeof(Word) + kHugePageBytes - 1) / kHugePageBytes * kHugePageBytes;
  slabs_.emplace_back(static_cast<Word*>(std::aligned_alloc(kHugePageBytes, bytes)));
  if (!slabs_.back()) {
    slabs_.pop_back();
    throw std::bad_alloc();
  }
#if defined(__linux__)
  // Limbs are walked many at a time: with 4 KB pages that misses the TLB. Advice only, so failure is no error.
  madvise(slabs_.back().get(), bytes, MADV_HUGEPAGE);
#endif
  // Room for every limb, so that giving one back never allocates.
  free_.reserve(slabs_.size() * limbs);
  for (std::size_t i = limbs; i-- > 0;) free_.push_back(slabs_.back().get() + i * stride_);
}

Word* LimbPool::take() {
  const std::scoped_lock lock(mutex_);
  if (free_.empty()) grow();
  Word* limb = free_.back();
  free_.pop_back();
  return limb;
}

void LimbPool::giveBack(Word* limb) noexcept {
  const std::scoped_lock lock(mutex_);
  free_.push_back(limb);
}

}  // namespace ckks
