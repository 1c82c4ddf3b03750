#include "ckks/eval/linear_encoding.h"

#include <algorithm>
#include <bit>
#include <string>

#include "ckks/error.h"
#include "ckks/ring/parallel.h"
#include "ckks/scheme/encoder.h"

namespace ckks {
namespace {

void check(bool condition, const std::string& message) {
  if (!condition) throw Error(ErrorKind::kInvalidParameter, "linear step: " + message);
}

void checkGiantTree(const LinearDescription& description) {
  const std::size_t count = description.giantSteps.size();
  check(count >= 1 && description.giantParents.size() == count, "expected a parent for each giant step");
  check(description.giantSteps.back() == 0 && description.giantParents.back() == -1,
        "the last giant step must be the root");
  for (std::size_t j = 0; j + 1 < count; ++j) {
    const int parent = description.giantParents[j];
    check(parent > static_cast<int>(j) && parent < static_cast<int>(count), "giant steps must precede their parents");
  }
}

void checkDescription(const Parameters& parameters, const LinearDescription& description) {
  if (description.level < 1 || description.level > parameters.levels()) {
    throw Error(ErrorKind::kLevelExhausted, "linear step: level " + std::to_string(description.level) +
                                                ", expected 1 to " + std::to_string(parameters.levels()));
  }
  const std::size_t period = description.period;
  check(std::has_single_bit(period) && period >= 8 && period <= parameters.slots(),
        "the period must be a power of two from 8 to the number of slots");
  check(description.bias.size() == period, "expected a bias of one period");
  check(!description.terms.empty() && !description.babySteps.empty(), "expected a term and a baby step");
  checkGiantTree(description);
  const long slots = static_cast<long>(parameters.slots());
  for (const LinearTermDescription& term : description.terms) {
    const std::size_t count = term.offsets.size();
    check(term.shiftedDiagonals.empty() || (term.shiftedDiagonals.size() == count * period && !description.conjugate),
          "shifted diagonals must match the others, and do not go with a conjugate");
    check(term.diagonals.size() == count * period, "expected one period of values for each offset");
    check(term.babyIndices.size() == count && term.giantIndices.size() == count,
          "expected a baby and a giant step for each offset");
    for (std::size_t k = 0; k < count; ++k) {
      check(term.babyIndices[k] < description.babySteps.size() && term.giantIndices[k] < description.giantSteps.size(),
            "unknown baby or giant step");
      const long sum = description.babySteps[term.babyIndices[k]] + description.giantSteps[term.giantIndices[k]];
      check((sum - term.offsets[k]) % slots == 0, "an offset is not the sum of its steps");
    }
  }
}

/**
 * The period that is encoded: the stated one, or all slots where a weight would stand for fewer evaluations than the
 * kernels broadcast (which only happens in rings too small to be of use).
 */
std::size_t encodedPeriod(const Parameters& parameters, std::size_t period) {
  constexpr std::size_t kLeastBroadcast = 8;
  return parameters.slots() / period >= kLeastBroadcast ? period : parameters.slots();
}

/** `count` values of diagonal[(i - giant) mod period]: what the giant rotation turns into the diagonal. */
std::vector<double> rotateBack(const double* diagonal, std::size_t period, long giant, std::size_t count) {
  std::vector<double> rotated(count);
  const long length = static_cast<long>(period);
  const std::size_t shift = static_cast<std::size_t>(((giant % length) + length) % length);
  for (std::size_t i = 0; i < count; ++i) rotated[i] = diagonal[(i + period - shift) % period];
  return rotated;
}

}  // namespace

EncodedLinear::EncodedLinear(const Parameters& parameters, const LinearDescription& description)
    : level_(description.level),
      outputScale_(description.outputScale),
      period_(0),
      babySteps_(description.babySteps),
      giantSteps_(description.giantSteps),
      giantParents_(description.giantParents),
      folds_(description.folds),
      conjugate_(description.conjugate),
      takesRealPart_(std::any_of(description.terms.begin(), description.terms.end(),
                                 [](const LinearTermDescription& term) { return !term.shiftedDiagonals.empty(); })),
      imaginaryShift_(description.imaginaryShift) {
  checkDescription(parameters, description);
  period_ = encodedPeriod(parameters, description.period);
  const Encoder encoder(2 * period_);
  const double divisor = static_cast<double>(parameters.modulus(static_cast<std::size_t>(level_)).value);
  for (const LinearTermDescription& term : description.terms) {
    EncodedTerm& encoded = terms_.emplace_back(EncodedTerm{term.inputScale, !term.shiftedDiagonals.empty(), {}});
    encoded.diagonals.resize(term.offsets.size());
    // The real part is half the sum with the conjugate.
    const double weightScale = outputScale_ * divisor / term.inputScale / (takesRealPart_ ? 2 : 1);
    parallelFor(term.offsets.size(), [&](std::size_t k, unsigned) {
      EncodedDiagonal& diagonal = encoded.diagonals[k];
      diagonal.baby = term.babyIndices[k];
      diagonal.giant = term.giantIndices[k];
      diagonal.coefficients.resize(2 * period_);
      const auto values = [&](const std::vector<double>& diagonals) {
        return rotateBack(diagonals.data() + k * description.period, description.period, giantSteps_[diagonal.giant],
                          period_);
      };
      std::vector<double> imaginary;
      if (encoded.packed) {
        imaginary = values(term.shiftedDiagonals);
        for (double& value : imaginary) value = -value;
      }
      encoder.encode(diagonal.coefficients, values(term.diagonals), imaginary, weightScale);
    });
  }
  const std::vector<double> bias = rotateBack(description.bias.data(), description.period, 0, period_);
  bias_.resize(2 * period_);
  encoder.encode(bias_, bias, conjugate_ ? std::span<const double>(bias) : std::span<const double>(), outputScale_);
}

std::size_t EncodedLinear::bytes() const {
  std::size_t polynomials = 1;
  for (const EncodedTerm& term : terms_) polynomials += term.diagonals.size();
  return polynomials * 2 * period_ * sizeof(std::int64_t);
}

}  // namespace ckks
