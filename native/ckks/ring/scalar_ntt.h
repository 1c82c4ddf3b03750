#pragma once

#include "ckks/ring/ntt.h"

namespace ckks::scalar {

/// Kernels::forwardNtt and Kernels::inverseNtt in plain C++.
void forwardNtt(Word* values, const NttTable& table);
void inverseNtt(Word* values, const NttTable& table);

}  // namespace ckks::scalar
