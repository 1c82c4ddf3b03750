#include "ckks/calibration/measured_rates.h"

#include <time.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <memory>
#include <utility>

#include "ckks/client/key_generator.h"
#include "ckks/eval/key_set.h"
#include "ckks/eval/key_switch.h"
#include "ckks/eval/linear_encoding.h"
#include "ckks/eval/sparse_transform.h"
#include "ckks/ring/base_converter.h"
#include "ckks/ring/kernels.h"
#include "ckks/ring/parallel.h"

namespace ckks {
namespace {

constexpr std::size_t kDimension = std::size_t{1} << 16;
constexpr int kLevels = 20;
/// A level in the middle of the range where most steps run.
constexpr int kLevel = 12;
constexpr std::size_t kPeriod = 512;
/// Limbs that are transformed in turn: values and tables of fewer would stay in the second-level cache.
constexpr std::size_t kTransforms = 8;
/// Summands of one plaintext product; as many as a convolution has for one giant step.
constexpr std::size_t kTerms = 24;

/// Those of params_fast.
ParameterLiteral literal() {
  ParameterLiteral result;
  result.ringDimension = kDimension;
  result.primeBits.assign(kLevels + 1, 41);
  result.primeBits.front() = 44;
  result.specialPrimeBits = 50;
  for (int level = 0; level <= kLevels; ++level) {
    const int digitBits = 44 + level * 41;
    result.specialPrimes.push_back(std::max(1, (digitBits - 20 + 49) / 50));
  }
  result.digits.assign(kLevels + 1, 1);
  result.resultRingDimension = std::size_t{1} << 12;
  return result;
}

double seconds(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

/// Median of the seconds that runs of a task take by a clock, after a first one that fills caches and tables.
template <typename Task>
double median(clockid_t clock, double duration, const Task& task) {
  task();
  std::vector<double> times;
  const double end = seconds(CLOCK_MONOTONIC) + duration;
  do {
    const double started = seconds(clock);
    task();
    times.push_back(seconds(clock) - started);
  } while (seconds(CLOCK_MONOTONIC) < end);
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

/// Residues of each limb's prime; all rows hold the same small numbers.
LimbMatrix residues(std::size_t rows) {
  LimbMatrix result(rows, kDimension);
  Word value = 1;
  for (std::size_t i = 0; i < kDimension; ++i) {
    value = value * 6364136223846793005ULL + 1442695040888963407ULL;
    result.limb(0)[i] = value >> 24;
  }
  for (std::size_t row = 1; row < rows; ++row) std::copy_n(result.limb(0), kDimension, result.limb(row));
  return result;
}

class Rates {
 public:
  Rates(const std::string& keyPath, double secondsPerRate)
      : secondsPerRate_(secondsPerRate),
        parameters_(std::make_shared<const Parameters>(literal())),
        switcher_(parameters_),
        basis_(switcher_.basis(kLevel)),
        keys_(parameters_) {
    const auto secret = std::make_shared<const SecretKey>(parameters_, Seed::fromSystem());
    KeyGenerator(secret).rotationKey(keyPath, rotationElement(kDimension, 8), kLevel);
    keys_.add(File::openForReading(keyPath));
    for (std::size_t row = 0; row < basis_.rows(); ++row) limbs_.push_back(switcher_.limb(basis_, row));
  }

  /// The rates of one thread, within a session of one.
  std::vector<MeasuredRate> ofOneThread() {
    return {
        {"ringDimension", static_cast<double>(kDimension)},
        {"nttSecondsPerLimb", transform()},
        {"baseConversionSecondsPerElement", baseConversion()},
        {"innerProductSecondsPerElement", innerProduct()},
        {"keyExpansionSecondsPerByte", keyExpansion()},
        {"passSecondsPerElement", pass()},
        {"periodicProductSecondsPerElement", product(kDimension / (2 * kPeriod))},
        {"denseProductSecondsPerElement", product(1)},
        {"weightSecondsPerElement", weights()},
        {"encodingSecondsPerElement", encoding()},
    };
  }

  /// Processor seconds, of all threads of the session, of a rotation that stays in the extended basis.
  double rotation() {
    const EvaluationKey& key = keys_.rotation(8, kLevel);
    const LimbMatrix first = residues(limbs_.size());
    PolynomialPair sum{residues(limbs_.size()), residues(limbs_.size())};
    // A run is long, and a ratio of two medians less certain than one.
    return median(CLOCK_PROCESS_CPUTIME_ID, 3 * secondsPerRate_, [&] {
      Digits digits = switcher_.divideAndDecompose(residuesCopy(first), basis_);
      switcher_.addSwitched(sum, first, std::move(digits), key, basis_);
    });
  }

 private:
  /// Of the calling thread.
  template <typename Task>
  double processorSeconds(const Task& task) const {
    return median(CLOCK_THREAD_CPUTIME_ID, secondsPerRate_, task);
  }

  /// Mean of the two directions.
  double transform() {
    LimbMatrix values = residues(kTransforms);
    return processorSeconds([&] {
             for (std::size_t row = 0; row < kTransforms; ++row) {
               kernels().forwardNtt(values.limb(row), parameters_->table(limbs_[row]));
               kernels().inverseNtt(values.limb(row), parameters_->table(limbs_[row]));
             }
           }) /
           static_cast<double>(2 * kTransforms);
  }

  /// From the ciphertext's primes to the special ones, for each pair of them.
  double baseConversion() {
    std::vector<Modulus> from;
    std::vector<Modulus> to;
    for (std::size_t row = 0; row < limbs_.size(); ++row) {
      (row < basis_.limbs() ? from : to).push_back(parameters_->modulus(limbs_[row]));
    }
    const BaseConverter converter(from, to);
    LimbMatrix values = residues(limbs_.size());
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
    const LimbMatrix digits = residues(1);
    const LimbMatrix half = residues(1);
    LimbMatrix sums(2, kKeyBlock);
    const Word* digit[] = {digits.limb(0)};
    const Word* keyHalf[] = {half.limb(0)};
    return processorSeconds([&] {
             for (std::size_t begin = 0; begin < kDimension; begin += kKeyBlock) {
               kernels().keyInnerProduct(sums.limb(0), sums.limb(1), digit, keyHalf, keyHalf, 1, nullptr,
                                         &key.automorphism, begin, begin + kKeyBlock, ProductOutput::kFactors,
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
    LimbMatrix left = residues(limbs_.size());
    LimbMatrix right = residues(limbs_.size());
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
    const auto fillWithFactors = [&](Word* limb, std::size_t words, Word value) {
      std::fill_n(limb, words, value);
      kernels().toFactors(limb, limb, words, modulus);
    };
    for (std::size_t k = 0; k < copies.limbs(); ++k) fillWithFactors(copies.limb(k), kProductBlock, 12345 + k);
    LimbMatrix weights(kTerms, kDimension / repeat);
    std::vector<PlainTerm> terms;
    for (std::size_t k = 0; k < kTerms; ++k) {
      fillWithFactors(weights.limb(k), kDimension / repeat, 54321 + k);
      terms.push_back({copies.limb(2 * k), copies.limb(2 * k + 1), weights.limb(k)});
    }
    LimbMatrix results(2, kProductBlock);
    const PlainSum sum{results.limb(0), results.limb(1), terms.data(), kTerms, false};
    const auto blockShift = static_cast<unsigned>(std::countr_zero(repeat));
    return processorSeconds([&] {
             for (std::size_t begin = 0; begin < kDimension; begin += kProductBlock) {
               kernels().plainInnerProducts(&sum, 1, blockShift, begin, begin + kProductBlock, modulus);
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

  static LimbMatrix residuesCopy(const LimbMatrix& source) {
    LimbMatrix copy(source.limbs(), source.words());
    parallelFor(source.limbs(),
                [&](std::size_t row, unsigned) { std::copy_n(source.limb(row), source.words(), copy.limb(row)); });
    return copy;
  }

  double secondsPerRate_;
  std::shared_ptr<const Parameters> parameters_;
  KeySwitcher switcher_;
  Basis basis_;
  KeySet keys_;
  /// Limbs of the rows of the basis.
  std::vector<std::size_t> limbs_;
};

}  // namespace

std::vector<MeasuredRate> measureRates(const std::string& keyPath, unsigned threads, double secondsPerRate) {
  Rates rates(keyPath, secondsPerRate);
  std::vector<MeasuredRate> measured;
  double one = 0;
  {
    const ParallelSession session(1);
    measured = rates.ofOneThread();
    one = rates.rotation();
  }
  const ParallelSession session(threads);
  // Threads that share caches, memory and parts of a core take more processor time for the same work. By the clock the
  // ratio would depend on what else the machine is doing.
  const double speedup = threads * one / rates.rotation();
  measured.push_back({"threads", static_cast<double>(threads)});
  measured.push_back({"parallelSpeedup", std::clamp(speedup, 1.0, static_cast<double>(threads))});
  return measured;
}

}  // namespace ckks
