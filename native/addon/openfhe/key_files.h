// Making keys and their files. Every file begins with its kind, the primes of its ring and the key tag of its key set,
// so that no file serves under other parameters or beside another set's keys. Evaluation keys live in OpenFHE's
// process-wide maps, under the name of their holder, so that several evaluators may hold the same set.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "ckks/io/file.h"
#include "context.h"

namespace openfhe_addon {

using SecretKey = lbcrypto::PrivateKey<Poly>;
using PublicKey = lbcrypto::PublicKey<Poly>;
using KeyPair = lbcrypto::KeyPair<Poly>;
// By automorphism.
using AutomorphismKeys = std::shared_ptr<std::map<uint32_t, lbcrypto::EvalKey<Poly>>>;

KeyPair generateKeyPair(const Context& context);
// The file must not exist. Returns its SHA-256 in hexadecimal.
std::string writeSecretKey(const Context& context, const SecretKey& key, const std::string& path);
SecretKey readSecretKey(const Context& context, const ckks::File& file);
// For encryption at `level` and below: the first level + 1 primes of both polynomials.
void writePublicKey(const Context& context, const PublicKey& key, uint32_t level, const std::string& path);
PublicKey readPublicKey(const Context& context, const ckks::File& file);
// The highest level at which the key encrypts.
uint32_t levelOf(const PublicKey& key);

// Make keys, write them and forget them. Automorphism keys are written for use up to `level` only: a key switch at
// level l reads the first l + 1 primes, the special ones, and the digits that these primes make.
void writeRelinearizationKey(const Context& context, const SecretKey& secret, const std::string& path);
void writeAutomorphismKeys(const Context& context, const SecretKey& secret, const std::vector<uint32_t>& automorphisms,
                           uint32_t level, const std::string& path);

// The file must be of the key set `keyTag`. Throw CodedError: ERR_KEY_CORRUPT, ERR_KEY_MISMATCH.
void loadRelinearizationKey(const Context& context, const ckks::File& file, const std::string& keyTag,
                            const std::string& holder);
// Reads keys that are not yet used: safe while operations run.
AutomorphismKeys readAutomorphismKeys(const Context& context, const ckks::File& file, const std::string& keyTag,
                                      const std::string& holder, uint32_t level);
// Gives the holder, for whom they were read, keys beside those that it has.
void holdAutomorphismKeys(const AutomorphismKeys& keys, const std::string& holder);

// Forgets the holder's automorphism keys that are not in `kept`.
void keepAutomorphismKeys(const std::string& holder, const std::vector<uint32_t>& kept);
void forgetKeys(const std::string& holder);

}  // namespace openfhe_addon
