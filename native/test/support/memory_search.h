#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace ckks {

/// Bytes to look for in all memory of this process that can be written. They are kept masked, so that neither the
/// search nor the object finds itself. Linux only.
class MemorySearch {
 public:
  explicit MemorySearch(std::span<const std::byte> wanted);

  /// How often the bytes are found, at any alignment.
  [[nodiscard]] std::size_t occurrences() const;

 private:
  [[nodiscard]] std::size_t occurrencesIn(std::span<const std::byte> memory) const;

  std::vector<std::byte> masked_;
};

}  // namespace ckks
