#pragma once

#include <map>
#include <optional>
#include <span>
#include <vector>

#include "ckks/eval/cancellation.h"
#include "ckks/scheme/ciphertext.h"

namespace ckks {

class Evaluator;

/** Coefficients in T_k(x / bound) of the polynomial whose coefficients in x^k are given. */
std::vector<double> chebyshevCoefficients(std::span<const double> powers, double bound);

/**
 * Sums of Chebyshev polynomials of one input by Paterson and Stockmeyer's recursion: p = quotient T_g + remainder with
 * g = m 2^j, down to sums of T_0 .. T_(m-1) (Chen, Chillotti, Song, ePrint 2018/1043, section 4.2). A polynomial of
 * degree d takes ceil(log2(d + 2)) levels, and one more where the input's scale times the bound exceeds the primes.
 *
 * Values are brought to a scale near the primes' by an integer factor first, so that products keep their precision, and
 * every constant is chosen so that summands meet at exactly the same scale.
 */
class ChebyshevEvaluator {
 public:
  /** `count`: number of coefficients of the longest polynomial, at least 2. |x| <= bound for the input's values x. */
  ChebyshevEvaluator(Evaluator& evaluator, const Ciphertext& input, double bound, std::size_t count,
                     const Cancellation& cancellation);

  /** sum coefficients[k] T_k(x / bound) at `level` and `scale`. Throws Error(kLevelExhausted). */
  Ciphertext evaluate(std::span<const double> coefficients, int level, double scale);

 private:
  const Ciphertext& basis(std::size_t degree);
  Ciphertext combine(std::span<const double> coefficients, int level, double scale);
  double prime(int level) const;

  Evaluator& evaluator_;
  const Cancellation& cancellation_;
  /** Polynomials below this degree are summed directly. */
  std::size_t babyDegree_;
  std::map<std::size_t, Ciphertext> basis_;
};

}  // namespace ckks
