#include "eval/linear_examples.h"

namespace ckks {

LinearDescription LinearExample::describe(std::mt19937_64& generator) const {
  std::uniform_real_distribution<double> uniform(-1, 1);
  LinearDescription description;
  description.level = level;
  description.outputScale = outputScale;
  description.period = period;
  description.babySteps = babySteps;
  description.giantSteps = giantSteps;
  for (std::size_t giant = 0; giant < giantSteps.size(); ++giant) {
    description.giantParents.push_back(giant + 1 < giantSteps.size() ? static_cast<int>(giant + 1) : -1);
  }
  for (std::size_t i = 0; i < period; ++i) description.bias.push_back(uniform(generator));
  for (const double inputScale : inputScales) {
    LinearTermDescription& term = description.terms.emplace_back();
    term.inputScale = inputScale;
    for (std::size_t baby = 0; baby < babySteps.size(); ++baby) {
      for (std::size_t giant = 0; giant < giantSteps.size(); ++giant) {
        term.offsets.push_back(babySteps[baby] + giantSteps[giant]);
        term.babyIndices.push_back(baby);
        term.giantIndices.push_back(giant);
        for (std::size_t i = 0; i < period; ++i) term.diagonals.push_back(weightBound * uniform(generator));
      }
    }
  }
  return description;
}

LinearDescription identityStep(int level, double inputScale, double outputScale) {
  LinearDescription description;
  description.level = level;
  description.outputScale = outputScale;
  description.period = 8;
  description.babySteps = {0};
  description.giantSteps = {0};
  description.giantParents = {-1};
  description.bias.assign(8, 0.0);
  LinearTermDescription& term = description.terms.emplace_back();
  term.inputScale = inputScale;
  term.offsets = {0};
  term.babyIndices = {0};
  term.giantIndices = {0};
  term.diagonals.assign(8, 1.0);
  return description;
}

}  // namespace ckks
