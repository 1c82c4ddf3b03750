#pragma once

#include <memory>
#include <vector>

#include "ckks/eval/cancellation.h"
#include "ckks/eval/hoisted_products.h"
#include "ckks/eval/key_switch.h"
#include "ckks/eval/linear_encoding.h"
#include "ckks/eval/sparse_transform.h"
#include "ckks/scheme/ciphertext.h"

namespace ckks {

/**
 * Linear steps by baby-step giant-step with double hoisting (Bossuat, Mouchet, Troncoso-Pastoriza, Hubaux, ePrint
 * 2020/1203): products are summed in the extended basis, only the c1 of a partial sum leaves it on the way to its
 * parent, and the last division by the special primes is merged with the rescale.
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
  struct StepKeys;
  StepKeys findKeys(const EncodedLinear& step, int level) const;
  PolynomialPair sumGiantSteps(const EncodedLinear& step, HoistedProducts& products, const StepKeys& keys,
                               const Basis& basis, std::size_t partialSumBytes, const Cancellation& cancellation);
  /** input + i rotate(input, shift) at limbs q_0 .. q_level. */
  Ciphertext packCopy(const Ciphertext& input, const EvaluationKey& key, const Basis& basis);
  /** sum += rotate(value), in the extended basis; an absent sum counts as zero. */
  void addRotated(PartialSum& sum, PolynomialPair value, const EvaluationKey& key, const Basis& basis);
  PolynomialPair copy(const PolynomialPair& value) const;
  Ciphertext rescale(PolynomialPair value, const EncodedLinear& step, const Basis& basis,
                     const SparseCoefficients& bias);
  void addBias(LimbMatrix& polynomial, const SparseCoefficients& bias);

  std::shared_ptr<KeySwitcher> switcher_;
  std::shared_ptr<const KeySet> keys_;
  SparseTransform sparse_;
};

}  // namespace ckks
