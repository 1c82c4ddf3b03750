#pragma once

#include <memory>

#include "ckks/ring/limb_matrix.h"

namespace ckks {

/**
 * c0 + c1 s = scale * message + noise modulo q_0 ... q_level; evaluation form, level + 1 limbs each.
 * `conjugate`, where present, encrypts the complex conjugate at the same level and scale.
 */
struct Ciphertext {
  LimbMatrix c0;
  LimbMatrix c1;
  int level = 0;
  double scale = 1;
  std::unique_ptr<const Ciphertext> conjugate;

  std::size_t bytes() const { return c0.bytes() + c1.bytes() + (conjugate ? conjugate->bytes() : 0); }
};

}  // namespace ckks
