// The engine's operations: time by ring dimension, level and threads. Kernels as RESNET20_FHE_KERNEL names them.

#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bench_setting.h"
#include "ckks/eval/key_switch.h"
#include "ckks/ring/kernels.h"
#include "ckks/ring/parallel.h"

namespace ckks {
namespace {

/// The greatest resident memory from the object's creation on, in bytes; since the program's start where the system
/// cannot forget earlier peaks.
class PeakMemory {
 public:
  PeakMemory() { std::ofstream("/proc/self/clear_refs") << "5"; }

  [[nodiscard]] double bytes() const {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with("VmHWM:")) return std::stod(line.substr(6)) * 1024;
    }
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_maxrss) * 1024;
  }
};

/// Arguments of every benchmark.
struct Arguments {
  explicit Arguments(const benchmark::State& state)
      : logDimension(static_cast<int>(state.range(0))),
        level(static_cast<int>(state.range(1))),
        setting(BenchSetting::of(logDimension)),
        session(static_cast<unsigned>(state.range(2))) {}

  int logDimension;
  int level;
  BenchSetting& setting;
  ParallelSession session;
};

void generateRotationKey(benchmark::State& state) {
  const Arguments arguments(state);
  const std::string path = arguments.setting.path("generated");
  const Word element = rotationElement(arguments.setting.parameters()->ringDimension(), 1);
  for (auto _ : state) {
    arguments.setting.generator().rotationKey(path, element, arguments.level);
    state.PauseTiming();
    state.counters["fileBytes"] = static_cast<double>(std::filesystem::file_size(path));
    std::filesystem::remove(path);
    state.ResumeTiming();
  }
}

void verifyKey(benchmark::State& state) {
  const Arguments arguments(state);
  const std::string path = arguments.setting.path("verified");
  std::filesystem::remove(path);
  arguments.setting.generator().rotationKey(path, 5, arguments.level);
  const KeyFile key(arguments.setting.parameters(), path);
  for (auto _ : state) key.verify();
  state.counters["fileBytes"] = static_cast<double>(std::filesystem::file_size(path));
}

void encrypt(benchmark::State& state) {
  const Arguments arguments(state);
  const std::vector<double>& slots = arguments.setting.slots();
  std::size_t bytes = 0;
  for (auto _ : state) {
    bytes = arguments.setting.client().encrypt(slots, slots, arguments.level, kSquareScale).size();
  }
  state.counters["fileBytes"] = static_cast<double>(bytes);
}

void read(benchmark::State& state) {
  const Arguments arguments(state);
  const std::vector<double>& slots = arguments.setting.slots();
  const auto bytes = arguments.setting.client().encrypt(slots, slots, arguments.level, kSquareScale);
  for (auto _ : state) benchmark::DoNotOptimize(arguments.setting.evaluator().read(bytes));
  state.counters["fileBytes"] = static_cast<double>(bytes.size());
}

void square(benchmark::State& state) {
  const Arguments arguments(state);
  arguments.setting.needRelinearization();
  const Ciphertext input = arguments.setting.encrypt(arguments.level, kActivationScale);
  const PeakMemory memory;
  for (auto _ : state) benchmark::DoNotOptimize(arguments.setting.evaluator().square(input, false, {}));
  state.counters["peakBytes"] = memory.bytes();
}

void rotate(benchmark::State& state) {
  const Arguments arguments(state);
  arguments.setting.needRotations({1});
  const Ciphertext input = arguments.setting.encrypt(arguments.level, kSquareScale);
  const PeakMemory memory;
  for (auto _ : state) benchmark::DoNotOptimize(arguments.setting.evaluator().rotate(input, 1));
  state.counters["peakBytes"] = memory.bytes();
}

const std::vector<long> kHoistedSteps = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

/// Fifteen rotations of one ciphertext from one decomposition, left in the extended basis.
class HoistedRotations {
 public:
  HoistedRotations(BenchSetting& setting, int level)
      : parameters_(*setting.parameters()),
        switcher_(setting.parameters()),
        basis_(switcher_.basis(level)),
        input_(setting.encrypt(level, kSquareScale)) {
    setting.needRotations(kHoistedSteps);
    for (const long step : kHoistedSteps) keys_.push_back(&setting.keys().rotation(step, level));
  }

