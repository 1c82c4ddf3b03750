// Making keys and their files. Every file begins with its kind, the primes of its ring and the key tag of its key set,
// so that no file serves under other parameters or beside another set's keys. Evaluation keys live in OpenFHE's
// process-wide maps, under the key tag.
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

// Make keys, write them and forget them.
void WriteRelinearizationKey(const Context& context, const SecretKey& secret, const std::string& path);
void WriteAutomorphismKeys(const Context& context, const SecretKey& secret, const std::vector<uint32_t>& automorphisms,
                           const std::string& path);

// Throw CodedError: ERR_KEY_CORRUPT, ERR_KEY_MISMATCH, ERR_FILE.
void LoadRelinearizationKey(const Context& context, const std::string& path, const std::string& key_tag);
void LoadAutomorphismKeys(const Context& context, const std::string& path, const std::string& key_tag);

// Forgets the tag's automorphism keys that are not in `kept`.
void KeepAutomorphismKeys(const std::string& key_tag, const std::vector<uint32_t>& kept);
// Forgets all keys of the tag.
void ForgetKeys(const std::string& key_tag);

}  // namespace openfhe_addon
