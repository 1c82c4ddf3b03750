#include "context.h"

#include <cmath>

#include "errors.h"

namespace openfhe_addon {
namespace {

using addon_support::CodedError;

lbcrypto::SecretKeyDist secretOf(const std::string& name) {
  if (name == "UNIFORM_TERNARY") return lbcrypto::UNIFORM_TERNARY;
  if (name == "SPARSE_TERNARY") return lbcrypto::SPARSE_TERNARY;
  throw CodedError("ERR_PROFILE", "unknown secret distribution " + name);
}

lbcrypto::SecurityLevel securityOf(const std::string& name) {
  if (name == "HEStd_128_classic") return lbcrypto::HEStd_128_classic;
  if (name == "HEStd_NotSet") return lbcrypto::HEStd_NotSet;
  throw CodedError("ERR_PROFILE", "unknown security level " + name);
}

lbcrypto::ScalingTechnique techniqueOf(const std::string& name) {
  if (name == "FLEXIBLEAUTO") return lbcrypto::FLEXIBLEAUTO;
  if (name == "FIXEDAUTO") return lbcrypto::FIXEDAUTO;
  throw CodedError("ERR_PROFILE", "unknown scaling technique " + name);
}

std::shared_ptr<PolyParams> subset(const PolyParams& all, uint32_t cyclotomicOrder, size_t firstCount, size_t from) {
  std::vector<lbcrypto::NativeInteger> moduli;
  std::vector<lbcrypto::NativeInteger> roots;
  const auto& params = all.GetParams();
  for (size_t i = 0; i < params.size(); ++i) {
    if (i >= firstCount && i < from) continue;
    moduli.push_back(params[i]->GetModulus());
    roots.push_back(params[i]->GetRootOfUnity());
  }
  return std::make_shared<PolyParams>(cyclotomicOrder, moduli, roots);
}

}  // namespace

Context::Context(const ContextParameters& parameters)
    : slots_(parameters.slots),
      levels_(parameters.levels),
      depth_(parameters.levels),
      bootstrapLevelBudget_(parameters.bootstrapLevelBudget) {
  lbcrypto::CCParams<lbcrypto::CryptoContextCKKSRNS> params;
  const auto secret = secretOf(parameters.secret);
  if (!bootstrapLevelBudget_.empty()) {
    // OpenFHE replaces the layered transforms by one dense one there, whose keys would not fit the memory.
    if (bootstrapLevelBudget_ == std::vector<uint32_t>{1, 1}) {
      throw CodedError("ERR_PROFILE", "a bootstrap level budget of 1 and 1 is not supported");
    }
    depth_ += lbcrypto::FHECKKSRNS::GetBootstrapDepth(bootstrapLevelBudget_, secret);
  }
  params.SetSecretKeyDist(secret);
  params.SetSecurityLevel(securityOf(parameters.securityLevel));
  params.SetRingDim(parameters.ringDimension);
  params.SetBatchSize(parameters.slots);
  params.SetFirstModSize(parameters.firstModulusBits);
  params.SetScalingModSize(parameters.scalingModulusBits);
  params.SetScalingTechnique(techniqueOf(parameters.scalingTechnique));
  params.SetKeySwitchTechnique(lbcrypto::HYBRID);
  params.SetNumLargeDigits(parameters.largeDigits);
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
  cryptoParameters_ = std::dynamic_pointer_cast<lbcrypto::CryptoParametersCKKSRNS>(crypto_->GetCryptoParameters());
}

std::shared_ptr<PolyParams> Context::paramsQ(uint32_t level) const {
  const auto& all = *cryptoParameters_->GetElementParams();
  return subset(all, crypto_->GetCyclotomicOrder(), level + 1, all.GetParams().size());
}

std::shared_ptr<PolyParams> Context::paramsQP(uint32_t level) const {
  return subset(*cryptoParameters_->GetParamsQP(), crypto_->GetCyclotomicOrder(), level + 1, depth_ + 1);
}

std::vector<size_t> Context::keyPrimes(uint32_t level) const {
  std::vector<size_t> result;
  const size_t count = cryptoParameters_->GetParamsQP()->GetParams().size();
  for (size_t i = 0; i < count; ++i) {
    if (i <= level || i > depth_) result.push_back(i);
  }
  return result;
}

size_t Context::keyDigits(uint32_t level) const {
  const size_t perDigit = cryptoParameters_->GetNumPerPartQ();
  return (level + perDigit) / perDigit;
}

double Context::logQP() const {
  double bits = 0;
  for (const auto& prime : cryptoParameters_->GetParamsQP()->GetParams()) {
    bits += std::log2(prime->GetModulus().ConvertToDouble());
  }
  return bits;
}

size_t Context::keyBytes(uint32_t level) const {
  return 2 * keyDigits(level) * keyPrimes(level).size() * ringDimension() * sizeof(uint64_t);
}

}  // namespace openfhe_addon
