#include "ckks/ring/kernels.h"

#include <algorithm>
#include <cstdlib>
#include <stdexcept>
#include <string>

#include "ckks/ring/kernel_tables.h"

namespace ckks {
namespace {

struct Candidate {
  const Kernels& (*table)();
  bool available;
};

/// All kernels of this build, the best first.
std::vector<Candidate> candidates() {
  std::vector<Candidate> list;
#if defined(__x86_64__)
  __builtin_cpu_init();
  const bool avx2 =
      __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0 && __builtin_cpu_supports("bmi2") != 0;
  const bool avx512 = avx2 && __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512dq") != 0 &&
                      __builtin_cpu_supports("avx512bw") != 0 && __builtin_cpu_supports("avx512vl") != 0 &&
                      __builtin_cpu_supports("avx512ifma") != 0 && __builtin_cpu_supports("avx512vbmi") != 0;
  list.push_back({avx512Kernels, avx512});
  list.push_back({avx2Kernels, avx2});
#endif
  list.push_back({scalarKernels, true});
  return list;
}

const Kernels& chosenKernels() {
  const char* name = std::getenv("RESNET20_FHE_KERNEL");
  return kernelsNamed(name != nullptr ? std::string_view(name) : availableKernels().front());
}

}  // namespace

void copyFactors(Word* out, const Word* in, std::size_t n, const Modulus& /*modulus*/) {
  if (out != in) std::copy_n(in, n, out);
}

std::vector<std::string_view> availableKernels() {
  std::vector<std::string_view> names;
  for (const Candidate& candidate : candidates()) {
    if (candidate.available) names.push_back(candidate.table().name);
  }
  return names;
}

const Kernels& kernelsNamed(std::string_view name) {
  for (const Candidate& candidate : candidates()) {
    if (candidate.available && candidate.table().name == name) return candidate.table();
  }
  std::string known;
  for (const std::string_view available : availableKernels()) known.append(" ").append(available);
  throw std::invalid_argument("this machine has no kernels named \"" + std::string(name) + "\", only:" + known);
}

const Kernels& kernels() {
  static const Kernels& chosen = chosenKernels();
  return chosen;
}

}  // namespace ckks
