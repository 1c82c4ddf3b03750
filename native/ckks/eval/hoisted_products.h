#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "ckks/eval/key_switch.h"
#include "ckks/eval/linear_encoding.h"
#include "ckks/eval/sparse_transform.h"
#include "ckks/scheme/ciphertext.h"

namespace ckks {

/** The sum of one giant step in the extended basis; absent until something is added to it. */
using PartialSum = std::optional<PolynomialPair>;

/**
 * The inner sums of a baby-step giant-step evaluation: for each giant step, the weighted sum of the rotated copies of
 * the inputs, left in the extended basis.
 *
 * One decomposition of each input serves all its baby steps. Rows (primes) are the outer loop and blocks of a row the
 * next one: the rotated copies of a block are made, multiplied into every partial sum while they are in the cache, and
 * dropped. So neither copies nor expanded keys are ever held for a whole polynomial.
 */
class HoistedProducts {
 public:
  /**
   * Decomposes the inputs (in the order of the terms, all at the basis's level or above). Throws Error(kKeyMissing).
   * The arguments must outlive the object.
   */
  HoistedProducts(KeySwitcher& switcher, SparseTransform& sparse, const KeySet& keys, const EncodedLinear& step,
                  const std::vector<const Ciphertext*>& inputs, const Basis& basis);

  /** Adds the products of giant steps first, first + 1, ... to `sums`, on all threads. */
  void addTo(std::vector<PartialSum>& sums, std::size_t first);

 private:
  struct Copy;
  struct Scratch;

  void addRow(std::vector<PartialSum>& sums, const std::vector<bool>& started, std::size_t first, std::size_t row,
              Scratch& scratch);
  void evaluateWeights(std::size_t first, std::size_t row, Scratch& scratch) const;
  void makeCopies(std::size_t row, std::size_t begin, Scratch& scratch) const;

  KeySwitcher& switcher_;
  SparseTransform& sparse_;
  const EncodedLinear& step_;
  Basis basis_;
  /** Residues in a block. */
  std::size_t block_;
  std::vector<std::optional<Digits>> digits_;  // by term; absent where nothing is rotated
  std::vector<Copy> copies_;
  std::vector<std::vector<std::size_t>> copyOfBaby_;  // by term and baby step
};

/** A rotated input. */
struct HoistedProducts::Copy {
  const Ciphertext* input;
  std::size_t term;
  /** Null for baby step 0: the input itself. */
  const EvaluationKey* key;
};

}  // namespace ckks
