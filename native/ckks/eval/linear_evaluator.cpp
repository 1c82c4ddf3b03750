#include "ckks/eval/linear_evaluator.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "ckks/error.h"
#include "ckks/eval/imaginary_unit.h"
#include "ckks/ring/kernels.h"
#include "ckks/ring/parallel.h"

namespace ckks {
namespace {

void checkInput(const Ciphertext& input, const EncodedTerm& term, int level) {
  if (input.level < level) {
    throw Error(ErrorKind::kLevelExhausted, "linear step: an input is at level " + std::to_string(input.level) +
                                                ", the step needs " + std::to_string(level));
  }
  if (std::abs(input.scale / term.inputScale - 1) > 1e-9) {
    throw Error(ErrorKind::kScaleMismatch,
                "linear step: an input's scale is 2^" + std::to_string(std::log2(input.scale)) +
                    ", the step was encoded for 2^" + std::to_string(std::log2(term.inputScale)));
  }
}

/** a(X^-1), the polynomial whose slots are the conjugates. */
SparseCoefficients conjugated(const SparseCoefficients& coefficients) {
  SparseCoefficients result = coefficients;
  for (std::size_t k = 1; k < result.size(); ++k) result[k] = -coefficients[coefficients.size() - k];
  return result;
}

}  // namespace

/** The keys of a step beside those of its baby steps; finding them makes sure of the latter, before any work. */
struct LinearEvaluator::StepKeys {
  std::vector<const EvaluationKey*> hops;  // by giant step; null for the root
  std::vector<const EvaluationKey*> folds;
  const EvaluationKey* conjugation = nullptr;
  const EvaluationKey* copy = nullptr;
};

LinearEvaluator::LinearEvaluator(std::shared_ptr<KeySwitcher> switcher, std::shared_ptr<const KeySet> keys)
    : switcher_(std::move(switcher)),
      keys_(std::move(keys)),
      sparse_(std::shared_ptr<const Parameters>(switcher_, &switcher_->parameters())) {}

LinearEvaluator::StepKeys LinearEvaluator::findKeys(const EncodedLinear& step, int level) const {
  for (const EncodedTerm& term : step.terms()) {
    for (const EncodedDiagonal& diagonal : term.diagonals) {
      const long baby = step.babySteps()[diagonal.baby];
      if (baby != 0) static_cast<void>(keys_->rotation(baby, level));
    }
  }
  StepKeys found;
  const std::vector<long>& giants = step.giantSteps();
  for (std::size_t j = 0; j + 1 < giants.size(); ++j) {
    const long parent = giants[static_cast<std::size_t>(step.giantParents()[j])];
    found.hops.push_back(&keys_->rotation(giants[j] - parent, level));
  }
  found.hops.push_back(nullptr);
  for (long fold : step.folds()) found.folds.push_back(&keys_->rotation(fold, level));
  if (step.conjugate() || step.takesRealPart()) found.conjugation = &keys_->conjugation(level);
  if (step.takesRealPart()) found.copy = &keys_->rotation(step.imaginaryShift(), level);
  return found;
}

Ciphertext LinearEvaluator::packCopy(const Ciphertext& input, const EvaluationKey& key, const Basis& basis) {
  const Parameters& parameters = switcher_->parameters();
  const std::size_t n = parameters.ringDimension();
  Digits digits = switcher_->decompose(input.c1, basis);
  const PolynomialPair rotated = switcher_->switchKey(input.c0, digits, key, basis);
  Ciphertext packed{LimbMatrix(basis.limbs(), n), LimbMatrix(basis.limbs(), n), basis.level, input.scale, nullptr};
  parallelFor(basis.limbs(), [&](std::size_t limb, unsigned) {
    const NttTable& table = parameters.table(limb);
    Word* c0 = packed.c0.limb(limb);
    Word* c1 = packed.c1.limb(limb);
    std::copy_n(input.c0.limb(limb), n, c0);
    std::copy_n(input.c1.limb(limb), n, c1);
    addTimesImaginaryUnit(c0, rotated.first.limb(limb), table);
    addTimesImaginaryUnit(c1, rotated.second.limb(limb), table);
  });
  return packed;
}

void LinearEvaluator::addRotated(PartialSum& sum, PolynomialPair value, const EvaluationKey& key, const Basis& basis) {
  if (!sum) {
    const std::size_t n = switcher_->parameters().ringDimension();
    sum = PolynomialPair{LimbMatrix::zero(basis.rows(), n), LimbMatrix::zero(basis.rows(), n)};
  }
  Digits digits = switcher_->divideAndDecompose(std::move(value.second), basis);
  switcher_->addSwitched(*sum, value.first, std::move(digits), key, basis);
}

PolynomialPair LinearEvaluator::sumGiantSteps(const EncodedLinear& step, HoistedProducts& products,
                                              const StepKeys& keys, const Basis& basis, std::size_t partialSumBytes,
                                              const Cancellation& cancellation) {
  const std::size_t giants = step.giantSteps().size();
  const std::size_t sumBytes = 2 * basis.rows() * switcher_->parameters().ringDimension() * sizeof(Word);
  const std::size_t group = std::clamp<std::size_t>(partialSumBytes / sumBytes, 1, giants);
  std::vector<PartialSum> sums(giants);
  for (std::size_t first = 0; first < giants; first += group) {
    const std::size_t end = std::min(first + group, giants);
    cancellation.check();
    std::vector<PartialSum> made(std::make_move_iterator(sums.begin() + static_cast<std::ptrdiff_t>(first)),
                                 std::make_move_iterator(sums.begin() + static_cast<std::ptrdiff_t>(end)));
    products.addTo(made, first);
    std::move(made.begin(), made.end(), sums.begin() + static_cast<std::ptrdiff_t>(first));
    for (std::size_t j = first; j < end; ++j) {
      if (!keys.hops[j]) continue;
      cancellation.check();
      PolynomialPair sum = std::move(*sums[j]);
      sums[j].reset();
      addRotated(sums[static_cast<std::size_t>(step.giantParents()[j])], std::move(sum), *keys.hops[j], basis);
    }
  }
  return std::move(*sums.back());
}

PolynomialPair LinearEvaluator::copy(const PolynomialPair& value) const {
  const std::size_t n = value.first.words();
  PolynomialPair duplicate{LimbMatrix(value.first.limbs(), n), LimbMatrix(value.second.limbs(), n)};
  parallelFor(value.first.limbs(), [&](std::size_t row, unsigned) {
    std::copy_n(value.first.limb(row), n, duplicate.first.limb(row));
    std::copy_n(value.second.limb(row), n, duplicate.second.limb(row));
  });
  return duplicate;
}

void LinearEvaluator::addBias(LimbMatrix& polynomial, const SparseCoefficients& bias) {
  const std::size_t repeat = polynomial.words() / bias.size();
  parallelFor(polynomial.limbs(), [&](std::size_t limb, unsigned) {
    const Modulus& modulus = switcher_->parameters().modulus(limb);
    AlignedWords values(bias.size());
    sparse_.evaluate(values.data(), bias.data(), bias.size(), limb);
    Word* out = polynomial.limb(limb);
    for (std::size_t i = 0; i < polynomial.words(); ++i) out[i] = modulus.add(out[i], values[i / repeat]);
  });
}

Ciphertext LinearEvaluator::rescale(PolynomialPair value, const EncodedLinear& step, const Basis& basis,
                                    const SparseCoefficients& bias) {
  Ciphertext result;
  result.level = step.level() - 1;
  result.scale = step.outputScale();
  result.c0 = switcher_->divide(std::move(value.first), basis, true);
  result.c1 = switcher_->divide(std::move(value.second), basis, true);
  addBias(result.c0, bias);
  return result;
}

Ciphertext LinearEvaluator::apply(const EncodedLinear& step, const std::vector<const Ciphertext*>& inputs,
                                  std::size_t partialSumBytes, const Cancellation& cancellation) {
  if (inputs.size() != step.terms().size())
    throw Error(ErrorKind::kInvalidParameter, "linear step: wrong number of inputs");
  for (std::size_t t = 0; t < inputs.size(); ++t) checkInput(*inputs[t], step.terms()[t], step.level());
  const Basis basis = switcher_->basis(step.level());
  const StepKeys keys = findKeys(step, basis.level);
  std::vector<Ciphertext> packed;
  packed.reserve(inputs.size());
  std::vector<const Ciphertext*> sources = inputs;
  for (std::size_t t = 0; t < inputs.size(); ++t) {
    if (step.terms()[t].packed) sources[t] = &packed.emplace_back(packCopy(*inputs[t], *keys.copy, basis));
  }
  HoistedProducts products(*switcher_, sparse_, *keys_, step, sources, basis);

  PolynomialPair total = sumGiantSteps(step, products, keys, basis, partialSumBytes, cancellation);
  for (const EvaluationKey* fold : keys.folds) {
    cancellation.check();
    PartialSum sum = copy(total);
    addRotated(sum, std::move(total), *fold, basis);
    total = std::move(*sum);
  }
  if (step.takesRealPart()) {
    PartialSum sum = copy(total);
    addRotated(sum, std::move(total), *keys.conjugation, basis);
    total = std::move(*sum);
  }
  std::unique_ptr<const Ciphertext> conjugate;
  if (step.conjugate()) {
    cancellation.check();
    PartialSum sum;
    addRotated(sum, copy(total), *keys.conjugation, basis);
    conjugate = std::make_unique<const Ciphertext>(rescale(std::move(*sum), step, basis, conjugated(step.bias())));
  }
  cancellation.check();
  Ciphertext result = rescale(std::move(total), step, basis, step.bias());
  result.conjugate = std::move(conjugate);
  return result;
}

}  // namespace ckks
