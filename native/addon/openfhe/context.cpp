#include "context.h"

#include <cmath>

#include "errors.h"

namespace openfhe_addon {
namespace {

using addon_support::CodedError;

lbcrypto::SecretKeyDist SecretOf(const std::string& name) {
  if (name == "UNIFORM_TERNARY") return lbcrypto::UNIFORM_TERNARY;
  if (name == "SPARSE_TERNARY") return lbcrypto::SPARSE_TERNARY;
  throw CodedError("ERR_PROFILE", "unknown secret distribution " + name);
}

lbcrypto::SecurityLevel SecurityOf(const std::string& name) {
  if (name == "HEStd_128_classic") return lbcrypto::HEStd_128_classic;
  if (name == "HEStd_NotSet") return lbcrypto::HEStd_NotSet;
  throw CodedError("ERR_PROFILE", "unknown security level " + name);
}

lbcrypto::ScalingTechnique TechniqueOf(const std::string& name) {
  if (name == "FLEXIBLEAUTO") return lbcrypto::FLEXIBLEAUTO;
  if (name == "FIXEDAUTO") return lbcrypto::FIXEDAUTO;
  throw CodedError("ERR_PROFILE", "unknown scaling technique " + name);
}

std::shared_ptr<PolyParams> Subset(const PolyParams& all, uint32_t cyclotomic_order, size_t first_count, size_t from) {
  std::vector<lbcrypto::NativeInteger> moduli;
  std::vector<lbcrypto::NativeInteger> roots;
  const auto& params = all.GetParams();
  for (size_t i = 0; i < params.size(); ++i) {
    if (i >= first_count && i < from) continue;
    moduli.push_back(params[i]->GetModulus());
    roots.push_back(params[i]->GetRootOfUnity());
  }
  return std::make_shared<PolyParams>(cyclotomic_order, moduli, roots);
}

}  // namespace

Context::Context(const ContextParameters& parameters)
    : slots_(parameters.slots),
      levels_(parameters.levels),
      depth_(parameters.levels),
      bootstrap_level_budget_(parameters.bootstrap_level_budget) {
  lbcrypto::CCParams<lbcrypto::CryptoContextCKKSRNS> params;
  const auto secret = SecretOf(parameters.secret);
  if (!bootstrap_level_budget_.empty()) {
    // OpenFHE replaces the layered transforms by one dense one there, whose keys would not fit the memory.
    if (bootstrap_level_budget_ == std::vector<uint32_t>{1, 1}) {
      throw CodedError("ERR_PROFILE", "a bootstrap level budget of 1 and 1 is not supported");
    }
    depth_ += lbcrypto::FHECKKSRNS::GetBootstrapDepth(bootstrap_level_budget_, secret);
  }
  params.SetSecretKeyDist(secret);
  params.SetSecurityLevel(SecurityOf(parameters.security_level));
  params.SetRingDim(parameters.ring_dimension);
  params.SetBatchSize(parameters.slots);
  params.SetFirstModSize(parameters.first_modulus_bits);
  params.SetScalingModSize(parameters.scaling_modulus_bits);
  params.SetScalingTechnique(TechniqueOf(parameters.scaling_technique));
  params.SetKeySwitchTechnique(lbcrypto::HYBRID);
  params.SetNumLargeDigits(parameters.large_digits);
  params.SetMultiplicativeDepth(depth_);
  try {
    crypto_ = lbcrypto::GenCryptoContext(params);
  } catch (const std::exception& error) {
    throw CodedError("ERR_PROFILE", "OpenFHE refuses the profile's parameters", error.what());
  }
  crypto_->Enable(lbcrypto::PKE);
  crypto_->Enable(lbcrypto::KEYSWITCH);
  crypto_->Enable(lbcrypto::LEVELEDSHE);
  crypto_->Enable(lbcrypto::ADVANCEDSHE);
  crypto_->Enable(lbcrypto::FHE);
  crypto_parameters_ = std::dynamic_pointer_cast<lbcrypto::CryptoParametersCKKSRNS>(crypto_->GetCryptoParameters());
}

std::shared_ptr<PolyParams> Context::ParamsQ(uint32_t level) const {
  const auto& all = *crypto_parameters_->GetElementParams();
  return Subset(all, crypto_->GetCyclotomicOrder(), level + 1, all.GetParams().size());
}

std::shared_ptr<PolyParams> Context::ParamsQP(uint32_t level) const {
  return Subset(*crypto_parameters_->GetParamsQP(), crypto_->GetCyclotomicOrder(), level + 1, depth_ + 1);
}

std::vector<size_t> Context::KeyPrimes(uint32_t level) const {
  std::vector<size_t> result;
  const size_t count = crypto_parameters_->GetParamsQP()->GetParams().size();
  for (size_t i = 0; i < count; ++i) {
    if (i <= level || i > depth_) result.push_back(i);
  }
  return result;
}

size_t Context::KeyDigits(uint32_t level) const {
  const size_t per_digit = crypto_parameters_->GetNumPerPartQ();
  return (level + per_digit) / per_digit;
}

double Context::LogQP() const {
  double bits = 0;
  for (const auto& prime : crypto_parameters_->GetParamsQP()->GetParams()) {
    bits += std::log2(prime->GetModulus().ConvertToDouble());
  }
  return bits;
}

size_t Context::EvaluationKeyBytes() const {
  const size_t primes = crypto_parameters_->GetParamsQP()->GetParams().size();
  return size_t{2} * crypto_parameters_->GetNumPartQ() * primes * ring_dimension() * sizeof(uint64_t);
}

}  // namespace openfhe_addon
