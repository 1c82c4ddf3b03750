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
  uint32_t ring_dimension;
  uint32_t slots;
  uint32_t first_modulus_bits;
  uint32_t scaling_modulus_bits;
  uint32_t large_digits;
  std::string security_level;                    // HEStd_128_classic or HEStd_NotSet
  std::string secret;                            // UNIFORM_TERNARY or SPARSE_TERNARY
  std::string scaling_technique;                 // FLEXIBLEAUTO or FIXEDAUTO
  uint32_t levels;                               // left after a bootstrap, or in all without one
  std::vector<uint32_t> bootstrap_level_budget;  // empty: no bootstrap; else levels of CoeffsToSlots and SlotsToCoeffs
};

class Context {
 public:
  // Throws CodedError ERR_PROFILE where OpenFHE refuses the parameters.
  explicit Context(const ContextParameters& parameters);

  const lbcrypto::CryptoContext<Poly>& crypto() const { return crypto_; }
  const lbcrypto::CryptoParametersCKKSRNS& parameters() const { return *crypto_parameters_; }
  uint32_t ring_dimension() const { return crypto_->GetRingDimension(); }
  uint32_t slots() const { return slots_; }
  // Rescalings that a ciphertext in the whole modulus allows: one less than its primes.
  uint32_t depth() const { return depth_; }
  // Left after a bootstrap; without bootstraps the depth.
  uint32_t levels() const { return levels_; }
  const std::vector<uint32_t>& bootstrap_level_budget() const { return bootstrap_level_budget_; }

  // Primes of Q in a ciphertext that allows `level` rescalings and waits for none.
  std::shared_ptr<PolyParams> ParamsQ(uint32_t level) const;
  // The same primes followed by the special primes P.
  std::shared_ptr<PolyParams> ParamsQP(uint32_t level) const;
  // OpenFHE's scale of a ciphertext that allows `level` rescalings and waits for none.
  double Scale(uint32_t level) const { return crypto_parameters_->GetScalingFactorReal(depth_ - level); }
  // Indices, in Q followed by P, of the primes that a key switch at `level` uses, and how many digits it has there.
  std::vector<size_t> KeyPrimes(uint32_t level) const;
  size_t KeyDigits(uint32_t level) const;
  double LogQP() const;
  size_t EvaluationKeyBytes() const;

 private:
  lbcrypto::CryptoContext<Poly> crypto_;
  std::shared_ptr<lbcrypto::CryptoParametersCKKSRNS> crypto_parameters_;
  uint32_t slots_;
  uint32_t levels_;
  uint32_t depth_;
  std::vector<uint32_t> bootstrap_level_budget_;
};

}  // namespace openfhe_addon
