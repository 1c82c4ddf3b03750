// Baby-step giant-step evaluation of sums of linear maps on slots, double-hoisted: baby rotations stay in the basis Q
// P, and each giant step divides by P only once, in its second component (Bossuat et al., ePrint 2020/1203).
//
//   S[j] = sum over entries with giant step j of rotate_-g(diagonal) * rotate_b(source)
//   for j in order: S[parent of j] += rotate(S[j], hop of j);  output = fold(last S) + bias
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "context.h"
#include "plaintext_encoder.h"

namespace openfhe_addon {

struct LinearEntry {
  uint32_t source;    // which input
  uint32_t baby;      // index into babySteps
  uint32_t giant;     // index into giantSteps
  uint32_t diagonal;  // index into diagonals, each of `period` values
};

// A step's plaintexts, still as real numbers: they are encoded while the step runs, a giant step at a time.
struct LinearStep {
  uint32_t level;  // at which the products are made; the result allows one rescaling less
  uint32_t sources;
  uint32_t period;
  std::vector<double> diagonals;
  std::vector<int32_t> babySteps;
  std::vector<int32_t> giantSteps;
  std::vector<int32_t> giantParents;  // above the own index; -1 for the last, the root
  std::vector<int32_t> hops;          // giant step less the parent's, reduced; of the root 0
  std::vector<LinearEntry> entries;
  std::vector<int32_t> folds;
  std::vector<double> bias;  // empty, or a power-of-two period

  size_t bytes() const {
    return (diagonals.size() + bias.size()) * sizeof(double) + entries.size() * sizeof(LinearEntry);
  }
};

// `inputs`: one ciphertext per source, each allowing at least step.level rescalings. Every rotation key must be loaded.
Ciphertext applyLinear(const Context& context, PlaintextEncoder& encoder, const LinearStep& step,
                       const std::vector<Ciphertext>& inputs);

}  // namespace openfhe_addon
