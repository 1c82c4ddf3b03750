#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "ckks/scheme/parameters.h"

namespace ckks {

/** One linear map of a linear step: generalised diagonals, diagonal k at offset offsets[k]. */
struct LinearTermDescription {
  /** Exact scale of the ciphertext that the map is applied to. */
  double inputScale = 1;
  std::vector<long> offsets;
  /** offsets.size() * period values. */
  std::vector<double> diagonals;
  /**
   * Empty, or as many values: diagonal k of these is at offset offsets[k] + imaginaryShift. The term's input is then
   * packed with its copy rotated by that shift, and one product serves both offsets.
   */
  std::vector<double> shiftedDiagonals;
  /** For each offset, which baby and giant step serve it: offset = baby + giant modulo the slots. */
  std::vector<std::size_t> babyIndices;
  std::vector<std::size_t> giantIndices;
};

/**
 * result = rescale(fold(sum over giant steps) + bias), where the partial sums S[j] of the giant steps form a tree:
 * S[parent[j]] += rotate(S[j], giant[j] - giant[parent[j]]) for ascending j; the last one is the root, with step 0.
 * Rotation by k: output[i] = input[i + k].
 */
struct LinearDescription {
  /** Level at which the products are made; the result is one below. */
  int level = 0;
  double outputScale = 1;
  /** Of every diagonal and of the bias; a power of two that divides the slots. */
  std::size_t period = 0;
  std::vector<long> babySteps;
  std::vector<long> giantSteps;
  std::vector<int> giantParents;
  std::vector<long> folds;
  /** The bias, added to the real part, and to the imaginary part as well where `conjugate` is set. */
  std::vector<double> bias;
  /** The result carries its conjugate. */
  bool conjugate = false;
  /**
   * Where terms have shifted diagonals: their input z becomes z + i rotate(z, imaginaryShift), weights become u - i w,
   * and the real part of the sum, u z + w rotate(z, imaginaryShift), is taken at the end. Not together with
   * `conjugate`; inputs must be real.
   */
  long imaginaryShift = 0;
  std::vector<LinearTermDescription> terms;
};

/** Encodes coefficients of a sparse plaintext: X replaced by X^(N / 2 period). */
using SparseCoefficients = std::vector<std::int64_t>;

struct EncodedDiagonal {
  std::size_t baby = 0;
  std::size_t giant = 0;
  /** 2 period coefficients; the diagonal is already rotated by -giant. */
  SparseCoefficients coefficients;
};

struct EncodedTerm {
  double inputScale = 1;
  /** The input is packed with its rotated copy. */
  bool packed = false;
  std::vector<EncodedDiagonal> diagonals;
};

/** A linear step with its weights as integer polynomials; usable at any limb, independent of keys. */
class EncodedLinear {
 public:
  /**
   * Weights get the scale outputScale * q_level / inputScale, so that the rescaled result has exactly outputScale.
   * Throws Error: kLevelExhausted below level 1, kInvalidParameter for an inconsistent description, kRange for weights
   * that do not fit. Runs on all threads.
   */
  EncodedLinear(const Parameters& parameters, const LinearDescription& description);

  int level() const { return level_; }
  double outputScale() const { return outputScale_; }
  /** Ring dimension of the sparse polynomials: twice the period. */
  std::size_t sparseDimension() const { return 2 * period_; }
  const std::vector<long>& babySteps() const { return babySteps_; }
  const std::vector<long>& giantSteps() const { return giantSteps_; }
  const std::vector<int>& giantParents() const { return giantParents_; }
  const std::vector<long>& folds() const { return folds_; }
  bool conjugate() const { return conjugate_; }
  /** Whether the real part is taken at the end, and the rotation of the packed copies. */
  bool takesRealPart() const { return takesRealPart_; }
  long imaginaryShift() const { return imaginaryShift_; }
  const std::vector<EncodedTerm>& terms() const { return terms_; }
  /** At outputScale. */
  const SparseCoefficients& bias() const { return bias_; }
  std::size_t bytes() const;

 private:
  int level_;
  double outputScale_;
  std::size_t period_;
  std::vector<long> babySteps_;
  std::vector<long> giantSteps_;
  std::vector<int> giantParents_;
  std::vector<long> folds_;
  bool conjugate_;
  bool takesRealPart_;
  long imaginaryShift_;
  std::vector<EncodedTerm> terms_;
  SparseCoefficients bias_;
};

}  // namespace ckks
