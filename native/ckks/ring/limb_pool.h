#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "ckks/ring/modulus.h"

namespace ckks {

/// Limbs of one size, handed out and taken back. Polynomials of every level share one pool, so that a step works in the
/// memory that the step before it touched: fresh pages cost more than the arithmetic done in them.
///
/// Limbs are cut from slabs of several megabytes on huge pages, at a stride of N words and a few cache lines: limbs at
/// a power-of-two distance would all fall on the same cache sets, and kernels that walk many limbs at one index are
/// three to four times slower then. Slabs live as long as the process.
class LimbPool {
 public:
  /// The pool of limbs of `words` words, a multiple of 8.
  static LimbPool& of(std::size_t words);

  explicit LimbPool(std::size_t words);
  LimbPool(const LimbPool&) = delete;
  LimbPool& operator=(const LimbPool&) = delete;

  /// 64-byte aligned; contents unspecified. Thread-safe.
  [[nodiscard]] Word* take();
  void giveBack(Word* limb) noexcept;

 private:
  struct Release {
    void operator()(Word* words) const noexcept;
  };

  void grow();

  std::size_t stride_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Word[], Release>> slabs_;
  std::vector<Word*> free_;
};

}  // namespace ckks
