// One OpenFHE CKKS context made from a profile's parameters. It is never read from a file: the same parameters give the
// same primes, so both sides make it anew.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "openfhe.h"

namespace openfhe_addon {

using Poly = lbcrypto::DCRTPoly;
using Ciphertext = lbcrypto::Ciphertext<Poly>;
using PolyParams = lbcrypto::DCRTPoly::Params;

struct ContextParameters {
  uint32_t ringDimension;
  uint32_t slots;
  uint32_t firstModulusBits;
  uint32_t scalingModulusBits;
  uint32_t largeDigits;
  std::string securityLevel;                   // HEStd_128_classic or HEStd_NotSet
  std::string secret;                          // UNIFORM_TERNARY or SPARSE_TERNARY
  std::string scalingTechnique;                // FLEXIBLEAUTO or FIXEDAUTO
  uint32_t levels;                             // left after a bootstrap, or in all without one
  std::vector<uint32_t> bootstrapLevelBudget;  // empty: no bootstrap; else levels of CoeffsToSlots and SlotsToCoeffs
};

class Context {
 public:
  // Throws CodedError ERR_PROFILE where OpenFHE refuses the parameters.
  explicit Context(const ContextParameters& parameters);

  const lbcrypto::CryptoContext<Poly>& crypto() const { return crypto_; }
  const lbcrypto::CryptoParametersCKKSRNS& parameters() const { return *cryptoParameters_; }
  uint32_t ringDimension() const { return crypto_->GetRingDimension(); }
  uint32_t slots() const { return slots_; }
  // Rescalings that a ciphertext in the whole modulus allows: one less than its primes.
  uint32_t depth() const { return depth_; }
  // Left after a bootstrap; without bootstraps the depth.
  uint32_t levels() const { return levels_; }
  const std::vector<uint32_t>& bootstrapLevelBudget() const { return bootstrapLevelBudget_; }

  // Primes of Q in a ciphertext that allows `level` rescalings and waits for none.
  std::shared_ptr<PolyParams> paramsQ(uint32_t level) const;
  // The same primes followed by the special primes P.
  std::shared_ptr<PolyParams> paramsQP(uint32_t level) const;
  // OpenFHE's scale of a ciphertext that allows `level` rescalings and waits for none.
  double scale(uint32_t level) const { return cryptoParameters_->GetScalingFactorReal(depth_ - level); }
  // Indices, in Q followed by P, of the primes that a key switch at `level` uses, and how many digits it has there.
  std::vector<size_t> keyPrimes(uint32_t level) const;
  size_t keyDigits(uint32_t level) const;
  double logQP() const;
  // Of an evaluation key in memory, for key switches up to `level`.
  size_t keyBytes(uint32_t level) const;

 private:
  lbcrypto::CryptoContext<Poly> crypto_;
  std::shared_ptr<lbcrypto::CryptoParametersCKKSRNS> cryptoParameters_;
  uint32_t slots_;
  uint32_t levels_;
  uint32_t depth_;
  std::vector<uint32_t> bootstrapLevelBudget_;
};

}  // namespace openfhe_addon
