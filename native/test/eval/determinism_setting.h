#pragma once

#include <random>

#include "eval/linear_examples.h"
#include "support/party.h"

namespace ckks {

/// What the test that makes keys and ciphertexts and the program that computes on them agree on.
inline constexpr double kDeterminismScale = 0x1p24;
inline constexpr long kDeterminismStep = -3;

[[nodiscard]] inline ParameterLiteral determinismLiteral() { return testLiteral(1024, 4, 3); }

/// Two terms: the square of the first ciphertext, and the second ciphertext (of the square's scale).
[[nodiscard]] inline LinearDescription determinismStep() {
  std::mt19937_64 generator(2);
  constexpr double kSquareScale = kDeterminismScale * kDeterminismScale;
  LinearDescription description =
      LinearExample{3, kDeterminismScale, 64, {-1, 0, 1, 2}, {16, 8, -8, 0}, {kSquareScale, kSquareScale}}.describe(
          generator);
  description.folds = {128};
  description.conjugate = true;
  return description;
}

/// The same of one term, packed with its rotated copy.
[[nodiscard]] inline LinearDescription determinismPackedStep() {
  std::mt19937_64 generator(4);
  LinearDescription description =
      LinearExample{2, kDeterminismScale, 64, {0, 1}, {8, 0}, {kDeterminismScale * kDeterminismScale}}.describe(
          generator);
  description.imaginaryShift = 32;
  description.terms[0].shiftedDiagonals = description.terms[0].diagonals;
  return description;
}

}  // namespace ckks
