#pragma once

#include <complex>
#include <cstddef>
#include <vector>

#include "ckks/client/client.h"
#include "ckks/eval/linear_encoding.h"
#include "ckks/scheme/parameters.h"

namespace ckks {

using ComplexSlots = std::vector<std::complex<double>>;

[[nodiscard]] ComplexSlots complexOf(const SlotVector& slots);

/// Root of the mean squared distance of two slot vectors of equal length.
[[nodiscard]] double rootMeanSquareError(const SlotVector& measured, const ComplexSlots& expected);

/// Predicted noise. All are variances E|e|^2 of the complex error in a slot *times the squared scale*; a polynomial
/// whose N coefficients err independently with variance v errs by N v in every slot.
class NoiseModel {
 public:
  explicit NoiseModel(const Parameters& parameters) : parameters_(&parameters) {}

  /// Error polynomial of an encryption, and the rounding of the encoding.
  [[nodiscard]] double fresh() const;
  /// An encryption with the public key: v e + e0 + e1 s, v and s ternary, and the rounding of the encoding.
  [[nodiscard]] double freshPublic() const;
  /// Rounding of an encoding alone.
  [[nodiscard]] double encoding() const;
  /// Rounding after a division: c0 and c1 err uniformly in [-1/2, 1/2], c1's error meets the ternary secret.
  [[nodiscard]] double rounding() const;
  /// What the digits and the key's errors leave after the division by the special primes, without the rounding:
  /// for each digit N (Q_d^2 / 12) sigma^2 / P^2 in every coefficient.
  [[nodiscard]] double keyProduct(int level) const;
  /// A whole key switch.
  [[nodiscard]] double keySwitch(int level) const { return keyProduct(level) + rounding(); }

 private:
  [[nodiscard]] double dimension() const { return static_cast<double>(parameters_->ringDimension()); }

  const Parameters* parameters_;
};

/// One ciphertext in the plain: its slots, and the predicted variance of each slot's error (not times the scale).
struct PlainCiphertext {
  ComplexSlots values;
  std::vector<double> variances;
  double scale = 1;

  /// Root of the mean variance: what rootMeanSquareError should find.
  [[nodiscard]] double predictedError() const;
};

[[nodiscard]] PlainCiphertext plainEncryption(const NoiseModel& model, const SlotVector& slots, double scale);

/// values^2; the error is 2 x e and that of the relinearisation.
[[nodiscard]] PlainCiphertext plainSquare(const NoiseModel& model, const PlainCiphertext& input, int level);

/// The linear step on plain slots, from its definition (offsets, not steps), with the noise of rotations, of the
/// weights' rounding, of the hops between giant steps, and of the last division.
[[nodiscard]] PlainCiphertext plainLinear(const Parameters& parameters, const LinearDescription& description,
                                          const std::vector<PlainCiphertext>& inputs);

}  // namespace ckks
