#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>

#include "ckks/ring/ntt.h"
#include "ckks/scheme/parameters.h"

namespace ckks {

/**
 * Transforms of plaintexts whose slots are periodic. f(X^(N/M)) has at evaluation i of the main ring the value that f
 * has at evaluation i >> log2(N/M) of the ring of dimension M: both orders are bit-reversed and the roots are powers of
 * the same generator. So M words stand for N.
 */
class SparseTransform {
 public:
  explicit SparseTransform(std::shared_ptr<const Parameters> parameters);

  /** out: `dimension` words, evaluations of the coefficients modulo the limb's prime. Thread-safe. */
  void evaluate(Word* out, const std::int64_t* coefficients, std::size_t dimension, std::size_t limb);

 private:
  const NttTable& table(std::size_t dimension, std::size_t limb);

  std::shared_ptr<const Parameters> parameters_;
  std::mutex mutex_;
  std::map<std::pair<std::size_t, std::size_t>, std::unique_ptr<NttTable>> tables_;
};

}  // namespace ckks
