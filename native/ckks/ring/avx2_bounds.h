#pragma once

#include <cstddef>

#include "ckks/ring/attributes.h"

/// How far the AVX2 kernels may put off reductions: bounds of magnitudes modulo a prime q, by which the kernels choose
/// where they reduce. Plain arithmetic, so that every processor can check it.
namespace ckks::avx2 {

/// Largest magnitude that is multiplied by a centred factor w, |w| <= q / 2: the quotient of the product by q is then
/// at most 2^51, the largest that adding 1.5 2^52 rounds to an integer.
inline constexpr double kLargestReal = 0x1p52;

/// The remainder of a real of at most kLargestReal by its rounded quotient: a half, and less than one for the
/// reciprocal's rounding.
CKKS_INLINE constexpr double reducedBound(double q) { return q / 2 + 1; }

/// The remainder of a product a w, |a| <= `bound`: the quotient is off by half and by |a w / q| 2^-52 for the two
/// roundings of w / q.
CKKS_INLINE constexpr double productBound(double bound, double q) { return q / 2 + bound * (q * 0x1p-53) + 1; }

/// Levels of a transform within registers, over blocks of 16 words, and most levels above those.
inline constexpr int kRegisterBlockBits = 4;
inline constexpr int kMaxUpperLevels = 13;

/// How many levels the next pass takes of those above the register blocks: threes at the small end.
CKKS_INLINE constexpr int levelsOfPass(int remaining) {
  if (remaining % 3 == 0) return 3;
  return remaining == 1 ? 1 : 2;
}

/// Where a transform reduces.
struct TransformPlan {
  /// By the number of levels of a pass's block above the register blocks: forwards whether it reduces one input of each
  /// of its first butterflies, backwards whether it reduces all its inputs.
  bool passes[kMaxUpperLevels + 1] = {};
  /// The same for the levels within registers; backwards it is after two of them.
  bool registerBlocks = false;
  /// No magnitude on the way is larger.
  double largest = 0;
};

/// After `levels` levels of Cooley-Tukey butterflies, (a, b) to (a + w b, a - w b), from magnitudes up to `bound`;
/// `reduces`: with the first level's a reduced.
CKKS_INLINE constexpr double forwardBound(double bound, int levels, bool reduces, double q) {
  double sum = reduces ? reducedBound(q) : bound;
  for (int level = 0; level < levels; ++level) {
    sum += productBound(bound, q);
    bound = sum;
  }
  return bound;
}

/// After `levels` levels of Gentleman-Sande butterflies, (a, b) to (a + b, w (b - a)), from magnitudes up to `bound`,
/// at least q / 2. Sums double; differences are as large, and products smaller.
CKKS_INLINE constexpr double inverseBound(double bound, int levels) { return bound * static_cast<double>(1 << levels); }

/// Of transforms modulo q with that many levels above the register blocks, from canonical words: passes reduce only
/// where they must.
CKKS_INLINE constexpr TransformPlan forwardPlan(int upperLevels, double q) {
  TransformPlan plan;
  double bound = q;
  int remaining = upperLevels;
  while (true) {
    const int levels = remaining == 0 ? kRegisterBlockBits : levelsOfPass(remaining);
    const bool reduces = forwardBound(bound, levels, false, q) > kLargestReal;
    (remaining == 0 ? plan.registerBlocks : plan.passes[remaining]) = reduces;
    bound = forwardBound(bound, levels, reduces, q);
    plan.largest = bound > plan.largest ? bound : plan.largest;
    if (remaining == 0) return plan;
    remaining -= levels;
  }
}

CKKS_INLINE constexpr TransformPlan inversePlan(int upperLevels, double q) {
  TransformPlan plan;
  plan.registerBlocks = inverseBound(q, kRegisterBlockBits) > kLargestReal;
  double bound =
      plan.registerBlocks ? inverseBound(reducedBound(q), kRegisterBlockBits / 2) : inverseBound(q, kRegisterBlockBits);
  plan.largest = plan.registerBlocks ? inverseBound(q, kRegisterBlockBits / 2) : bound;
  // Passes go up; what each takes depends on all that remain above the register blocks.
  int blocks[kMaxUpperLevels] = {};
  int count = 0;
  for (int remaining = upperLevels; remaining > 0; remaining -= levelsOfPass(remaining)) blocks[count++] = remaining;
  while (count-- > 0) {
    const int levels = levelsOfPass(blocks[count]);
    const bool reduces = inverseBound(bound, levels) > kLargestReal;
    plan.passes[blocks[count]] = reduces;
    bound = inverseBound(reduces ? reducedBound(q) : bound, levels);
    plan.largest = bound > plan.largest ? bound : plan.largest;
  }
  return plan;
}

/// How a sum of products splits each: into a multiple of U = 2^unitBits and a rest of at most U / 2, which are summed
/// apart.
struct SumWidth {
  int unitBits;
  double largestSum;  ///< of the products' magnitudes
  std::size_t largestCount;
};

/// Both sums are doubles: multiples of U up to 2^51 U, and rests up to 2^51 in all.
inline constexpr SumWidth kNarrowSum{47, 0x1p98, 32};
/// Both sums are integers. Rests outgrow 52 bits, and what they carry is added to the multiples, of which there are up
/// to 2^52.
inline constexpr SumWidth kWideSum{51, 0x1p103, 1024};

/// How many products of magnitude up to `largest` fit.
CKKS_INLINE constexpr std::size_t termsThatFit(const SumWidth& width, double largest) {
  const double most = width.largestSum / largest;
  return most < static_cast<double>(width.largestCount) ? static_cast<std::size_t>(most) : width.largestCount;
}

/// Magnitude of a product of canonical operands as RealModulus::multiply leaves it, an input of plainInnerProducts: the
/// quotient is off by half and by a b / q 2^-52, at most a quarter.
CKKS_INLINE constexpr double inputBound(double q) { return 0.75 * q + 1; }

/// Magnitude of a term of plainInnerProducts: its weight is reduced.
CKKS_INLINE constexpr double plainTermBound(double q) { return inputBound(q) * reducedBound(q); }

}  // namespace ckks::avx2
