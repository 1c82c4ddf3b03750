#include "ckks/ring/aligned.h"

#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace ckks {
namespace {

constexpr std::size_t kHugePageBytes = std::size_t{1} << 21;

std::size_t roundUp(std::size_t bytes, std::size_t unit) { return (bytes + unit - 1) / unit * unit; }

}  // namespace

AlignedWords::AlignedWords(std::size_t size) : size_(size) {
  if (size == 0) return;
  const std::size_t bytes = size * sizeof(Word);
  const std::size_t alignment = bytes >= kHugePageBytes ? kHugePageBytes : kAlignmentBytes;
  const std::size_t allocated = roundUp(bytes, kAlignmentBytes);
  words_.reset(static_cast<Word*>(std::aligned_alloc(alignment, roundUp(bytes, alignment))));
  if (!words_) throw std::bad_alloc();
#if defined(__linux__)
  // Limbs are walked many at a time: with 4 KB pages that misses the TLB. Advice only, so failure is no error.
  if (alignment == kHugePageBytes) madvise(words_.get(), roundUp(bytes, alignment), MADV_HUGEPAGE);
#endif
  std::memset(words_.get(), 0, allocated);
}

AlignedWords::AlignedWords(AlignedWords&& other) noexcept
    : words_(std::move(other.words_)), size_(std::exchange(other.size_, 0)) {}

AlignedWords& AlignedWords::operator=(AlignedWords&& other) noexcept {
  words_ = std::move(other.words_);
  size_ = std::exchange(other.size_, 0);
  return *this;
}

void AlignedWords::Release::operator()(Word* words) const { std::free(words); }

}  // namespace ckks
