#include "evaluation.h"

#include <cmath>

#include "errors.h"
#include "scheme/ckksrns/ckksrns-utils.h"

namespace openfhe_addon {
namespace {

uint32_t PrimeCount(const Ciphertext& ciphertext) {
  return static_cast<uint32_t>(ciphertext->GetElements()[0].GetNumOfElements());
}

void RescaleInPlace(const Context& context, Ciphertext& ciphertext) {
  context.crypto()->GetScheme()->ModReduceInternalInPlace(ciphertext, 1);
}

// Multiplies the residues by round(factor): the values grow by it, the stated scale does not.
void MultiplyByInteger(Ciphertext& ciphertext, double factor) {
  for (Poly& poly : ciphertext->GetElements()) {
    std::vector<lbcrypto::NativeInteger> residues;
    for (const auto& prime : poly.GetParams()->GetParams()) {
      const auto modulus = prime->GetModulus().ConvertToInt<uint64_t>();
      residues.emplace_back(static_cast<uint64_t>(std::llround(factor)) % modulus);
    }
    poly = poly.Times(residues);
  }
}

}  // namespace

uint32_t Level(const Ciphertext& ciphertext) {
  return PrimeCount(ciphertext) - static_cast<uint32_t>(ciphertext->GetNoiseScaleDeg());
}

double Scale(const Context& context, const Ciphertext& ciphertext) {
  if (ciphertext->GetNoiseScaleDeg() == 1) return ciphertext->GetScalingFactor();
  return ciphertext->GetScalingFactor() / context.parameters().GetModReduceFactor(PrimeCount(ciphertext) - 1);
}

size_t Bytes(const Ciphertext& ciphertext) {
  const Poly& poly = ciphertext->GetElements()[0];
  return ciphertext->GetElements().size() * poly.GetNumOfElements() * poly.GetRingDimension() * sizeof(uint64_t);
}

Ciphertext Rescaled(const Context& context, const Ciphertext& ciphertext) {
  Ciphertext result = ciphertext->Clone();
  if (result->GetNoiseScaleDeg() == 2) RescaleInPlace(context, result);
  return result;
}

Ciphertext DropPrimes(const Context& context, const Ciphertext& ciphertext, uint32_t level) {
  Ciphertext result = Rescaled(context, ciphertext);
  const uint32_t excess = Level(result) - level;
  if (excess > 0) {
    for (Poly& poly : result->GetElements()) poly.DropLastElements(excess);
    result->SetLevel(result->GetLevel() + excess);
  }
  return result;
}

Ciphertext DropToLevel(const Context& context, const Ciphertext& ciphertext, uint32_t level) {
  if (Level(ciphertext) == level) return Rescaled(context, ciphertext);
  // One prime more than needed is kept and rescaled away after a product that mends the scale.
  Ciphertext result = DropPrimes(context, ciphertext, level + 1);
  const double dropped = context.parameters().GetModReduceFactor(level + 1);
  const double target = context.Scale(level);
  MultiplyByInteger(result, target * dropped / result->GetScalingFactor());
  result->SetNoiseScaleDeg(2);
  RescaleInPlace(context, result);
  result->SetScalingFactor(target);
  return result;
}

Ciphertext Add(const Context& context, const Ciphertext& left, const Ciphertext& right) {
  const uint32_t level = std::min(Level(left), Level(right));
  if (Level(left) == Level(right) && left->GetNoiseScaleDeg() == right->GetNoiseScaleDeg()) {
    return context.crypto()->EvalAdd(left, right);
  }
  return context.crypto()->EvalAdd(DropToLevel(context, left, level), DropToLevel(context, right, level));
}

Ciphertext Square(const Context& context, const Ciphertext& ciphertext) {
  return context.crypto()->EvalSquare(Rescaled(context, ciphertext));
}

Ciphertext Rotate(const Context& context, const Ciphertext& ciphertext, int32_t step) {
  return step == 0 ? ciphertext->Clone() : context.crypto()->EvalRotate(ciphertext, step);
}

Ciphertext Polynomial(const Context& context, const Ciphertext& ciphertext, const std::vector<double>& coefficients,
                      double bound) {
  std::vector<double> doubled = coefficients;
  doubled[0] *= 2;  // OpenFHE's series begins with half its first coefficient
  return context.crypto()->EvalChebyshevSeries(Rescaled(context, ciphertext), doubled, -bound, bound);
}

uint32_t PolynomialDepth(uint32_t degree) { return lbcrypto::GetDepthByDegree(degree); }

void PrepareBootstrap(const Context& context) {
  context.crypto()->EvalBootstrapSetup(context.bootstrap_level_budget(), {0, 0}, context.slots());
}

void DropBootstrap(const Context& context) {
  // Setting up without precomputation replaces what was computed before.
  context.crypto()->EvalBootstrapSetup(context.bootstrap_level_budget(), {0, 0}, context.slots(), 0, false);
}

Ciphertext Bootstrap(const Context& context, const Ciphertext& ciphertext, double bound) {
  if (bound <= 1) return context.crypto()->EvalBootstrap(Rescaled(context, ciphertext));
  // OpenFHE's approximation holds for values in [-1, 1]. Scaling up again is a product with an integer: no level.
  const double factor = std::ceil(bound);
  Ciphertext result =
      context.crypto()->EvalBootstrap(context.crypto()->EvalMult(Rescaled(context, ciphertext), 1 / factor));
  MultiplyByInteger(result, factor);
  return result;
}

const std::map<uint32_t, lbcrypto::EvalKey<Poly>>* RotationKeys(const std::string& holder) {
  static const std::map<uint32_t, lbcrypto::EvalKey<Poly>> kNone;
  const auto& all = lbcrypto::CryptoContextImpl<Poly>::GetAllEvalAutomorphismKeys();
  const auto found = all.find(holder);
  return found == all.end() ? &kNone : found->second.get();
}

}  // namespace openfhe_addon
