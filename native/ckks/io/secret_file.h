#pragma once

#include <memory>
#include <string>

#include "ckks/io/file.h"
#include "ckks/scheme/secret_key.h"

namespace ckks {

/**
 * The secret key on disk: the seed it is derived from, bound to the parameters by their hash and protected against
 * damage by a SHA-256. Created with permissions 0600; the file must not exist. Returns the SHA-256 of the whole file.
 */
Digest writeSecretKey(const SecretKey& secret, const std::string& path);

/** Throws Error: kKeyVersion, kKeyMismatch, kKeyCorrupt. */
std::shared_ptr<const SecretKey> readSecretKey(std::shared_ptr<const Parameters> parameters, const File& file);

}  // namespace ckks
