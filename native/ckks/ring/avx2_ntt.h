#pragma once

#include "ckks/ring/ntt.h"

namespace ckks::avx2 {

/// Kernels::forwardNtt and Kernels::inverseNtt with AVX2 and FMA.
void forwardNtt(Word* values, const NttTable& table);
void inverseNtt(Word* values, const NttTable& table);

}  // namespace ckks::avx2
