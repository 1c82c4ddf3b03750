#pragma once

#include <cstddef>

#include "ckks/ring/automorphism.h"
#include "ckks/ring/base_converter.h"
#include "ckks/ring/kernels.h"
#include "ckks/ring/modulus.h"

namespace ckks::avx2 {

/// The functions of these names in Kernels.
void toFactors(Word* out, const Word* in, std::size_t n, const Modulus& modulus);
void keyInnerProduct(Word* out0, Word* out1, const Word* const* digits, const Word* const* keys0,
                     const Word* const* keys1, std::size_t digitCount, const Word* added0,
                     const Automorphism* automorphism, std::size_t begin, std::size_t end, ProductOutput output,
                     const Modulus& modulus);
void plainInnerProducts(const PlainSum* sums, std::size_t sumCount, unsigned blockShift, std::size_t begin,
                        std::size_t end, const Modulus& modulus);
void baseConvert(Word* const* out, const Word* const* in, const BaseConverter& converter, std::size_t begin,
                 std::size_t end);
void permute(Word* out, const Word* in, const Automorphism& automorphism, std::size_t begin, std::size_t end);

}  // namespace ckks::avx2
