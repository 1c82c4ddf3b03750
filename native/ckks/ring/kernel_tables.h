#pragma once

#include "ckks/ring/kernels.h"

/// The kernel tables of each instruction set. Only a processor that has it may run them.
namespace ckks {

/// Plain C++, for every processor.
const Kernels& scalarKernels();

#if defined(__x86_64__)
/// AVX2, FMA and BMI2.
const Kernels& avx2Kernels();
/// AVX-512 F, DQ, BW, VL, IFMA and VBMI.
const Kernels& avx512Kernels();
#endif

}  // namespace ckks
