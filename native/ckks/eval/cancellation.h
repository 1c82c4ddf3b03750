#pragma once

#include <atomic>
#include <memory>

#include "ckks/error.h"

namespace ckks {

/** Asked between the parts of a long operation; set from any thread. A default-constructed one is never cancelled. */
class Cancellation {
 public:
  Cancellation() = default;
  explicit Cancellation(std::shared_ptr<const std::atomic<bool>> flag) : flag_(std::move(flag)) {}

  /** Throws Error(kCancelled) once the flag is set. */
  void check() const {
    if (flag_ && flag_->load(std::memory_order_relaxed)) throw Error(ErrorKind::kCancelled, "cancelled");
  }

 private:
  std::shared_ptr<const std::atomic<bool>> flag_;
};

}  // namespace ckks
