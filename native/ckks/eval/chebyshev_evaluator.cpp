#include "ckks/eval/chebyshev_evaluator.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <string>
#include <utility>

#include "ckks/error.h"
#include "ckks/eval/evaluator.h"

namespace ckks {
namespace {

/** p = quotient T_g + remainder, for g <= degree < 2 g: T_k = 2 T_g T_(k-g) - T_(2g-k). */
std::pair<std::vector<double>, std::vector<double>> divideByBasis(std::span<const double> coefficients, std::size_t g) {
  std::vector<double> quotient(coefficients.size() - g);
  std::vector<double> remainder(coefficients.begin(), coefficients.begin() + static_cast<std::ptrdiff_t>(g));
  quotient[0] = coefficients[g];
  for (std::size_t k = g + 1; k < coefficients.size(); ++k) {
    quotient[k - g] = 2 * coefficients[k];
    remainder[2 * g - k] -= coefficients[k];
  }
  return {std::move(quotient), std::move(remainder)};
}

}  // namespace

std::vector<double> chebyshevCoefficients(std::span<const double> powers, double bound) {
  // Horner's rule in the Chebyshev basis: x T_k = bound (T_(k+1) + T_|k-1|) / 2.
  std::vector<double> result(powers.size(), 0.0);
  for (std::size_t i = powers.size(); i-- > 0;) {
    std::vector<double> next(powers.size(), 0.0);
    for (std::size_t k = 0; k + 1 < result.size(); ++k) {
      next[k + 1] += bound * result[k] / 2;
      next[k == 0 ? 1 : k - 1] += bound * result[k] / 2;
    }
    next[0] += powers[i];
    result = std::move(next);
  }
  return result;
}

ChebyshevEvaluator::ChebyshevEvaluator(Evaluator& evaluator, const Ciphertext& input, double bound, std::size_t count,
                                       const Cancellation& cancellation)
    : evaluator_(evaluator), cancellation_(cancellation) {
  if (count < 2 || !(bound > 0))
    throw Error(ErrorKind::kInvalidParameter, "polynomial: expected degree 1 or more and a positive bound");
  // Near the square root of the degree: as many products for the basis as for the recursion.
  babyDegree_ =
      std::max<std::size_t>(2, std::bit_floor(static_cast<std::size_t>(std::sqrt(2.0 * static_cast<double>(count)))));
  // Products keep their scale only if it is the primes': from below an integer factor brings it there, from above a
  // level.
  const double scale = input.scale * bound;
  const bool takesLevel = scale > 1.01 * prime(input.level);
  const double target = takesLevel ? prime(input.level) * prime(std::max(input.level - 1, 0)) : prime(input.level);
  const auto factor = static_cast<std::int64_t>(std::llround(target / scale));
  Ciphertext first = evaluator.multiplyInteger(input, factor, true);
  first.scale = scale * static_cast<double>(factor);
  basis_.emplace(1, takesLevel ? evaluator.rescale(std::move(first)) : std::move(first));
}

double ChebyshevEvaluator::prime(int level) const {
  return static_cast<double>(evaluator_.parameters().modulus(static_cast<std::size_t>(level)).value);
}

const Ciphertext& ChebyshevEvaluator::basis(std::size_t degree) {
  const auto found = basis_.find(degree);
  if (found != basis_.end()) return found->second;
  const std::size_t half = std::bit_ceil(degree) / 2;
  const Ciphertext& left = basis(half);
  const Ciphertext& right = basis(degree - half);
  Ciphertext product = evaluator_.multiply(left, right, cancellation_);
  // 2 T_a T_b - T_|a-b|, met at the scale of the product.
  product = evaluator_.multiplyInteger(product, 2, false);
  if (2 * half == degree) {
    evaluator_.addConstant(product, -1);
  } else {
    const Ciphertext& difference = basis(2 * half - degree);
    const auto factor = static_cast<std::int64_t>(std::llround(product.scale / difference.scale));
    Ciphertext subtrahend = evaluator_.multiplyInteger(difference, -factor, false);
    subtrahend.scale = product.scale;
    product = evaluator_.add(product, subtrahend);
  }
  return basis_.emplace(degree, evaluator_.rescale(std::move(product))).first->second;
}

Ciphertext ChebyshevEvaluator::combine(std::span<const double> coefficients, int level, double scale) {
  const double productScale = scale * prime(level + 1);
  std::optional<Ciphertext> sum;
  for (std::size_t k = 1; k < coefficients.size(); ++k) {
    const Ciphertext& value = basis(k);
    const auto factor = static_cast<std::int64_t>(std::llround(coefficients[k] * productScale / value.scale));
    Ciphertext summand = evaluator_.multiplyInteger(evaluator_.dropToLevel(value, level + 1), factor, false);
    summand.scale = productScale;
    sum = sum ? evaluator_.add(*sum, summand) : std::move(summand);
  }
  if (!coefficients.empty()) evaluator_.addConstant(*sum, coefficients[0]);
  Ciphertext result = evaluator_.rescale(std::move(*sum));
  result.scale = scale;
  return result;
}

Ciphertext ChebyshevEvaluator::evaluate(std::span<const double> coefficients, int level, double scale) {
  if (level < 0) throw Error(ErrorKind::kLevelExhausted, "polynomial: not enough levels");
  if (coefficients.size() <= babyDegree_) {
    std::vector<double> padded(coefficients.begin(), coefficients.end());
    padded.resize(std::max<std::size_t>(2, padded.size()));
    return combine(padded, level, scale);
  }
  std::size_t g = babyDegree_;
  while (2 * g < coefficients.size()) g *= 2;
  const auto [quotient, remainder] = divideByBasis(coefficients, g);
  const Ciphertext& giant = basis(g);
  cancellation_.check();
  const Ciphertext left = evaluate(quotient, level + 1, scale * prime(level + 1) / giant.scale);
  Ciphertext product =
      evaluator_.rescale(evaluator_.multiply(left, evaluator_.dropToLevel(giant, level + 1), cancellation_));
  product.scale = scale;
  return evaluator_.add(product, evaluate(remainder, level, scale));
}

}  // namespace ckks
