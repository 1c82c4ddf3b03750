#include "evaluation.h"

#include <cmath>

#include "errors.h"
#include "scheme/ckksrns/ckksrns-utils.h"

namespace openfhe_addon {
namespace {

uint32_t primeCount(const Ciphertext& ciphertext) {
  return static_cast<uint32_t>(ciphertext->GetElements()[0].GetNumOfElements());
}

void rescaleInPlace(const Context& context, Ciphertext& ciphertext) {
  context.crypto()->GetScheme()->ModReduceInternalInPlace(ciphertext, 1);
}

// Multiplies the residues by round(factor): the values grow by it, the stated scale does not.
void multiplyByInteger(Ciphertext& ciphertext, double factor) {
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

uint32_t levelOf(const Ciphertext& ciphertext) {
  return primeCount(ciphertext) - static_cast<uint32_t>(ciphertext->GetNoiseScaleDeg());
}

double scaleOf(const Context& context, const Ciphertext& ciphertext) {
  if (ciphertext->GetNoiseScaleDeg() == 1) return ciphertext->GetScalingFactor();
  return ciphertext->GetScalingFactor() / context.parameters().GetModReduceFactor(primeCount(ciphertext) - 1);
}

size_t bytesOf(const Ciphertext& ciphertext) {
  const Poly& poly = ciphertext->GetElements()[0];
  return ciphertext->GetElements().size() * poly.GetNumOfElements() * poly.GetRingDimension() * sizeof(uint64_t);
}

Ciphertext rescale(const Context& context, const Ciphertext& ciphertext) {
  Ciphertext result = ciphertext->Clone();
  if (result->GetNoiseScaleDeg() == 2) rescaleInPlace(context, result);
  return result;
}

Ciphertext dropPrimes(const Context& context, const Ciphertext& ciphertext, uint32_t level) {
  Ciphertext result = rescale(context, ciphertext);
  const uint32_t excess = levelOf(result) - level;
  if (excess > 0) {
    for (Poly& poly : result->GetElements()) poly.DropLastElements(excess);
    result->SetLevel(result->GetLevel() + excess);
  }
  return result;
}

Ciphertext dropToLevel(const Context& context, const Ciphertext& ciphertext, uint32_t level) {
  if (levelOf(ciphertext) == level) return rescale(context, ciphertext);
  // One prime more than needed is kept and rescaled away after a product that mends the scale.
  Ciphertext result = dropPrimes(context, ciphertext, level + 1);
  const double dropped = context.parameters().GetModReduceFactor(level + 1);
  const double target = context.scale(level);
  multiplyByInteger(result, target * dropped / result->GetScalingFactor());
  result->SetNoiseScaleDeg(2);
  rescaleInPlace(context, result);
  result->SetScalingFactor(target);
  return result;
}

Ciphertext add(const Context& context, const Ciphertext& left, const Ciphertext& right) {
  const uint32_t level = std::min(levelOf(left), levelOf(right));
  if (levelOf(left) == levelOf(right) && left->GetNoiseScaleDeg() == right->GetNoiseScaleDeg()) {
    return context.crypto()->EvalAdd(left, right);
  }
  return context.crypto()->EvalAdd(dropToLevel(context, left, level), dropToLevel(context, right, level));
}

Ciphertext square(const Context& context, const Ciphertext& ciphertext) {
  return context.crypto()->EvalSquare(rescale(context, ciphertext));
}

Ciphertext rotate(const Context& context, const Ciphertext& ciphertext, int32_t step) {
  return step == 0 ? ciphertext->Clone() : context.crypto()->EvalRotate(ciphertext, step);
}

Ciphertext polynomial(const Context& context, const Ciphertext& ciphertext, const std::vector<double>& coefficients,
                      double bound) {
  std::vector<double> doubled = coefficients;
  doubled[0] *= 2;  // OpenFHE's series begins with half its first coefficient
  return context.crypto()->EvalChebyshevSeries(rescale(context, ciphertext), doubled, -bound, bound);
}

uint32_t polynomialDepth(uint32_t degree) { return lbcrypto::GetDepthByDegree(degree); }

void prepareBootstrap(const Context& context) {
  context.crypto()->EvalBootstrapSetup(context.bootstrapLevelBudget(), {0, 0}, context.slots());
}

void dropBootstrap(const Context& context) {
  // Setting up without precomputation replaces what was computed before.
  context.crypto()->EvalBootstrapSetup(context.bootstrapLevelBudget(), {0, 0}, context.slots(), 0, false);
}

Ciphertext bootstrap(const Context& context, const Ciphertext& ciphertext, double bound) {
  if (bound <= 1) return context.crypto()->EvalBootstrap(rescale(context, ciphertext));
  // OpenFHE's approximation holds for values in [-1, 1]. Scaling up again is a product with an integer: no level.
  const double factor = std::ceil(bound);
  Ciphertext result =
      context.crypto()->EvalBootstrap(context.crypto()->EvalMult(rescale(context, ciphertext), 1 / factor));
  multiplyByInteger(result, factor);
  return result;
}

const std::map<uint32_t, lbcrypto::EvalKey<Poly>>* rotationKeys(const std::string& holder) {
  static const std::map<uint32_t, lbcrypto::EvalKey<Poly>> kNone;
  const auto& all = lbcrypto::CryptoContextImpl<Poly>::GetAllEvalAutomorphismKeys();
  const auto found = all.find(holder);
  return found == all.end() ? &kNone : found->second.get();
}

}  // namespace openfhe_addon
