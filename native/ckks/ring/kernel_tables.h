#pragma once

#include <cstddef>
#include <cstring>

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

/// Kernels::toFactors of kernels whose factors are the canonical words. Inlined into nothing and called by address, so
/// that it is compiled without any instruction set's options.
void copyFactors(Word* out, const Word* in, std::size_t n, const Modulus& modulus);

/// Kernels::forwardNttPair of transforms that take one polynomial after the other. A template of its transform, so that
/// no instruction set's code is taken for another's.
template <void (*Forward)(Word*, const NttTable&)>
void forwardInTurn(Word* first, Word* second, const NttTable& table, BlockVisitor& visitor) {
  Forward(first, table);
  Forward(second, table);
  visitor.visit(0, table.ringDimension());
}

/// Kernels::inverseNttPair, likewise.
template <void (*Inverse)(Word*, const NttTable&)>
void inverseInTurn(Word* out0, Word* out1, Word* first, Word* second, const NttTable& table, BlockVisitor& visitor) {
  const std::size_t words = table.ringDimension();
  visitor.visit(0, words);
  Inverse(first, table);
  std::memcpy(out0, first, words * sizeof(Word));
  Inverse(second, table);
  std::memcpy(out1, second, words * sizeof(Word));
}

}  // namespace ckks
