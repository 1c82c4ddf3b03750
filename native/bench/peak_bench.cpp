// What one core of this machine can do at best: bytes moved at several footprints, and 52-bit multiply-adds. The shares
// that the kernels of ring_bench reach of it are in docs/performance.md.

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>

#include "bench_main.h"
#include "ckks/ring/aligned.h"

#if defined(__x86_64__)
#include <immintrin.h>
#define WIDEST_VECTORS __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define WIDEST_VECTORS
#endif

namespace ckks {
namespace {

WIDEST_VECTORS void triadOnce(Word* __restrict out, const Word* __restrict a, const Word* __restrict b,
                              std::size_t words) {
  for (std::size_t i = 0; i < words; ++i) out[i] = a[i] + (b[i] << 1);
}

/// McCalpin's triad on words, by the footprint of its three arrays. Counts the bytes that the loop names.
void triad(benchmark::State& state) {
  const std::size_t words = static_cast<std::size_t>(state.range(0)) * 1024 / (3 * sizeof(Word)) / 8 * 8;
  AlignedWords out(words);
  AlignedWords a(words);
  AlignedWords b(words);
  for (auto _ : state) {
    triadOnce(out.data(), a.data(), b.data(), words);
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(3 * words * sizeof(Word)));
}

#if defined(__x86_64__)

/// Independent chains: more than the latency of an instruction times those that start in one cycle.
constexpr std::size_t kChains = 16;
constexpr std::size_t kRounds = 1024;

struct Sums {
  __m512i chain[kChains];
};

__attribute__((target("avx512f,avx512ifma"))) void multiplyAdds(Sums& sums, long long factor) {
  const __m512i a = _mm512_set1_epi64(factor);
  for (std::size_t round = 0; round < kRounds; ++round) {
#pragma GCC unroll 16
    for (__m512i& sum : sums.chain) sum = _mm512_madd52lo_epu64(sum, a, a);
  }
}

/// AVX-512 IFMA instructions: eight 52-bit multiply-adds each.
void multiplyAdd52(benchmark::State& state) {
  Sums sums{};
  for (auto _ : state) {
    multiplyAdds(sums, 3);
    benchmark::DoNotOptimize(sums);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kChains * kRounds));
}

#endif

}  // namespace

void registerBenchmarks() {
  // In the L1 and L2 caches, at the footprints of ring_bench's kernels, and in memory.
  benchmark::RegisterBenchmark("triad", triad)
      ->ArgName("kilobytes")
      ->Arg(24)
      ->Arg(400)
      ->Arg(1536)
      ->Arg(2560)
      ->Arg(15360)
      ->Arg(1 << 18);
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512ifma")) benchmark::RegisterBenchmark("multiplyAdd52", multiplyAdd52);
#endif
}

}  // namespace ckks
