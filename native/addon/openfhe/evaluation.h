// Operations on ciphertexts. OpenFHE leaves a product's rescaling to the next product; `levelOf` counts it as done, so
// that it is the number of rescalings that a ciphertext still allows, as in the circuit. Callers have checked levels
// and keys: what OpenFHE throws inside an OpenMP region would end the process.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "context.h"

namespace openfhe_addon {

uint32_t levelOf(const Ciphertext& ciphertext);
// Scale once the waiting rescaling is done.
double scaleOf(const Context& context, const Ciphertext& ciphertext);
size_t bytesOf(const Ciphertext& ciphertext);

// Does the waiting rescaling, if there is one.
Ciphertext rescale(const Context& context, const Ciphertext& ciphertext);
// Rescaled, with the primes above `level` dropped: the scale stays what it is.
Ciphertext dropPrimes(const Context& context, const Ciphertext& ciphertext, uint32_t level);
// Rescaled, at `level` and at OpenFHE's scale of that level.
Ciphertext dropToLevel(const Context& context, const Ciphertext& ciphertext, uint32_t level);

Ciphertext add(const Context& context, const Ciphertext& left, const Ciphertext& right);
// Needs level >= 1; the result is one level lower.
Ciphertext square(const Context& context, const Ciphertext& ciphertext);
// output[i] = input[i + step]. The key must serve the ciphertext's primes: one more than its level where a rescaling
// waits.
Ciphertext rotate(const Context& context, const Ciphertext& ciphertext, int32_t step);
// sum of coefficients[k] T_k(x / bound); needs polynomialDepth(degree) levels.
Ciphertext polynomial(const Context& context, const Ciphertext& ciphertext, const std::vector<double>& coefficients,
                      double bound);
uint32_t polynomialDepth(uint32_t degree);

// Precomputations of bootstrapping, some gigabytes at full size; dropBootstrap frees them.
void prepareBootstrap(const Context& context);
void dropBootstrap(const Context& context);
// Values in [-bound, bound]. Needs prepareBootstrap and level >= 1, one more where bound > 1.
Ciphertext bootstrap(const Context& context, const Ciphertext& ciphertext, double bound);

// The automorphism keys that a holder has in memory; an empty map where there are none.
const std::map<uint32_t, lbcrypto::EvalKey<Poly>>* rotationKeys(const std::string& holder);

}  // namespace openfhe_addon