  /// Digits times keys, the rotated c0 not yet added: what a linear map goes on with.
  std::vector<PolynomialPair> inExtendedBasis() {
    const std::size_t n = parameters_.ringDimension();
    const std::size_t block = std::min(kKeyBlock, n);
    Digits digits = switcher_.decompose(input_.c1, basis_);
    std::vector<PolynomialPair> products;
    for (std::size_t key = 0; key < keys_.size(); ++key) {
      products.push_back({LimbMatrix(basis_.rows(), n), LimbMatrix(basis_.rows(), n)});
    }
    parallelFor(basis_.rows(), [&](std::size_t row, unsigned) {
      const std::vector<const Word*> rows = digits.row(row, parameters_.table(switcher_.limb(basis_, row)));
      KeyScratch scratch(rows.size(), block, std::min(kKeyWindow, n));
      for (std::size_t key = 0; key < keys_.size(); ++key) {
        std::vector<RandomStream> streams = keys_[key]->file.uniformStreams();
        for (std::size_t begin = 0; begin < n; begin += block) {
          switcher_.innerProduct(products[key].first.limb(row) + begin, products[key].second.limb(row) + begin, rows,
                                 nullptr, *keys_[key], basis_, row, begin, block, false, streams, scratch);
        }
      }
    });
    return products;
  }

 private:
  const Parameters& parameters_;
  KeySwitcher switcher_;
  Basis basis_;
  Ciphertext input_;
  std::vector<const EvaluationKey*> keys_;
};

void hoistedExtended(benchmark::State& state) {
  const Arguments arguments(state);
  HoistedRotations rotations(arguments.setting, arguments.level);
  benchmark::DoNotOptimize(rotations.inExtendedBasis());  // touches the memory that the others use again
  for (auto _ : state) benchmark::DoNotOptimize(rotations.inExtendedBasis());
}

void hoistedBroughtBack(benchmark::State& state) {
  const Arguments arguments(state);
  arguments.setting.needRotations(kHoistedSteps);
  const Ciphertext input = arguments.setting.encrypt(arguments.level, kSquareScale);
  Evaluator& evaluator = arguments.setting.evaluator();
  benchmark::DoNotOptimize(evaluator.rotations(input, kHoistedSteps));  // touches the memory that the others use again
  for (auto _ : state) benchmark::DoNotOptimize(evaluator.rotations(input, kHoistedSteps));
}

template <LinearMap Map>
void encodeLinear(benchmark::State& state) {
  const Arguments arguments(state);
  const Parameters& parameters = *arguments.setting.parameters();
  const LinearDescription description = describeLinearMap(Map, parameters, arguments.level);
  for (auto _ : state) {
    const EncodedLinear step(parameters, description);
    state.counters["encodedBytes"] = static_cast<double>(step.bytes());
  }
}

template <LinearMap Map>
void linear(benchmark::State& state) {
  const Arguments arguments(state);
  const Parameters& parameters = *arguments.setting.parameters();
  std::optional<EncodedLinear> step;
  {
    const LinearDescription description = describeLinearMap(Map, parameters, arguments.level);
    arguments.setting.needKeysOf(description);
    step.emplace(parameters, description);
  }
  const Ciphertext input = arguments.setting.encrypt(arguments.level, kSquareScale);
  const PeakMemory memory;
  for (auto _ : state) benchmark::DoNotOptimize(arguments.setting.evaluator().linear(*step, {&input}, {}));
  state.counters["peakBytes"] = memory.bytes();
}

/// One ring after the other, so that each makes its keys once: the top level and, in the largest ring, lower ones; one
/// and two threads.
void registerBenchmarks() {
  const std::vector<std::pair<const char*, void (*)(benchmark::State&)>> operations = {
      {"generateRotationKey", generateRotationKey},
      {"verifyKey", verifyKey},
      {"encrypt", encrypt},
      {"read", read},
      {"square", square},
      {"rotate", rotate},
      {"hoistedExtended", hoistedExtended},
      {"hoistedBroughtBack", hoistedBroughtBack},
      {"encodeConvolution", encodeLinear<LinearMap::kStageOneConvolution>},
      {"convolution", linear<LinearMap::kStageOneConvolution>},
      {"dense144", linear<LinearMap::kDense144>},
      {"dense255", linear<LinearMap::kDense255>},
  };
  for (const int logDimension : {13, 14, 15, 16}) {
    std::vector<int> levels = {benchLiteral(logDimension).levels()};
    if (logDimension == 16) levels.insert(levels.end(), {13, 7, 2});
    for (const auto& [name, operation] : operations) {
      auto* benchmark = benchmark::RegisterBenchmark(name, operation);
      benchmark->ArgNames({"logN", "level", "threads"})->Unit(benchmark::kMillisecond)->UseRealTime();
      for (const int level : levels) {
        for (const int threads : {1, 2}) benchmark->Args({logDimension, level, threads});
      }
    }
  }
}

}  // namespace
}  // namespace ckks

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  try {
    benchmark::AddCustomContext("kernel", std::string(ckks::kernels().name));
    ckks::registerBenchmarks();
    benchmark::RunSpecifiedBenchmarks();
    ckks::BenchSetting::release();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
