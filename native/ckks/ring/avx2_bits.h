#pragma once

#include <cstddef>
#include <cstdint>

#include "ckks/ring/modulus.h"

namespace ckks::avx2 {

/// The functions of these names in Kernels.
void packBits(std::uint8_t* out, const Word* in, std::size_t n, int bits);
void unpackBits(Word* out, const std::uint8_t* in, std::size_t n, int bits);
bool allBelow(const Word* words, std::size_t n, Word bound);
std::size_t maskAndCheck(Word* out, const std::uint8_t* random, std::size_t n, int bits, Word bound);

}  // namespace ckks::avx2
