// Making keys and their files. Every file begins with its kind, the primes of its ring and the key tag of its key set,
// so that no file serves under other parameters or beside another set's keys. Evaluation keys live in OpenFHE's
// process-wide maps, under the name of their holder, so that several evaluators may hold the same set.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "context.h"

namespace openfhe_addon {

using SecretKey = lbcrypto::PrivateKey<Poly>;

SecretKey GenerateSecretKey(const Context& context);
// The file must exist, so that its permissions are the caller's.
void WriteSecretKey(const Context& context, const SecretKey& key, const std::string& path);
SecretKey ReadSecretKey(const Context& context, const std::string& path);

// Make keys, write them and forget them. Automorphism keys are written for use up to `level` only: a key switch at
// level l reads the first l + 1 primes, the special ones, and the digits that these primes make.
void WriteRelinearizationKey(const Context& context, const SecretKey& secret, const std::string& path);
void WriteAutomorphismKeys(const Context& context, const SecretKey& secret, const std::vector<uint32_t>& automorphisms,
                           uint32_t level, const std::string& path);

// The file must be of the key set `key_tag`. Throw CodedError: ERR_KEY_MISSING, ERR_KEY_CORRUPT, ERR_KEY_MISMATCH.
void LoadRelinearizationKey(const Context& context, const std::string& path, const std::string& key_tag,
                            const std::string& holder);
void LoadAutomorphismKeys(const Context& context, const std::string& path, const std::string& key_tag,
                          const std::string& holder, uint32_t level);

// Forgets the holder's automorphism keys that are not in `kept`.
void KeepAutomorphismKeys(const std::string& holder, const std::vector<uint32_t>& kept);
void ForgetKeys(const std::string& holder);

}  // namespace openfhe_addon
