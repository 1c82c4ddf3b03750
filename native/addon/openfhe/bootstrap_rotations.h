// The automorphism keys that OpenFHE's bootstrapping uses. Its own list is private and comes only with all keys at
// once, which at full size do not fit the memory; this computes the same list from the public collapsed-FFT parameters
// (FHECKKSRNS::FindBootstrapRotationIndices in OpenFHE 1.4; a test compares both).
#pragma once

#include <cstdint>
#include <vector>

#include "context.h"

namespace openfhe_addon {

// Automorphism indices (5^rotation mod 2N, and 2N - 1 for the conjugation), ascending.
std::vector<uint32_t> BootstrapAutomorphisms(const Context& context);
// The list of OpenFHE itself, from keys that it makes and this drops again; for tests, at small rings.
std::vector<uint32_t> LibraryBootstrapAutomorphisms(const Context& context);

}  // namespace openfhe_addon
