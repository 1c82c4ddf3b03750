#include <benchmark/benchmark.h>

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "bench_main.h"
#include "ckks/ring/automorphism.h"
#include "ckks/ring/base_converter.h"
#include "ckks/ring/kernels.h"
#include "ckks/ring/limb_matrix.h"
#include "ckks/ring/primes.h"

// The ring layer's kernels on one core, for every instruction set of this machine. The counter
// "perOperation" is the time for one elementary operation: a word, or one multiply-add for sums of products.

namespace ckks {
namespace {

constexpr std::size_t kDimension = std::size_t{1} << 16;
constexpr int kBits = 50;

void countOperations(benchmark::State& state, double operations) {
  state.counters["perOperation"] =
      benchmark::Counter(operations, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

std::vector<Modulus> primes(std::size_t count, int bits = kBits) {
  const std::vector<Word> values = primesBelow(bits, count, kDimension, {});
  return {values.begin(), values.end()};
}

/// Random residues modulo the smallest of the primes, so that they are canonical for all.
LimbMatrix randomLimbs(std::size_t limbs, std::size_t words, int bits = kBits) {
  std::mt19937_64 generator(1);
  LimbMatrix matrix(limbs, words);
  for (std::size_t i = 0; i < limbs; ++i) {
    for (std::size_t k = 0; k < words; ++k) matrix.limb(i)[k] = generator() >> (65 - bits);
  }
  return matrix;
}

LimbMatrix randomFactors(std::size_t limbs, std::size_t words, const Kernels& kernels, const Modulus& modulus) {
  LimbMatrix matrix = randomLimbs(limbs, words, modulus.bits);
  for (std::size_t i = 0; i < limbs; ++i) kernels.toFactors(matrix.limb(i), matrix.limb(i), words, modulus);
  return matrix;
}

std::vector<const Word*> pointersTo(const LimbMatrix& limbs, std::size_t first, std::size_t count,
                                    std::size_t offset = 0) {
  std::vector<const Word*> pointers;
  for (std::size_t i = 0; i < count; ++i) pointers.push_back(limbs.limb(first + i) + offset);
  return pointers;
}

/// Arguments: log2 of the ring dimension, size of the prime.
void transform(benchmark::State& state, const Kernels& kernels, bool forward) {
  const std::size_t n = std::size_t{1} << state.range(0);
  const int bits = static_cast<int>(state.range(1));
  const NttTable table(Modulus(primesBelow(bits, 1, n, {}).front()), n);
  LimbMatrix values = randomLimbs(1, n, bits);
  for (auto _ : state) {
    (forward ? kernels.forwardNtt : kernels.inverseNtt)(values.limb(0), table);
    benchmark::ClobberMemory();
  }
  countOperations(state, static_cast<double>(n));
}

/// As in a ciphertext: every limb has another prime and another table.
void transformLimbs(benchmark::State& state, const Kernels& kernels) {
  const std::vector<Modulus> moduli = primes(static_cast<std::size_t>(state.range(0)));
  std::vector<NttTable> tables;
  for (const Modulus& modulus : moduli) tables.emplace_back(modulus, kDimension);
  LimbMatrix values = randomLimbs(moduli.size(), kDimension);
  for (auto _ : state) {
    for (std::size_t i = 0; i < moduli.size(); ++i) kernels.forwardNtt(values.limb(i), tables[i]);
    benchmark::ClobberMemory();
  }
  countOperations(state, static_cast<double>(moduli.size() * kDimension));
}

void multiply(benchmark::State& state, const Kernels& kernels) {
  const Modulus modulus = primes(1).front();
  LimbMatrix limbs = randomLimbs(3, kDimension);
  for (auto _ : state) {
    kernels.multiply(limbs.limb(2), limbs.limb(0), limbs.limb(1), kDimension, modulus);
    benchmark::ClobberMemory();
  }
  countOperations(state, kDimension);
}

void tensorAdd(benchmark::State& state, const Kernels& kernels) {
  const Modulus modulus = primes(1).front();
  LimbMatrix limbs = randomLimbs(6, kDimension);
  for (auto _ : state) {
    kernels.tensorAdd(limbs.limb(4), limbs.limb(5), limbs.limb(0), limbs.limb(1), limbs.limb(2), limbs.limb(3),
                      kDimension, modulus);
    benchmark::ClobberMemory();
  }
  countOperations(state, 3 * kDimension);
}

void permute(benchmark::State& state, const Kernels& kernels) {
  const Automorphism automorphism(kDimension, 5);
  LimbMatrix limbs = randomLimbs(2, kDimension);
  for (auto _ : state) {
    kernels.permute(limbs.limb(1), limbs.limb(0), automorphism, 0, kDimension);
    benchmark::ClobberMemory();
  }
  countOperations(state, kDimension);
}

/// Arguments: digits, whether with an automorphism. Two components' multiply-adds count; outputs are factors, as the
/// copies of a linear step are.
void keyInnerProduct(benchmark::State& state, const Kernels& kernels) {
  const auto digitCount = static_cast<std::size_t>(state.range(0));
  const Automorphism automorphism(kDimension, 5);
  const Modulus modulus = primes(1).front();
  const LimbMatrix limbs = randomLimbs(3 * digitCount, kDimension);
  LimbMatrix out(2, kDimension);
  const std::vector<const Word*> digits = pointersTo(limbs, 0, digitCount);
  const std::vector<const Word*> keys0 = pointersTo(limbs, digitCount, digitCount);
  const std::vector<const Word*> keys1 = pointersTo(limbs, 2 * digitCount, digitCount);
  for (auto _ : state) {
    kernels.keyInnerProduct(out.limb(0), out.limb(1), digits.data(), keys0.data(), keys1.data(), digitCount, nullptr,
                            state.range(1) != 0 ? &automorphism : nullptr, 0, kDimension, ProductOutput::kFactors,
                            modulus);
    benchmark::ClobberMemory();
  }
  countOperations(state, static_cast<double>(2 * digitCount * kDimension));
}

/// Arguments: terms, log2 of the words that share a weight. A block of 1,024 words at a time: the
/// inputs, 24 or so in use, stay in the L2 cache.
void plainInnerProducts(benchmark::State& state, const Kernels& kernels) {
  constexpr std::size_t block = 1024;
  constexpr std::size_t inputs = 24;
  const auto count = static_cast<std::size_t>(state.range(0));
  const auto blockShift = static_cast<unsigned>(state.range(1));
  const Modulus modulus = primes(1).front();
  const LimbMatrix in = randomFactors(2 * inputs, block, kernels, modulus);
  const LimbMatrix weights = randomFactors(count, kDimension >> blockShift, kernels, modulus);
  LimbMatrix out(2, block);
  std::vector<PlainTerm> terms;
  for (std::size_t k = 0; k < count; ++k) {
    terms.push_back({in.limb(k % inputs), in.limb(inputs + k % inputs), weights.limb(k)});
  }
  const PlainSum sum{out.limb(0), out.limb(1), terms.data(), count, false};
  std::size_t begin = 0;
  for (auto _ : state) {
    kernels.plainInnerProducts(&sum, 1, blockShift, begin, begin + block, modulus);
    begin = (begin + block) % kDimension;
    benchmark::ClobberMemory();
  }
  countOperations(state, static_cast<double>(2 * count * block));
}

/// Arguments: source primes, target primes.
void baseConvert(benchmark::State& state, const Kernels& kernels) {
  const auto sources = static_cast<std::size_t>(state.range(0));
  const auto targets = static_cast<std::size_t>(state.range(1));
  const std::vector<Modulus> moduli = primes(sources + targets);
  const auto split = moduli.begin() + static_cast<std::ptrdiff_t>(sources);
  const BaseConverter converter({moduli.begin(), split}, {split, moduli.end()});
  const LimbMatrix in = randomLimbs(sources, kDimension);
  LimbMatrix out(targets, kDimension);
  const std::vector<const Word*> from = pointersTo(in, 0, sources);
  std::vector<Word*> to;
  for (std::size_t j = 0; j < targets; ++j) to.push_back(out.limb(j));
  for (auto _ : state) {
    kernels.baseConvert(to.data(), from.data(), converter, 0, kDimension);
    benchmark::ClobberMemory();
  }
  countOperations(state, static_cast<double>(sources * targets * kDimension));
}

enum class BitsOperation { kPack, kUnpack, kMaskAndCheck };

/// Argument: bits of a word.
void packedBits(benchmark::State& state, const Kernels& kernels, BitsOperation operation) {
  const int bits = static_cast<int>(state.range(0));
  LimbMatrix words = randomLimbs(1, kDimension, bits);
  std::vector<std::uint8_t> stream(kDimension * static_cast<std::size_t>(bits) / 8 + kPackedPaddingBytes);
  for (auto _ : state) {
    switch (operation) {
      case BitsOperation::kPack:
        kernels.packBits(stream.data(), words.limb(0), kDimension, bits);
        break;
      case BitsOperation::kUnpack:
        kernels.unpackBits(words.limb(0), stream.data(), kDimension, bits);
        break;
      case BitsOperation::kMaskAndCheck:
        benchmark::DoNotOptimize(
            kernels.maskAndCheck(words.limb(0), stream.data(), kDimension, bits, (Word{1} << bits) - 27));
        break;
    }
    benchmark::ClobberMemory();
  }
  countOperations(state, kDimension);
}

void registerFor(std::string_view name) {
  const Kernels& kernels = kernelsNamed(name);
  const auto add = [&](const std::string& what, auto function, auto... arguments) {
    return benchmark::RegisterBenchmark(
        (what + "/" + std::string(name)).c_str(),
        [=, &kernels](benchmark::State& state) { function(state, kernels, arguments...); });
  };
  for (const bool forward : {true, false}) {
    add(forward ? "forwardNtt" : "inverseNtt", transform, forward)
        ->ArgNames({"log2N", "bits"})
        ->ArgsProduct({{12, 13, 14, 15, 16}, {40, 50}})
        ->Unit(benchmark::kMillisecond);
  }
  add("forwardNttLimbs", transformLimbs)->ArgName("limbs")->Arg(30)->Unit(benchmark::kMillisecond);
  add("multiply", multiply);
  add("tensorAdd", tensorAdd);
  add("permute", permute);
  add("keyInnerProduct", keyInnerProduct)->ArgNames({"digits", "rotated"})->ArgsProduct({{1, 3, 6}, {0, 1}});
  add("plainInnerProduct", plainInnerProducts)->ArgNames({"terms", "shift"})->ArgsProduct({{24, 189}, {0, 6}});
  add("baseConvert", baseConvert)->ArgNames({"from", "to"})->Args({7, 21})->Args({10, 20})->Args({20, 7});
  add("packBits", packedBits, BitsOperation::kPack)->ArgName("bits")->Arg(40)->Arg(50);
  add("unpackBits", packedBits, BitsOperation::kUnpack)->ArgName("bits")->Arg(40)->Arg(50);
  add("maskAndCheck", packedBits, BitsOperation::kMaskAndCheck)->ArgName("bits")->Arg(40)->Arg(50);
}

}  // namespace

void registerBenchmarks() {
  for (const std::string_view name : availableKernels()) registerFor(name);
}

}  // namespace ckks
