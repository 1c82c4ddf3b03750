#include "bench_setting.h"

#include <algorithm>
#include <cstdlib>
#include <random>
#include <stdexcept>

namespace ckks {
namespace {

/// Levels of the longest chain within the cap at N = 2^13 ... 2^16.
int levelsAt(int logDimension) {
  switch (logDimension) {
    case 13:
      return 1;
    case 14:
      return 4;
    case 15:
      return 8;
    case 16:
      return 20;
    default:
      throw std::invalid_argument("benchmarks run at N = 2^13 to 2^16");
  }
}

std::vector<double> uniformValues(std::size_t count, double bound) {
  std::mt19937_64 generator(1);
  std::uniform_real_distribution<double> uniform(-bound, bound);
  std::vector<double> values(count);
  for (double& value : values) value = uniform(generator);
  return values;
}

/// Giant steps as a chain to the root, each hopping by `hop`: downwards from the greatest, then upwards from the least.
void chainGiantSteps(LinearDescription& description, long hop, long least, long greatest) {
  std::vector<long>& giants = description.giantSteps;
  for (long giant = greatest; giant > 0; giant -= hop) giants.push_back(giant);
  const auto positive = static_cast<int>(giants.size());
  for (long giant = least; giant < 0; giant += hop) giants.push_back(giant);
  const auto root = static_cast<int>(giants.size());
  giants.push_back(0);
  for (int giant = 0; giant < root; ++giant) {
    description.giantParents.push_back(giant + 1 == positive ? root : giant + 1);
  }
  description.giantParents.push_back(-1);
}

void addDiagonal(LinearTermDescription& term, const LinearDescription& description, std::size_t baby,
                 std::size_t giant) {
  term.offsets.push_back(description.babySteps[baby] + description.giantSteps[giant]);
  term.babyIndices.push_back(baby);
  term.giantIndices.push_back(giant);
}

LinearTermDescription stageOneConvolution(LinearDescription& description, const Parameters& parameters) {
  constexpr long kChannels = 16;
  constexpr long kBabyChannels = 8;
  // A column of the picture further: x is the outermost index of the slots, with 32 columns.
  const long column = static_cast<long>(parameters.slots() / 32);
  description.period = std::min<std::size_t>(512, parameters.slots() / 8);
  for (long x = -1; x <= 1; ++x) {
    for (long channel = 0; channel < kBabyChannels; ++channel) description.babySteps.push_back(x * column + channel);
  }
  chainGiantSteps(description, kBabyChannels, -4 * kBabyChannels, 3 * kBabyChannels);
  LinearTermDescription term;
  for (std::size_t baby = 0; baby < description.babySteps.size(); ++baby) {
    const long channel = static_cast<long>(baby) % kBabyChannels;
    for (std::size_t giant = 0; giant < description.giantSteps.size(); ++giant) {
      // One row of the picture is 16 slots, one channel 1: at most a row and 15 channels away.
      if (std::labs(description.giantSteps[giant] + channel) < 2 * kChannels)
        addDiagonal(term, description, baby, giant);
    }
  }
  return term;
}

LinearTermDescription denseMap(LinearDescription& description, const Parameters& parameters, std::size_t diagonals) {
  constexpr long kBabies = 16;
  description.period = parameters.slots();
  for (long baby = 0; baby < kBabies; ++baby) description.babySteps.push_back(baby);
  const long giants = (static_cast<long>(diagonals) + kBabies - 1) / kBabies;
  chainGiantSteps(description, kBabies, 0, kBabies * (giants - 1));
  LinearTermDescription term;
  for (std::size_t giant = 0; giant < description.giantSteps.size(); ++giant) {
    for (std::size_t baby = 0; baby < description.babySteps.size() && term.offsets.size() < diagonals; ++baby) {
      addDiagonal(term, description, baby, giant);
    }
  }
  return term;
}

}  // namespace

ParameterLiteral benchLiteral(int logDimension) {
  ParameterLiteral literal;
  literal.ringDimension = std::size_t{1} << logDimension;
  literal.primeBits.assign(static_cast<std::size_t>(levelsAt(logDimension)) + 1, 41);
  literal.primeBits.front() = 50;
  literal.specialPrimeBits = 50;
  for (int level = 0; level <= literal.levels(); ++level) {
    const int digitBits = 50 + 41 * level;
    literal.specialPrimes.push_back(std::clamp((digitBits - 18 + 49) / 50, 1, 17));
  }
  literal.digits.assign(literal.primeBits.size(), 1);
  literal.resultRingDimension = std::size_t{1} << 12;
  return literal;
}

BenchSetting::BenchSetting(int logDimension)
    : parameters_(std::make_shared<const Parameters>(benchLiteral(logDimension))),
      secret_(std::make_shared<const SecretKey>(parameters_, Seed::fromSystem())),
      client_(secret_),
      generator_(secret_),
      keys_(std::make_shared<KeySet>(parameters_)),
      evaluator_(parameters_, keys_, std::size_t{600} << 20),
      slots_(uniformValues(parameters_->slots(), 1)) {
  // An evaluator learns from its keys whose ciphertexts it reads.
  need("ring switch", [this](const std::string& path) { generator_.ringSwitchKey(path); });
}

std::unique_ptr<BenchSetting>& BenchSetting::current() {
  static std::unique_ptr<BenchSetting> setting;
  return setting;
}

BenchSetting& BenchSetting::of(int logDimension) {
  if (!current() || current()->parameters()->ringDimension() != std::size_t{1} << logDimension) {
    release();
    current() = std::make_unique<BenchSetting>(logDimension);
  }
  return *current();
}

void BenchSetting::need(const std::string& name, const std::function<void(const std::string& path)>& make) {
  if (!made_.insert(name).second) return;
  make(path(name));
  keys_->add(File::openForReading(path(name)));
}

void BenchSetting::needRelinearization() {
  need("relinearization",
       [this](const std::string& path) { generator_.relinearizationKey(path, parameters_->levels()); });
}

void BenchSetting::needRotations(const std::vector<long>& steps) {
  for (const long step : steps) {
    if (step == 0) continue;
    const Word element = rotationElement(parameters_->ringDimension(), step);
    need("rotation " + std::to_string(element),
         [&](const std::string& path) { generator_.rotationKey(path, element, parameters_->levels()); });
  }
}

void BenchSetting::needKeysOf(const LinearDescription& description) {
  needRotations(description.babySteps);
  for (std::size_t giant = 0; giant + 1 < description.giantSteps.size(); ++giant) {
    const auto parent = static_cast<std::size_t>(description.giantParents[giant]);
    needRotations({description.giantSteps[giant] - description.giantSteps[parent]});
  }
}

Ciphertext BenchSetting::encrypt(int level, double scale) {
  return evaluator_.read(client_.encrypt(slots_, {}, level, scale));
}

LinearDescription describeLinearMap(LinearMap map, const Parameters& parameters, int level) {
  LinearDescription description;
  description.level = level;
  description.outputScale = kActivationScale;
  LinearTermDescription term = map == LinearMap::kStageOneConvolution
                                   ? stageOneConvolution(description, parameters)
                                   : denseMap(description, parameters, map == LinearMap::kDense144 ? 144 : 255);
  term.inputScale = kSquareScale;
  term.diagonals = uniformValues(term.offsets.size() * description.period, 0.1);
  description.bias = uniformValues(description.period, 1);
  description.terms.push_back(std::move(term));
  return description;
}

}  // namespace ckks
