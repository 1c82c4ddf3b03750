// Encoding a vector without a period, for comparison with other libraries.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <vector>

#include "bench_main.h"
#include "bench_setting.h"
#include "ckks/ring/kernels.h"
#include "ckks/ring/parallel.h"
#include "ckks/scheme/encoder.h"

namespace ckks {
namespace {

/// All slots, to a plaintext in evaluation form at the top level.
void encode(benchmark::State& state) {
  const Parameters parameters(benchLiteral(static_cast<int>(state.range(0))));
  const ParallelSession session(static_cast<unsigned>(state.range(2)));
  const std::size_t n = parameters.ringDimension();
  const Encoder encoder(n);
  const std::vector<double> slots(parameters.slots(), 0.75);
  std::vector<std::int64_t> coefficients(n);
  LimbMatrix plaintext(static_cast<std::size_t>(state.range(1)) + 1, n);
  for (auto _ : state) {
    encoder.encode(coefficients, slots, {}, kSquareScale);
    parallelFor(plaintext.limbs(), [&](std::size_t limb, unsigned) {
      kernels().liftSigned(plaintext.limb(limb), coefficients.data(), n, parameters.modulus(limb));
      kernels().forwardNtt(plaintext.limb(limb), parameters.table(limb));
    });
    benchmark::ClobberMemory();
  }
}

}  // namespace

void registerBenchmarks() {
  auto* benchmark = benchmark::RegisterBenchmark("encode", encode);
  benchmark->ArgNames({"logN", "level", "threads"})->Unit(benchmark::kMillisecond)->UseRealTime();
  for (const int threads : {1, 2}) benchmark->Args({16, benchLiteral(16).levels(), threads});
}

}  // namespace ckks
