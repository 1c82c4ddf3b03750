#include "ckks/eval/linear_evaluator.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>
#include <string>

#include "ckks/error.h"
#include "ckks/ring/kernels.h"
#include "ckks/ring/parallel.h"

namespace ckks {

/** One term's input with what its baby steps share. */
struct LinearEvaluator::Hoisted {
  const Ciphertext* input = nullptr;
  /** Absent where only baby step 0 is used. */
  std::optional<Digits> digits;
  /** By baby index; null where the term does not use the step, or for step 0. */
  std::vector<const EvaluationKey*> keys;
  std::vector<bool> used;
};

namespace {

void checkInput(const Ciphertext& input, const EncodedTerm& term, int level) {
  if (input.level < level) {
    throw Error(ErrorKind::kLevelExhausted, "linear step: an input is at level " + std::to_string(input.level) +
                                                ", the step needs " + std::to_string(level));
  }
  if (std::abs(input.scale / term.inputScale - 1) > 1e-9) {
    throw Error(ErrorKind::kScaleMismatch, "linear step: an input's scale is 2^" + std::to_string(std::log2(input.scale)) +
                                               ", the step was encoded for 2^" + std::to_string(std::log2(term.inputScale)));
  }
}

/** Largest power of two of residues such that the rotated copies of a block fit half of a level-2 cache. */
std::size_t copyBlock(std::size_t copies, std::size_t ringDimension) {
  constexpr std::size_t kCacheBytes = std::size_t{3} << 18;
  const std::size_t words = kCacheBytes / (2 * sizeof(Word) * std::max<std::size_t>(copies, 1));
  return std::clamp<std::size_t>(std::bit_floor(words), 256, ringDimension);
}

}  // namespace

LinearEvaluator::LinearEvaluator(std::shared_ptr<KeySwitcher> switcher, std::shared_ptr<const KeySet> keys)
    : switcher_(std::move(switcher)),
      keys_(std::move(keys)),
      sparse_(std::shared_ptr<const Parameters>(switcher_, &switcher_->parameters())) {}

std::vector<LinearEvaluator::Hoisted> LinearEvaluator::hoist(const EncodedLinear& step,
                                                             const std::vector<const Ciphertext*>& inputs, const Basis& basis) {
  std::vector<Hoisted> hoisted(inputs.size());
  for (std::size_t t = 0; t < inputs.size(); ++t) {
    Hoisted& entry = hoisted[t];
    entry.input = inputs[t];
    entry.keys.assign(step.babySteps().size(), nullptr);
    entry.used.assign(step.babySteps().size(), false);
    for (const EncodedDiagonal& diagonal : step.terms()[t].diagonals) entry.used[diagonal.baby] = true;
    bool rotates = false;
    for (std::size_t baby = 0; baby < entry.used.size(); ++baby) {
      if (!entry.used[baby] || step.babySteps()[baby] == 0) continue;
      entry.keys[baby] = &keys_->rotation(step.babySteps()[baby], basis.level);
      rotates = true;
    }
    if (rotates) entry.digits = switcher_->decompose(inputs[t]->c1, basis);
  }
  return hoisted;
}

void LinearEvaluator::addProductsOfRow(const EncodedLinear& step, const std::vector<Hoisted>& inputs, const Basis& basis,
                                       std::size_t row, std::size_t firstGiant, std::vector<PolynomialPair>& sums) {
  const Parameters& parameters = switcher_->parameters();
  const std::size_t n = parameters.ringDimension();
  const std::size_t limb = switcher_->limb(basis, row);
  const Modulus& modulus = parameters.modulus(limb);
  const bool special = row >= basis.limbs();
  const Word lift = special ? 0 : switcher_->specialProduct(basis, limb);

  // Weights of this row, and for each giant step of the group the copies and weights that it sums.
  struct Product {
    std::size_t copy;
    const Word* weights;
  };
  std::vector<std::vector<Product>> products(sums.size());
  std::size_t weightCount = 0;
  std::vector<std::size_t> copyOfBaby;
  std::size_t copies = 0;
  for (const EncodedTerm& term : step.terms()) weightCount += term.diagonals.size();
  AlignedWords weights(weightCount * step.sparseDimension());
  Word* nextWeights = weights.data();
  for (std::size_t t = 0; t < inputs.size(); ++t) {
    copyOfBaby.assign(step.babySteps().size(), 0);
    for (std::size_t baby = 0; baby < inputs[t].used.size(); ++baby) {
      if (inputs[t].used[baby]) copyOfBaby[baby] = copies++;
    }
    for (const EncodedDiagonal& diagonal : step.terms()[t].diagonals) {
      if (diagonal.giant < firstGiant || diagonal.giant >= firstGiant + sums.size()) continue;
      // An unrotated input is zero modulo the special primes.
      if (special && step.babySteps()[diagonal.baby] == 0) continue;
      sparse_.evaluate(nextWeights, diagonal.coefficients.data(), step.sparseDimension(), limb);
      products[diagonal.giant - firstGiant].push_back({copyOfBaby[diagonal.baby], nextWeights});
      nextWeights += step.sparseDimension();
    }
  }

  const std::size_t block = copyBlock(copies, n);
  const auto blockShift = static_cast<unsigned>(std::countr_zero(n / step.sparseDimension()));
  AlignedWords copies0(copies * block);
  AlignedWords copies1(copies * block);
  AlignedWords permuted(block);
  std::vector<std::vector<std::optional<RandomStream>>> streams(inputs.size());
  std::size_t digitCount = 1;
  for (std::size_t t = 0; t < inputs.size(); ++t) {
    streams[t].resize(step.babySteps().size());
    for (std::size_t baby = 0; baby < inputs[t].keys.size(); ++baby) {
      if (inputs[t].keys[baby]) streams[t][baby].emplace(inputs[t].keys[baby]->file.header().seed, KeyFile::kUniformDomain);
    }
    if (inputs[t].digits) digitCount = inputs[t].digits->count();
  }
  KeyScratch scratch(digitCount, block);
  std::vector<const Word*> in0;
  std::vector<const Word*> in1;
  std::vector<const Word*> plains;

  for (std::size_t begin = 0; begin < n; begin += block) {
    std::size_t copy = 0;
    for (std::size_t t = 0; t < inputs.size(); ++t) {
      const Hoisted& input = inputs[t];
      for (std::size_t baby = 0; baby < input.used.size(); ++baby) {
        if (!input.used[baby]) continue;
        Word* copy0 = copies0.data() + copy * block;
        Word* copy1 = copies1.data() + copy * block;
        ++copy;
        const EvaluationKey* key = input.keys[baby];
        if (key) {
          switcher_->innerProduct(copy0, copy1, *input.digits, *key, basis, row, begin, block, *streams[t][baby], scratch);
          if (!special) {
            kernels().permute(permuted.data() - begin, input.input->c0.limb(limb), key->automorphism, begin, begin + block);
            kernels().multiplyConstantAdd(copy0, permuted.data(), lift, block, modulus);
          }
        } else if (!special) {
          kernels().multiplyConstant(copy0, input.input->c0.limb(limb) + begin, lift, block, modulus);
          kernels().multiplyConstant(copy1, input.input->c1.limb(limb) + begin, lift, block, modulus);
        }
      }
    }
    for (std::size_t giant = 0; giant < sums.size(); ++giant) {
      in0.clear();
      in1.clear();
      plains.clear();
      for (const Product& product : products[giant]) {
        in0.push_back(copies0.data() + product.copy * block);
        in1.push_back(copies1.data() + product.copy * block);
        plains.push_back(product.weights);
      }
      kernels().plainInnerProduct(sums[giant].first.limb(row) + begin, sums[giant].second.limb(row) + begin, in0.data(),
                                  in1.data(), plains.data(), plains.size(), blockShift, begin, begin + block, true, modulus);
    }
  }
}

void LinearEvaluator::addProducts(const EncodedLinear& step, const std::vector<Hoisted>& inputs, const Basis& basis,
                                  std::size_t firstGiant, std::vector<PolynomialPair>& sums) {
  parallelFor(basis.rows(),
              [&](std::size_t row, unsigned) { addProductsOfRow(step, inputs, basis, row, firstGiant, sums); });
}

void LinearEvaluator::addRotated(PolynomialPair& sum, PolynomialPair value, const EvaluationKey& key, const Basis& basis) {
  const Parameters& parameters = switcher_->parameters();
  const std::size_t n = parameters.ringDimension();
  const Digits digits = switcher_->decompose(switcher_->divide(std::move(value.second), basis, false), basis);
  const std::size_t block = std::min(kBlock, n);
  parallelFor(basis.rows(), [&](std::size_t row, unsigned) {
    const Modulus& modulus = parameters.modulus(switcher_->limb(basis, row));
    RandomStream stream(key.file.header().seed, KeyFile::kUniformDomain);
    KeyScratch scratch(digits.count(), block);
    AlignedWords product0(block);
    AlignedWords product1(block);
    for (std::size_t begin = 0; begin < n; begin += block) {
      Word* sum0 = sum.first.limb(row) + begin;
      Word* sum1 = sum.second.limb(row) + begin;
      switcher_->innerProduct(product0.data(), product1.data(), digits, key, basis, row, begin, block, stream, scratch);
      kernels().add(sum0, sum0, product0.data(), block, modulus);
      kernels().add(sum1, sum1, product1.data(), block, modulus);
      kernels().permute(product0.data() - begin, value.first.limb(row), key.automorphism, begin, begin + block);
      kernels().add(sum0, sum0, product0.data(), block, modulus);
    }
  });
}

PolynomialPair LinearEvaluator::copy(const PolynomialPair& value) const {
  PolynomialPair duplicate{LimbMatrix(value.first.limbs(), value.first.words()),
                           LimbMatrix(value.second.limbs(), value.second.words())};
  parallelFor(value.first.limbs(), [&](std::size_t row, unsigned) {
    std::copy_n(value.first.limb(row), value.first.words(), duplicate.first.limb(row));
    std::copy_n(value.second.limb(row), value.second.words(), duplicate.second.limb(row));
  });
  return duplicate;
}

void LinearEvaluator::addBias(Ciphertext& ciphertext, const EncodedLinear& step, bool conjugated) {
  const Parameters& parameters = switcher_->parameters();
  const std::size_t dimension = step.sparseDimension();
  SparseCoefficients bias = step.bias();
  if (conjugated) {
    // a(X^-1): coefficient k moves to -k, with the sign that X^dimension = -1 gives it.
    for (std::size_t k = 1; k < dimension; ++k) bias[k] = -step.bias()[dimension - k];
  }
  parallelFor(ciphertext.c0.limbs(), [&](std::size_t limb, unsigned) {
    const Modulus& modulus = parameters.modulus(limb);
    AlignedWords values(dimension);
    sparse_.evaluate(values.data(), bias.data(), dimension, limb);
    const std::size_t repeat = parameters.ringDimension() / dimension;
    Word* out = ciphertext.c0.limb(limb);
    for (std::size_t i = 0; i < dimension; ++i) {
      for (std::size_t k = 0; k < repeat; ++k) out[i * repeat + k] = modulus.add(out[i * repeat + k], values[i]);
    }
  });
}

Ciphertext LinearEvaluator::apply(const EncodedLinear& step, const std::vector<const Ciphertext*>& inputs,
                                  std::size_t partialSumBytes, const Cancellation& cancellation) {
  if (inputs.size() != step.terms().size()) throw Error(ErrorKind::kInvalidParameter, "linear step: wrong number of inputs");
  for (std::size_t t = 0; t < inputs.size(); ++t) checkInput(*inputs[t], step.terms()[t], step.level());
  const Basis basis = switcher_->basis(step.level());
  const std::size_t n = switcher_->parameters().ringDimension();
  const std::size_t giants = step.giantSteps().size();
  // Resolved before any work, so that a missing key costs nothing.
  std::vector<const EvaluationKey*> hops(giants, nullptr);
  for (std::size_t j = 0; j + 1 < giants; ++j) {
    const long parent = step.giantSteps()[static_cast<std::size_t>(step.giantParents()[j])];
    hops[j] = &keys_->rotation(step.giantSteps()[j] - parent, basis.level);
  }
  std::vector<const EvaluationKey*> folds;
  for (long fold : step.folds()) folds.push_back(&keys_->rotation(fold, basis.level));
  const EvaluationKey* conjugation = step.conjugate() ? &keys_->conjugation(basis.level) : nullptr;

  const std::vector<Hoisted> hoisted = hoist(step, inputs, basis);
  const std::size_t sumBytes = 2 * basis.rows() * n * sizeof(Word);
  const std::size_t group = std::clamp<std::size_t>(partialSumBytes / sumBytes, 1, giants);
  std::vector<std::optional<PolynomialPair>> sums(giants);
  for (std::size_t first = 0; first < giants; first += group) {
    std::vector<PolynomialPair> made;
    for (std::size_t j = first; j < std::min(first + group, giants); ++j) {
      made.push_back(sums[j] ? std::move(*sums[j]) : PolynomialPair{LimbMatrix(basis.rows(), n), LimbMatrix(basis.rows(), n)});
    }
    cancellation.check();
    addProducts(step, hoisted, basis, first, made);
    for (std::size_t j = first; j < first + made.size(); ++j) sums[j] = std::move(made[j - first]);
    for (std::size_t j = first; j < first + made.size(); ++j) {
      if (!hops[j]) continue;
      cancellation.check();
      std::optional<PolynomialPair>& parent = sums[static_cast<std::size_t>(step.giantParents()[j])];
      if (!parent) parent = PolynomialPair{LimbMatrix(basis.rows(), n), LimbMatrix(basis.rows(), n)};
      addRotated(*parent, std::move(*sums[j]), *hops[j], basis);
      sums[j].reset();
    }
  }

  PolynomialPair total = std::move(*sums.back());
  for (const EvaluationKey* fold : folds) {
    cancellation.check();
    addRotated(total, copy(total), *fold, basis);
  }
  const auto finish = [&](PolynomialPair value, bool conjugated) {
    Ciphertext result;
    result.level = step.level() - 1;
    result.scale = step.outputScale();
    result.c0 = switcher_->divide(std::move(value.first), basis, true);
    result.c1 = switcher_->divide(std::move(value.second), basis, true);
    addBias(result, step, conjugated);
    return result;
  };
  std::unique_ptr<const Ciphertext> conjugate;
  if (conjugation) {
    PolynomialPair conjugated{LimbMatrix(basis.rows(), n), LimbMatrix(basis.rows(), n)};
    addRotated(conjugated, copy(total), *conjugation, basis);
    conjugate = std::make_unique<const Ciphertext>(finish(std::move(conjugated), true));
  }
  Ciphertext result = finish(std::move(total), false);
  result.conjugate = std::move(conjugate);
  return result;
}

}  // namespace ckks
