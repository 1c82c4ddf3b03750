#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <type_traits>

namespace ckks {

/// How secret pages end.
struct WipeAndUnmap {
  std::size_t bytes = 0;
  void operator()(void* pages) const noexcept;
};

/// Pages of their own for secrets, zeros at first. Wiped before they go back to the system, excluded from core dumps
/// and, as far as the process's limit of locked memory goes, kept out of swap space.
class SecretPages {
 public:
  SecretPages() = default;
  /// Throws std::bad_alloc.
  explicit SecretPages(std::size_t bytes);

  [[nodiscard]] void* data() const { return pages_.get(); }

 private:
  std::unique_ptr<void, WipeAndUnmap> pages_;
};

/// The owner of an array that holds a secret: a key, what a key is made from, or what tells a key or a message. Every
/// such array is one of these, whatever the scope it lives in. Move-only.
template <typename T>
  requires std::is_trivially_copyable_v<T>
class SecretBuffer {
 public:
  SecretBuffer() = default;
  explicit SecretBuffer(std::size_t size) : pages_(size * sizeof(T)), size_(size) {}

  [[nodiscard]] T* data() { return static_cast<T*>(pages_.data()); }
  [[nodiscard]] const T* data() const { return static_cast<const T*>(pages_.data()); }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t bytes() const { return size_ * sizeof(T); }

  T& operator[](std::size_t index) { return data()[index]; }
  const T& operator[](std::size_t index) const { return data()[index]; }
  [[nodiscard]] T* begin() { return data(); }
  [[nodiscard]] T* end() { return data() + size_; }
  [[nodiscard]] const T* begin() const { return data(); }
  [[nodiscard]] const T* end() const { return data() + size_; }

 private:
  SecretPages pages_;
  std::size_t size_ = 0;
};

/// Overwrites memory that held a secret and whose owner is not of this library; the compiler may not remove it.
void wipe(std::span<std::byte> bytes);

}  // namespace ckks
