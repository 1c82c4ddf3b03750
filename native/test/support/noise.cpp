#include "support/noise.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "ckks/scheme/sampler.h"

namespace ckks {
namespace {

std::size_t wrap(std::size_t slot, long offset, std::size_t slots) {
  const long length = static_cast<long>(slots);
  return static_cast<std::size_t>(((static_cast<long>(slot) + offset) % length + length) % length);
}

/// Adds one term's products. A term with shifted diagonals has as input z = x + i rotate(x, shift) and weights u - i w.
void addTerm(PlainCiphertext& result, const Parameters& parameters, const LinearDescription& description,
             const LinearTermDescription& term, const PlainCiphertext& input, double weightScale) {
  const NoiseModel model(parameters);
  const std::size_t slots = parameters.slots();
  const std::size_t period = description.period;
  const double weightVariance = 2 * static_cast<double>(period) / 12 / (weightScale * weightScale);
  const double squaredScale = term.inputScale * term.inputScale;
  const bool packed = !term.shiftedDiagonals.empty();
  for (std::size_t k = 0; k < term.offsets.size(); ++k) {
    const bool rotated = description.babySteps[term.babyIndices[k]] % static_cast<long>(slots) != 0;
    for (std::size_t i = 0; i < slots; ++i) {
      const double weight = term.diagonals[k * period + i % period];
      const std::size_t source = wrap(i, term.offsets[k], slots);
      double squaredWeight = weight * weight;
      double squaredValue = std::norm(input.values[source]);
      double variance = input.variances[source] + (rotated ? model.keyProduct(description.level) / squaredScale : 0);
      result.values[i] += weight * input.values[source];
      if (packed) {
        const double shiftedWeight = term.shiftedDiagonals[k * period + i % period];
        const std::size_t shifted = wrap(source, description.imaginaryShift, slots);
        squaredWeight += shiftedWeight * shiftedWeight;
        squaredValue += std::norm(input.values[shifted]);
        variance += input.variances[shifted] + model.keySwitch(description.level) / squaredScale;
        result.values[i] += shiftedWeight * input.values[shifted];
      }
      result.variances[i] += squaredWeight * variance + weightVariance * squaredValue;
    }
  }
}

}  // namespace

ComplexSlots complexOf(const SlotVector& slots) {
  ComplexSlots values(slots.real.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = {slots.real[i], slots.imaginary.empty() ? 0.0 : slots.imaginary[i]};
  }
  return values;
}

double rootMeanSquareError(const SlotVector& measured, const ComplexSlots& expected) {
  const ComplexSlots values = complexOf(measured);
  double sum = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) sum += std::norm(values.at(i) - expected[i]);
  return std::sqrt(sum / static_cast<double>(expected.size()));
}

double NoiseModel::fresh() const { return dimension() * kErrorDeviation * kErrorDeviation + encoding(); }

double NoiseModel::freshPublic() const {
  const double products = 2 * dimension() * 2 / 3;
  return dimension() * kErrorDeviation * kErrorDeviation * (1 + products) + encoding();
}

double NoiseModel::encoding() const { return dimension() / 12; }

double NoiseModel::rounding() const { return dimension() * (1 + dimension() * 2 / 3) / 12; }

double NoiseModel::keyProduct(int level) const {
  const auto log2Of = [&](std::size_t limb) {
    return std::log2(static_cast<double>(parameters_->modulus(limb).value));
  };
  double logSpecials = 0;
  for (std::size_t k = 0; k < parameters_->specialCount(level); ++k) logSpecials += log2Of(parameters_->specialLimb(k));
  double variance = 0;
  for (std::size_t digit = 0; digit < parameters_->digitCount(level); ++digit) {
    const auto [begin, end] = parameters_->digitLimbs(digit, level);
    double logDigit = 0;
    for (std::size_t limb = begin; limb < end; ++limb) logDigit += log2Of(limb);
    variance += dimension() * kErrorDeviation * kErrorDeviation / 12 * std::exp2(2 * (logDigit - logSpecials));
  }
  return dimension() * variance;
}

double PlainCiphertext::predictedError() const {
  return std::sqrt(std::accumulate(variances.begin(), variances.end(), 0.0) / static_cast<double>(variances.size()));
}

PlainCiphertext plainEncryption(const NoiseModel& model, const SlotVector& slots, double scale) {
  return {complexOf(slots), std::vector<double>(slots.real.size(), model.fresh() / (scale * scale)), scale};
}

PlainCiphertext plainSquare(const NoiseModel& model, const PlainCiphertext& input, int level) {
  PlainCiphertext square{input.values, input.variances, input.scale * input.scale};
  for (std::size_t i = 0; i < input.values.size(); ++i) {
    square.values[i] = input.values[i] * input.values[i];
    square.variances[i] =
        4 * std::norm(input.values[i]) * input.variances[i] + model.keySwitch(level) / (square.scale * square.scale);
  }
  return square;
}

PlainCiphertext plainLinear(const Parameters& parameters, const LinearDescription& description,
                            const std::vector<PlainCiphertext>& inputs) {
  const NoiseModel model(parameters);
  const std::size_t slots = parameters.slots();
  const bool takesRealPart =
      std::any_of(description.terms.begin(), description.terms.end(),
                  [](const LinearTermDescription& term) { return !term.shiftedDiagonals.empty(); });
  const double divisor = static_cast<double>(parameters.modulus(static_cast<std::size_t>(description.level)).value);
  PlainCiphertext result{ComplexSlots(slots), std::vector<double>(slots), description.outputScale};
  for (std::size_t t = 0; t < inputs.size(); ++t) {
    const double weightScale =
        description.outputScale * divisor / description.terms[t].inputScale / (takesRealPart ? 2 : 1);
    addTerm(result, parameters, description, description.terms[t], inputs[t], weightScale);
  }
  // Taking the real part leaves half the variance.
  if (takesRealPart) {
    for (double& variance : result.variances) variance /= 2;
  }
  for (const long fold : description.folds) {
    const PlainCiphertext unfolded = result;
    for (std::size_t i = 0; i < slots; ++i) {
      result.values[i] += unfolded.values[wrap(i, fold, slots)];
      result.variances[i] += unfolded.variances[wrap(i, fold, slots)];
    }
  }
  const double productScale = description.outputScale * divisor;
  const double hops = static_cast<double>(description.giantSteps.size() - 1 + description.folds.size());
  const double added = hops * model.keySwitch(description.level) / (productScale * productScale) +
                       (model.rounding() + model.encoding()) / (description.outputScale * description.outputScale);
  for (std::size_t i = 0; i < slots; ++i) {
    const double bias = description.bias[i % description.period];
    result.values[i] += std::complex<double>(bias, description.conjugate ? bias : 0);
    result.variances[i] += added;
  }
  return result;
}

}  // namespace ckks
