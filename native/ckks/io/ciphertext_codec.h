#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "ckks/random/stream.h"
#include "ckks/scheme/ciphertext.h"
#include "ckks/scheme/parameters.h"
#include "ckks/scheme/secret_key.h"

namespace ckks {

/** A ciphertext in the result ring modulo q_0: coefficients of c0 and c1. */
struct ResultCiphertext {
  AlignedWords c0;
  AlignedWords c1;
  double scale = 1;
};

/**
 * Ciphertexts as bytes: parameter hash, key id, level, scale, then residues packed to their primes' bits. A *seeded*
 * one (made with the secret key) carries a seed in place of c1. Readers throw Error(kCiphertext) unless header, length
 * and every residue are right. Hashing the bytes is the container's business.
 */
std::vector<std::uint8_t> writeSeeded(const Parameters& parameters, const KeyId& keyId, const Ciphertext& ciphertext,
                                      const Seed& seed);
std::vector<std::uint8_t> writeCiphertext(const Parameters& parameters, const KeyId& keyId,
                                          const Ciphertext& ciphertext);
std::vector<std::uint8_t> writeResult(const Parameters& parameters, const KeyId& keyId, const ResultCiphertext& result);

/** Reads a seeded or full ciphertext; the seed is expanded. */
Ciphertext readCiphertext(const Parameters& parameters, const KeyId& keyId, std::span<const std::uint8_t> bytes);
/** Whether the bytes start as a result does; tells which reader to call. */
bool isResult(std::span<const std::uint8_t> bytes);
ResultCiphertext readResult(const Parameters& parameters, const KeyId& keyId, std::span<const std::uint8_t> bytes);

/** Uniform c1 of a seeded ciphertext: one limb. */
void expandUniformHalf(Word* out, const Parameters& parameters, const Seed& seed, std::size_t limb);

}  // namespace ckks
