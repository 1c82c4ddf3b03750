// The automorphism keys that OpenFHE's bootstrapping uses. Its own list is private and comes only with all keys at
// once, which at full size do not fit the memory; this computes the same list from the public collapsed-FFT parameters
// (FHECKKSRNS::FindBootstrapRotationIndices in OpenFHE 1.4; a test compares both).
#pragma once

#include <cstdint>
#include <vector>

#include "context.h"

namespace openfhe_addon {

struct BootstrapAutomorphism {
  uint32_t index;  // 5^rotation mod 2N; 2N - 1 for the conjugation
  uint32_t level;  // the highest at which bootstrapping uses it
};

// Ascending by index.
std::vector<BootstrapAutomorphism> bootstrapAutomorphisms(const Context& context);
// The list of OpenFHE itself, from keys that it makes and this drops again; for tests, at small rings.
std::vector<uint32_t> libraryBootstrapAutomorphisms(const Context& context);

}  // namespace openfhe_addon
