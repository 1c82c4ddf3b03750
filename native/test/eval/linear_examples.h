#pragma once

#include <cstddef>
#include <random>
#include <vector>

#include "ckks/eval/linear_encoding.h"

namespace ckks {

/// A linear step with uniform weights in [-bound, bound] and a uniform bias in [-1, 1]: for every term a diagonal at
/// every sum of a baby and a giant step. Giant steps form a chain towards the root: each hops to the next one.
struct LinearExample {
  int level = 0;
  double outputScale = 0x1p24;
  std::size_t period = 0;
  std::vector<long> babySteps;
  /// The last one is 0.
  std::vector<long> giantSteps;
  /// One term for each.
  std::vector<double> inputScales;
  double weightBound = 0.3;

  [[nodiscard]] LinearDescription describe(std::mt19937_64& generator) const;
};

/// The identity at one level: weight 1 at offset 0, no bias.
[[nodiscard]] LinearDescription identityStep(int level, double inputScale, double outputScale);

}  // namespace ckks
