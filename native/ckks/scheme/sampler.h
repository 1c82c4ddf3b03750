#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "ckks/random/stream.h"
#include "ckks/ring/modulus.h"

namespace ckks {

/** Standard deviation of every error polynomial. */
inline constexpr double kErrorDeviation = 3.19;

/**
 * Uniform residues [begin, end) of one limb, the same whichever range is asked for: `stream` holds the limb's dense
 * `modulus.bits`-bit candidates from byte 0; the rare candidate that is not below the modulus is replaced by one from a
 * second region of the same stream, addressed by its index. begin, end: multiples of 128. `scratch` holds at least
 * uniformScratchBytes(end - begin, modulus) bytes. out[0] is element `begin`.
 */
void sampleUniform(std::span<Word> out, RandomStream& stream, std::uint32_t streamIndex, std::size_t begin,
                   const Modulus& modulus, std::span<std::uint8_t> scratch);
std::size_t uniformScratchBytes(std::size_t count, const Modulus& modulus);

/** Independent uniform values of {-1, 0, 1}; bias below 2^-60. */
void sampleTernary(std::span<std::int64_t> out, RandomStream& stream, std::uint32_t streamIndex);

/**
 * Discrete Gaussian of deviation kErrorDeviation, cut off at 6.3 deviations, by a cumulative table that is read whole
 * for each value (constant time). The table is rounded to 63 bits: a statistical distance below 2^-60.
 */
void sampleError(std::span<std::int64_t> out, RandomStream& stream, std::uint32_t streamIndex);

}  // namespace ckks
