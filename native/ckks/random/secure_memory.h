#pragma once

#include <span>

#include "ckks/random/libcrypto.h"

namespace ckks {

/** Overwrites memory that held a secret; the compiler may not remove it. */
template <typename T>
void wipe(std::span<T> values) {
  OPENSSL_cleanse(values.data(), values.size_bytes());
}

/** Wipes the memory it is given when the scope ends, also by an exception. */
template <typename T>
class WipeOnExit {
 public:
  explicit WipeOnExit(std::span<T> values) : values_(values) {}
  WipeOnExit(const WipeOnExit&) = delete;
  WipeOnExit& operator=(const WipeOnExit&) = delete;
  ~WipeOnExit() { wipe(values_); }

 private:
  std::span<T> values_;
};

}  // namespace ckks
