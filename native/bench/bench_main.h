#pragma once

namespace ckks {

/// Registers a program's benchmarks; bench_main.cpp runs them.
void registerBenchmarks();

}  // namespace ckks
