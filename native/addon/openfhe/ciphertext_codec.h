// Payload of a ciphertext file: ring, slots and key tag, level and scale, then the residues of both components. Always
// written rescaled.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "context.h"

namespace openfhe_addon {

// `keyTag`: of the key set's files; in memory a ciphertext has the tag of whoever holds it.
std::vector<uint8_t> writeCiphertext(const Context& context, const Ciphertext& ciphertext, const std::string& keyTag);
// The payload must be of the key set `keyTag`; the ciphertext gets `holder` for its tag. Throws CodedError:
// ERR_CIPHERTEXT for altered content, ERR_KEY_MISMATCH for another ring, other slots or another key.
Ciphertext readCiphertext(const Context& context, const std::vector<uint8_t>& payload, const std::string& keyTag,
                          const std::string& holder);

}  // namespace openfhe_addon
