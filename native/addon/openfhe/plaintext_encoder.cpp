#include "plaintext_encoder.h"

#include <complex>

#include "math/dftransform.h"

namespace openfhe_addon {

PlaintextEncoder::PlaintextEncoder(const Context& context) : ringDimension_(context.ringDimension()) {
  for (const auto& prime : context.parameters().GetParamsQP()->GetParams()) {
    moduli_.emplace_back(prime->GetModulus().ConvertToInt<uint64_t>());
    roots_.push_back(prime->GetRootOfUnity().ConvertToInt<uint64_t>());
  }
}

void PlaintextEncoder::prepare(uint32_t period) {
  auto& transforms = transforms_[period];
  if (!transforms.empty()) return;
  for (size_t i = 0; i < moduli_.size(); ++i) {
    const Modulus& modulus = moduli_[i];
    const uint64_t root = modulus.power(modulus.toMontgomery(roots_[i]), ringDimension_ / (2 * period));
    transforms.emplace_back(modulus, modulus.multiply(1, root), 2 * period);
  }
}

EncodedPlaintext PlaintextEncoder::encode(const double* values, uint32_t period, int64_t shift, double scale,
                                          const std::vector<size_t>& primes) const {
  std::vector<std::complex<double>> slots(period);
  const uint32_t mask = period - 1;
  for (uint32_t i = 0; i < period; ++i) slots[i] = values[static_cast<uint32_t>(i + shift) & mask];
  lbcrypto::DiscreteFourierTransform::FFTSpecialInv(slots, 2 * ringDimension_);

  EncodedPlaintext result{period, ringDimension_ / (2 * period), {}};
  result.values.resize(primes.size() * 2 * period);
  const auto& transforms = transforms_.at(period);
  for (size_t p = 0; p < primes.size(); ++p) {
    const Modulus& modulus = moduli_[primes[p]];
    uint64_t* const out = result.values.data() + p * 2 * period;
    for (uint32_t i = 0; i < period; ++i) {
      out[i] = modulus.fromReal(slots[i].real() * scale);
      out[period + i] = modulus.fromReal(slots[i].imag() * scale);
    }
    transforms[primes[p]].forward(out);
  }
  return result;
}

}  // namespace openfhe_addon
