#pragma once

#include <cstddef>
#include <vector>

#include "ckks/ring/aligned.h"
#include "ckks/ring/modulus.h"

namespace ckks {

/// Constants of the exact, centred conversion from residues modulo q_0 .. q_(k-1) to residues modulo other primes
/// (`Kernels::baseConvert`; Halevi, Polyakov, Shoup, ePrint 2018/117).
///
/// With Q the product of the sources, an integer x in (-Q/2, Q/2), given by its residues, becomes
///   out_j = (sum_i y_i (Q/q_i) - v Q) outputFactor_j mod p_j,
///   y_i = x_i (Q/q_i)^-1 inputFactor_i mod q_i,   v = round(sum_i y_i / q_i).
/// Without input factors that is x outputFactor_j; with them it is [x f] outputFactor_j, f the integer modulo Q whose
/// residues are the factors and [.] the remainder of least absolute value.
/// v is summed in doubles, in index order, with fused multiply-add, the same in every kernel: it is exact unless
/// |x f mod Q| is within a share of 2^-46 of Q/2, where the result may be off by Q.
class BaseConverter {
 public:
  static constexpr std::size_t kMaxSources = 40;
  static constexpr std::size_t kMaxTerms = (kMaxSources + 2) / 2 * 2;

  /// `from`: 1 to 40 distinct primes. `inputFactors` and `outputFactors`: canonical, or empty for ones.
  /// A target may also be a source. Throws std::invalid_argument on sizes that don't match.
  BaseConverter(std::vector<Modulus> from, std::vector<Modulus> to, std::vector<Word> inputFactors = {},
                std::vector<Word> outputFactors = {});

  [[nodiscard]] const std::vector<Modulus>& from() const { return from_; }
  [[nodiscard]] const std::vector<Modulus>& to() const { return to_; }

  /// (Q/q_i)^-1 inputFactor_i mod q_i.
  [[nodiscard]] const ShoupConstant& inputConstant(std::size_t source) const { return inputConstants_[source]; }

  /// Constants of a target: one for each source and one for v, then a zero if that makes an odd number.
  [[nodiscard]] std::size_t terms() const { return (from_.size() + 2) / 2 * 2; }

  /// For target j: (Q/q_i) outputFactor_j mod p_j for each source i, then -Q outputFactor_j mod p_j.
  [[nodiscard]] const Word* outputConstants(std::size_t target) const {
    return outputConstants_.data() + target * terms();
  }

  /// The representatives of these in (-p_j/2, p_j/2).
  [[nodiscard]] const double* centredOutputConstants(std::size_t target) const {
    return centredOutputConstants_.data() + target * terms();
  }

  /// More than sum_i y_i + v.
  [[nodiscard]] double largestInputSum() const { return largestInputSum_; }

  /// The sum of the products of the constants 2k and 2k + 1 of a target, which is lows + 2^52 highs.
  struct PairProducts {
    Word lows = 0;
    Word highs = 0;
  };
  [[nodiscard]] const PairProducts& pairProducts(std::size_t target) const { return pairProducts_[target]; }

  /// Whether the target's sum_i y_i (Q/q_i) outputFactor - v Q outputFactor, each factor a residue modulo the target,
  /// is below 2^104, so that its two halves of 52 bits hold it.
  [[nodiscard]] bool sumsBelow104Bits(std::size_t target) const { return sumsBelow104Bits_[target]; }

 private:
  std::vector<Modulus> from_;
  std::vector<Modulus> to_;
  std::vector<ShoupConstant> inputConstants_;
  AlignedWords outputConstants_;
  std::vector<double> centredOutputConstants_;
  double largestInputSum_ = 0;
  std::vector<PairProducts> pairProducts_;
  std::vector<bool> sumsBelow104Bits_;
};

}  // namespace ckks
