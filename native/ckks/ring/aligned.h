#pragma once

#include <cstddef>
#include <memory>

#include "ckks/ring/modulus.h"

namespace ckks {

/// A cache line, and an AVX-512 register.
inline constexpr std::size_t kAlignmentBytes = 64;

/// A move-only array of words, 64-byte aligned (2 MB and on huge pages, where the system grants them, if it is
/// large). The words start as zeros.
class AlignedWords {
 public:
  AlignedWords() = default;
  explicit AlignedWords(std::size_t size);

  AlignedWords(AlignedWords&& other) noexcept;
  AlignedWords& operator=(AlignedWords&& other) noexcept;
  AlignedWords(const AlignedWords&) = delete;
  AlignedWords& operator=(const AlignedWords&) = delete;
  ~AlignedWords() = default;

  [[nodiscard]] Word* data() { return words_.get(); }
  [[nodiscard]] const Word* data() const { return words_.get(); }
  [[nodiscard]] std::size_t size() const { return size_; }

  Word& operator[](std::size_t index) { return words_[index]; }
  const Word& operator[](std::size_t index) const { return words_[index]; }

 private:
  struct Release {
    void operator()(Word* words) const;
  };

  std::unique_ptr<Word[], Release> words_;
  std::size_t size_ = 0;
};

}  // namespace ckks
