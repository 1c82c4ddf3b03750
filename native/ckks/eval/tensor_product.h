#pragma once

#include <cstddef>

#include "ckks/ring/modulus.h"
#include "ckks/scheme/ciphertext.h"
#include "ckks/scheme/parameters.h"

namespace ckks {

/**
 * A product of two ciphertexts, of degree 2 in the secret, evaluation form. Its limbs are made where relinearisation
 * uses them, in that processor's cache, so that none of its three polynomials is ever whole. For several threads.
 */
class TensorProduct {
 public:
  virtual ~TensorProduct() = default;
  /** Writes a limb of the part of degree 2. */
  virtual void degree2(Word* out, std::size_t limb) const = 0;
  /** Adds elements [begin, end) of a limb of the parts of degree 0 and 1 to the whole limbs given. */
  virtual void addLowerDegrees(Word* limb0, Word* limb1, std::size_t limb, std::size_t begin,
                               std::size_t end) const = 0;
};

/** left times right; the one at the higher level is used at the other's. Refers to both. */
class CiphertextProduct : public TensorProduct {
 public:
  CiphertextProduct(const Parameters& parameters, const Ciphertext& left, const Ciphertext& right)
      : parameters_(parameters), left_(left), right_(right) {}
  void degree2(Word* out, std::size_t limb) const override;
  void addLowerDegrees(Word* limb0, Word* limb1, std::size_t limb, std::size_t begin, std::size_t end) const override;

 private:
  const Parameters& parameters_;
  const Ciphertext& left_;
  const Ciphertext& right_;
};

/**
 * Four times the square of a ciphertext's real and imaginary parts, each by itself: with z = a + ib, u = z + conj(z) =
 * 2a and v = z - conj(z) = 2ib it is u^2 - i v^2 = 4 (a^2 + i b^2). Refers to both ciphertexts.
 */
class ComponentwiseSquare : public TensorProduct {
 public:
  ComponentwiseSquare(const Parameters& parameters, const Ciphertext& input, const Ciphertext& conjugate)
      : parameters_(parameters), input_(input), conjugate_(conjugate) {}
  void degree2(Word* out, std::size_t limb) const override;
  void addLowerDegrees(Word* limb0, Word* limb1, std::size_t limb, std::size_t begin, std::size_t end) const override;

 private:
  struct Parts;

  const Parameters& parameters_;
  const Ciphertext& input_;
  const Ciphertext& conjugate_;
};

}  // namespace ckks
