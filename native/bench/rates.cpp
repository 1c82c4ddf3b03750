/// Prints, as JSON, the rates of src/circuit/ckks-cost.ts, measured with the library's own functions at N = 2^16 and
/// the top level of params_fast: processor seconds of one thread, and the speed-up from all of them by the clock.
/// scripts/calibrate.mjs writes them to src/profile/rates.json.
#include <time.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <utility>
#include <vector>

#include "ckks/eval/key_set.h"
#include "ckks/eval/key_switch.h"
#include "ckks/eval/linear_encoding.h"
#include "ckks/eval/sparse_transform.h"
#include "ckks/ring/base_converter.h"
#include "ckks/ring/kernels.h"
#include "ckks/ring/parallel.h"
#include "ckks/scheme/key_generator.h"
#include "support/temporary_folder.h"

namespace ckks {
namespace {

constexpr std::size_t kDimension = std::size_t{1} << 16;
constexpr int kLevels = 20;
/// A level in the middle of the range where most steps run.
constexpr int kLevel = 12;
constexpr std::size_t kPeriod = 512;
/// Summands of one plaintext product; as many as a convolution has for one giant step.
constexpr std::size_t kTerms = 24;

/// Those of params_fast.
ParameterLiteral literal() {
  ParameterLiteral result;
  result.ringDimension = kDimension;
  result.firstPrimeBits = 44;
  result.scalingPrimeBits = 41;
  result.levels = kLevels;
  result.specialPrimeBits = 50;
  for (int level = 0; level <= kLevels; ++level) {
    const int digitBits = result.firstPrimeBits + level * result.scalingPrimeBits;
    result.specialPrimes.push_back(std::max(1, (digitBits - 20 + 49) / 50));
  }
  result.digitPrimes = kLevels + 1;
  result.resultRingDimension = std::size_t{1} << 12;
  return result;
}

double seconds(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

/// Median of repeated runs, after one to fill caches and tables.
template <typename Task>
double median(clockid_t clock, int repetitions, const Task& task) {
  task();
  std::vector<double> times;
  for (int i = 0; i < repetitions; ++i) {
    const double started = seconds(clock);
    task();
    times.push_back(seconds(clock) - started);
  }
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

template <typename Task>
double processorSeconds(const Task& task) {
  return median(CLOCK_PROCESS_CPUTIME_ID, 15, task);
}

LimbMatrix residues(const Parameters& parameters, const std::vector<std::size_t>& limbs) {
  LimbMatrix result(limbs.size(), kDimension);
  for (std::size_t row = 0; row < limbs.size(); ++row) {
    const Word bound = parameters.modulus(limbs[row]).value;
    Word value = 1 + row;
    for (std::size_t i = 0; i < kDimension; ++i) {
      result.limb(row)[i] = value;
      value = (value * 6364136223846793005ULL + 1442695040888963407ULL) % bound;
    }
  }
  return result;
}

void print(const char* name, double value, const char* end = ",\n") {
  std::printf("  \"%s\": %.3e%s", name, value, end);
}

class Rates {
 public:
  Rates()
      : parameters_(std::make_shared<const Parameters>(literal())),
        switcher_(parameters_),
        basis_(switcher_.basis(kLevel)),
        keys_(parameters_) {
    const auto secret = std::make_shared<const SecretKey>(parameters_, Seed::fromSystem());
    const std::string path = folder_.path("rotation.key");
    KeyGenerator(secret).rotationKey(path, rotationElement(kDimension, 8), kLevels);
    keys_.add(path);
    for (std::size_t row = 0; row < basis_.rows(); ++row) limbs_.push_back(switcher_.limb(basis_, row));
  }

  void printAll() {
    std::printf("{\n");
    std::printf("  \"ringDimension\": %zu,\n", kDimension);
    printOfOneThread();
    std::printf("  \"threads\": %u,\n", ParallelSession().threads());
    print("parallelSpeedup", parallelSpeedup(), "\n}\n");
  }

 private:
  void printOfOneThread() {
    const ParallelSession session(1);
    print("nttSecondsPerLimb", transform());
    print("baseConversionSecondsPerElement", baseConversion());
    print("innerProductSecondsPerElement", innerProduct());
    print("keyExpansionSecondsPerByte", keyExpansion());
    print("passSecondsPerElement", pass());
    print("periodicProductSecondsPerElement", product(kDimension / (2 * kPeriod)));
    print("denseProductSecondsPerElement", product(1));
    print("weightSecondsPerElement", weights());
    print("encodingSecondsPerElement", encoding());
  }

  /// Mean of the two directions.
  double transform() {
    LimbMatrix values = residues(*parameters_, limbs_);
    return processorSeconds([&] {
             for (std::size_t row = 0; row < limbs_.size(); ++row) {
               kernels().forwardNtt(values.limb(row), parameters_->table(limbs_[row]));
               kernels().inverseNtt(values.limb(row), parameters_->table(limbs_[row]));
             }
           }) /
           static_cast<double>(2 * limbs_.size());
  }

  /// From the ciphertext's primes to the special ones, for each pair of them.
  double baseConversion() {
    std::vector<Modulus> from;
    std::vector<Modulus> to;
    for (std::size_t row = 0; row < limbs_.size(); ++row) {
      (row < basis_.limbs() ? from : to).push_back(parameters_->modulus(limbs_[row]));
    }
    const BaseConverter converter(from, to);
    LimbMatrix values = residues(*parameters_, limbs_);
    std::vector<const Word*> in;
    std::vector<Word*> out;
    for (std::size_t row = 0; row < from.size(); ++row) in.push_back(values.limb(row));
    for (std::size_t row = 0; row < to.size(); ++row) out.push_back(values.limb(from.size() + row));
    constexpr std::size_t kConversionBlock = 1024;
    return processorSeconds([&] {
             for (std::size_t i = 0; i < kDimension; i += kConversionBlock) {
               kernels().baseConvert(out.data(), in.data(), converter, i, i + kConversionBlock);
             }
           }) /
           static_cast<double>(from.size() * to.size() * kDimension);
  }

  /// Both halves of a key, each with one multiply-add for a residue, on the blocks that a key switch works in. The
  /// digit's row lies in the cache, where its transform left it.
  double innerProduct() {
    const EvaluationKey& key = keys_.rotation(8, kLevel);
    const LimbMatrix digits = residues(*parameters_, {limbs_.front()});
    const LimbMatrix half = residues(*parameters_, {limbs_.front()});
    LimbMatrix sums(2, kKeyBlock);
    const Word* digit[] = {digits.limb(0)};
    const Word* keyHalf[] = {half.limb(0)};
    return processorSeconds([&] {
             for (std::size_t begin = 0; begin < kDimension; begin += kKeyBlock) {
               kernels().keyInnerProduct(sums.limb(0), sums.limb(1), digit, keyHalf, keyHalf, 1, nullptr,
                                         &key.automorphism, begin, begin + kKeyBlock, false,
                                         parameters_->modulus(limbs_.front()));
             }
           }) /
           static_cast<double>(2 * kDimension);
  }

  /// Both halves: one read and unpacked, one expanded from the seed; for each byte of one half in memory.
  double keyExpansion() {
    const EvaluationKey& key = keys_.rotation(8, kLevel);
    RandomStream stream(key.file.header().seed, KeyFile::kUniformDomain);
    std::vector<std::uint8_t> packed(KeyFile::scratchBytes(kKeyWindow));
    std::vector<std::uint8_t> scratch(KeyFile::scratchBytes(kKeyBlock));
    AlignedWords first(kKeyBlock);
    AlignedWords second(kKeyBlock);
    return processorSeconds([&] {
             for (std::size_t limb : limbs_) {
               for (std::size_t begin = 0; begin < kDimension; begin += kKeyBlock) {
                 const std::size_t place = begin % kKeyWindow;
                 if (place == 0) key.file.readPacked(packed, limb, 0, begin, kKeyWindow);
                 key.file.expand(first.data(), second.data(), packed.data() + key.file.packedBytes(limb, place), limb,
                                 0, begin, kKeyBlock, stream, scratch);
               }
             }
           }) /
           static_cast<double>(limbs_.size() * kDimension * sizeof(Word));
  }

  /// One elementwise kernel over matrices that do not fit the caches.
  double pass() {
    LimbMatrix left = residues(*parameters_, limbs_);
    LimbMatrix right = residues(*parameters_, limbs_);
    return processorSeconds([&] {
             for (std::size_t row = 0; row < limbs_.size(); ++row) {
               kernels().add(left.limb(row), left.limb(row), right.limb(row), kDimension,
                             parameters_->modulus(limbs_[row]));
             }
           }) /
           static_cast<double>(limbs_.size() * kDimension);
  }

  /// Weights that are constant on `repeat` residues times both polynomials, for each residue and summand.
  double product(std::size_t repeat) {
    constexpr std::size_t kProductBlock = 2048;
    const Modulus& modulus = parameters_->modulus(3);
    LimbMatrix copies(2 * kTerms, kProductBlock);
    for (std::size_t k = 0; k < copies.limbs(); ++k) std::fill_n(copies.limb(k), kProductBlock, 12345 + k);
    LimbMatrix weights(kTerms, kDimension / repeat);
    std::vector<const Word*> in0;
    std::vector<const Word*> in1;
    std::vector<const Word*> plains;
    for (std::size_t k = 0; k < kTerms; ++k) {
      std::fill_n(weights.limb(k), kDimension / repeat, 54321 + k);
      in0.push_back(copies.limb(2 * k));
      in1.push_back(copies.limb(2 * k + 1));
      plains.push_back(weights.limb(k));
    }
    LimbMatrix sums(2, kProductBlock);
    const auto blockShift = static_cast<unsigned>(std::countr_zero(repeat));
    return processorSeconds([&] {
             for (std::size_t begin = 0; begin < kDimension; begin += kProductBlock) {
               kernels().plainInnerProduct(sums.limb(0), sums.limb(1), in0.data(), in1.data(), plains.data(), kTerms,
                                           blockShift, begin, begin + kProductBlock, false, modulus);
             }
           }) /
           static_cast<double>(2 * kTerms * kDimension);
  }

  /// Transform of a periodic plaintext, for each coefficient.
  double weights() {
    SparseTransform transform(parameters_);
    const std::vector<std::int64_t> coefficients(2 * kPeriod, -4321);
    AlignedWords out(2 * kPeriod);
    return processorSeconds([&] {
             for (std::size_t k = 0; k < kTerms; ++k) {
               transform.evaluate(out.data(), coefficients.data(), coefficients.size(), 3);
             }
           }) /
           static_cast<double>(kTerms * 2 * kPeriod);
  }

  /// Weights as integer polynomials, for each value of a periodic diagonal.
  double encoding() {
    LinearDescription description;
    description.level = kLevel;
    description.outputScale = std::exp2(24);
    description.period = kPeriod;
    description.giantSteps = {0};
    description.giantParents = {-1};
    description.bias.assign(kPeriod, 0.5);
    LinearTermDescription term;
    term.inputScale = std::exp2(48);
    for (std::size_t k = 0; k < kTerms; ++k) {
      description.babySteps.push_back(static_cast<long>(k));
      term.offsets.push_back(static_cast<long>(k));
      term.babyIndices.push_back(k);
      term.giantIndices.push_back(0);
      for (std::size_t i = 0; i < kPeriod; ++i) term.diagonals.push_back(std::sin(static_cast<double>(i + k)));
    }
    description.terms.push_back(std::move(term));
    return processorSeconds([&] { const EncodedLinear encoded(*parameters_, description); }) /
           static_cast<double>(kTerms * kPeriod);
  }

  /// Of a rotation that stays in the extended basis, by the clock.
  double parallelSpeedup() {
    const EvaluationKey& key = keys_.rotation(8, kLevel);
    const LimbMatrix first = residues(*parameters_, limbs_);
    PolynomialPair sum{residues(*parameters_, limbs_), residues(*parameters_, limbs_)};
    const auto hop = [&] {
      Digits digits = switcher_.divideAndDecompose(residuesCopy(first), basis_);
      switcher_.addSwitched(sum, first, std::move(digits), key, basis_);
    };
    const auto secondsOf = [&](const ParallelSession&) { return median(CLOCK_MONOTONIC, 9, hop); };
    const double one = secondsOf(ParallelSession(1));
    return one / secondsOf(ParallelSession());
  }

  static LimbMatrix residuesCopy(const LimbMatrix& source) {
    LimbMatrix copy(source.limbs(), source.words());
    parallelFor(source.limbs(),
                [&](std::size_t row, unsigned) { std::copy_n(source.limb(row), source.words(), copy.limb(row)); });
    return copy;
  }

  TemporaryFolder folder_;
  std::shared_ptr<const Parameters> parameters_;
  KeySwitcher switcher_;
  Basis basis_;
  KeySet keys_;
  /// Limbs of the rows of the basis.
  std::vector<std::size_t> limbs_;
};

}  // namespace
}  // namespace ckks

int main() { ckks::Rates().printAll(); }
