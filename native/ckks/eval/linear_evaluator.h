#pragma once

#include <memory>
#include <vector>

#include "ckks/eval/cancellation.h"
#include "ckks/eval/key_switch.h"
#include "ckks/eval/linear_encoding.h"
#include "ckks/eval/sparse_transform.h"
#include "ckks/scheme/ciphertext.h"

namespace ckks {

/**
 * Linear steps by baby-step giant-step with double hoisting (Bossuat, Mouchet, Troncoso-Pastoriza, Hubaux, ePrint 2020/1203):
 * one decomposition serves all baby steps, products are summed in the extended basis, only the c1 of a partial sum leaves
 * it for the next giant step, and the last division by the special primes is merged with the rescale.
 *
 * Primes are the outer loop: one row of all rotated copies is made, multiplied into every partial sum, and dropped, so
 * the copies are never all in memory.
 */
class LinearEvaluator {
 public:
  LinearEvaluator(std::shared_ptr<KeySwitcher> switcher, std::shared_ptr<const KeySet> keys);

  /**
   * `inputs` in the order of the terms, at the step's level or above and of the scales it was encoded for.
   * `partialSumBytes` bounds the memory of the partial sums; below what all of them need, the rotated copies are made
   * again for each group of giant steps. Throws Error: kKeyMissing, kLevelExhausted, kScaleMismatch, kCancelled.
   */
  Ciphertext apply(const EncodedLinear& step, const std::vector<const Ciphertext*>& inputs, std::size_t partialSumBytes,
                   const Cancellation& cancellation);

 private:
  struct Hoisted;
  std::vector<Hoisted> hoist(const EncodedLinear& step, const std::vector<const Ciphertext*>& inputs, const Basis& basis);
  void addProducts(const EncodedLinear& step, const std::vector<Hoisted>& inputs, const Basis& basis, std::size_t firstGiant,
                   std::vector<PolynomialPair>& sums);
  void addProductsOfRow(const EncodedLinear& step, const std::vector<Hoisted>& inputs, const Basis& basis, std::size_t row,
                        std::size_t firstGiant, std::vector<PolynomialPair>& sums);
  /** sum += rotate(value); value's second polynomial is consumed. */
  void addRotated(PolynomialPair& sum, PolynomialPair value, const EvaluationKey& key, const Basis& basis);
  PolynomialPair copy(const PolynomialPair& value) const;
  void addBias(Ciphertext& ciphertext, const EncodedLinear& step, bool conjugated);

  std::shared_ptr<KeySwitcher> switcher_;
  std::shared_ptr<const KeySet> keys_;
  SparseTransform sparse_;
};

}  // namespace ckks
