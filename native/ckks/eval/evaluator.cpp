#include "ckks/eval/evaluator.h"

#include <algorithm>
#include <cmath>

#include "ckks/error.h"
#include "ckks/eval/chebyshev_evaluator.h"
#include "ckks/eval/imaginary_unit.h"
#include "ckks/io/ciphertext_codec.h"
#include "ckks/ring/kernels.h"
#include "ckks/ring/parallel.h"

namespace ckks {
namespace {

/** Keys that hoisted rotations use at a time: their remainders take 90 MB at N = 2^16 and seventeen special primes. */
constexpr std::size_t kKeysAtATime = 5;

/** Limbs q_0 .. q_level of a polynomial. */
LimbMatrix lowerLimbs(const LimbMatrix& polynomial, int level) {
  LimbMatrix copy(static_cast<std::size_t>(level) + 1, polynomial.words());
  parallelFor(copy.limbs(), [&](std::size_t limb, unsigned) {
    std::copy_n(polynomial.limb(limb), polynomial.words(), copy.limb(limb));
  });
  return copy;
}

void requireLevel(const Ciphertext& input, int least, const std::string& operation) {
  if (input.level < least) {
    throw Error(ErrorKind::kLevelExhausted,
                operation + ": level " + std::to_string(input.level) + ", needs at least " + std::to_string(least));
  }
}

}  // namespace

Evaluator::Evaluator(std::shared_ptr<const Parameters> parameters, std::shared_ptr<const KeySet> keys,
                     std::size_t partialSumBytes)
    : parameters_(std::move(parameters)),
      keys_(std::move(keys)),
      switcher_(std::make_shared<KeySwitcher>(parameters_)),
      linear_(switcher_, keys_),
      partialSumBytes_(partialSumBytes) {}

Ciphertext Evaluator::read(std::span<const std::uint8_t> bytes) const {
  return readCiphertext(*parameters_, keys_->id(), bytes);
}

std::vector<std::uint8_t> Evaluator::write(const Ciphertext& ciphertext) const {
  return writeCiphertext(*parameters_, keys_->id(), ciphertext);
}

std::vector<std::uint8_t> Evaluator::writeResult(const Ciphertext& ciphertext) {
  const Basis basis{0, 1};
  const EvaluationKey& key = keys_->ringSwitch();
  Digits digits = switcher_->decompose(ciphertext.c1, basis);
  PolynomialPair switched = switcher_->switchKey(ciphertext.c0, digits, key, basis);
  LimbMatrix& c0 = switched.first;
  LimbMatrix& c1 = switched.second;
  const std::size_t n = parameters_->ringDimension();
  kernels().inverseNtt(c0.limb(0), parameters_->table(0));
  kernels().inverseNtt(c1.limb(0), parameters_->table(0));

  // The secret lies in the subring of X^(N/M), so its coefficients decrypt among themselves: a trace, N/M-th of it.
  const std::size_t m = parameters_->resultRingDimension();
  ResultCiphertext result{AlignedWords(m), AlignedWords(m), ciphertext.scale};
  for (std::size_t i = 0; i < m; ++i) {
    result.c0[i] = c0.limb(0)[i * (n / m)];
    result.c1[i] = c1.limb(0)[i * (n / m)];
  }
  return ckks::writeResult(*parameters_, keys_->id(), result);
}

Ciphertext Evaluator::linear(const EncodedLinear& step, const std::vector<const Ciphertext*>& inputs,
                             const Cancellation& cancellation) {
  return linear_.apply(step, inputs, partialSumBytes_, cancellation);
}

Ciphertext Evaluator::relinearize(const TensorProduct& product, int level, double scale,
                                  const Cancellation& cancellation) {
  const EvaluationKey& key = keys_->relinearization(level);
  cancellation.check();
  PolynomialPair pair = switcher_->relinearize(product, key, switcher_->basis(level));
  return Ciphertext{std::move(pair.first), std::move(pair.second), level, scale, nullptr};
}

Ciphertext Evaluator::square(const Ciphertext& input, bool componentwise, const Cancellation& cancellation) {
  if (!componentwise) return multiply(input, input, cancellation);
  if (!input.conjugate)
    throw Error(ErrorKind::kInvalidParameter, "component-wise square: the input carries no conjugate");
  return relinearize(ComponentwiseSquare(*parameters_, input, *input.conjugate), input.level,
                     4 * input.scale * input.scale, cancellation);
}

Ciphertext Evaluator::multiply(const Ciphertext& left, const Ciphertext& right, const Cancellation& cancellation) {
  return relinearize(CiphertextProduct(*parameters_, left, right), std::min(left.level, right.level),
                     left.scale * right.scale, cancellation);
}

Ciphertext Evaluator::rescale(Ciphertext input) {
  requireLevel(input, 1, "rescale");
  const Basis basis{input.level, 0};
  input.scale /= static_cast<double>(parameters_->modulus(static_cast<std::size_t>(input.level)).value);
  input.c0 = switcher_->divide(std::move(input.c0), basis, true);
  input.c1 = switcher_->divide(std::move(input.c1), basis, true);
  input.level -= 1;
  input.conjugate = nullptr;
  return input;
}

Ciphertext Evaluator::multiplyInteger(const Ciphertext& input, std::int64_t factor, bool keepValue) const {
  const std::size_t n = parameters_->ringDimension();
  const double scale = keepValue ? input.scale * static_cast<double>(factor) : input.scale;
  Ciphertext product{LimbMatrix(input.c0.limbs(), n), LimbMatrix(input.c0.limbs(), n), input.level, scale, nullptr};
  parallelFor(product.c0.limbs(), [&](std::size_t limb, unsigned) {
    const Modulus& modulus = parameters_->modulus(limb);
    const Word residue = modulus.reduceSigned(factor);
    kernels().multiplyConstant(product.c0.limb(limb), input.c0.limb(limb), residue, n, modulus);
    kernels().multiplyConstant(product.c1.limb(limb), input.c1.limb(limb), residue, n, modulus);
  });
  return product;
}

void Evaluator::addConstant(Ciphertext& input, double constant) const {
  const double scaled = constant * input.scale;
  // A constant polynomial has one coefficient, and the same value at every evaluation. Beyond 62 bits the lower ones
  // are far below the noise, so they are shifted out and back in.
  const int shift = std::max(0, std::ilogb(std::max(std::abs(scaled), 1.0)) - 60);
  const auto integer = static_cast<std::int64_t>(std::llrint(std::ldexp(scaled, -shift)));
  parallelFor(input.c0.limbs(), [&](std::size_t limb, unsigned) {
    const Modulus& modulus = parameters_->modulus(limb);
    const Word residue = modulus.multiply(modulus.reduceSigned(integer), modulus.power(2, static_cast<Word>(shift)));
    Word* out = input.c0.limb(limb);
    for (std::size_t i = 0; i < input.c0.words(); ++i) out[i] = modulus.add(out[i], residue);
  });
}

Ciphertext Evaluator::polynomial(const Ciphertext& input, std::span<const double> coefficients, double bound, int level,
                                 double outputScale, const Cancellation& cancellation) {
  return ChebyshevEvaluator(*this, input, bound, coefficients.size(), cancellation)
      .evaluate(coefficients, level, outputScale);
}

Ciphertext Evaluator::add(const Ciphertext& left, const Ciphertext& right) const {
  if (std::abs(left.scale / right.scale - 1) > 1e-9) {
    throw Error(ErrorKind::kScaleMismatch, "add: the scales differ: 2^" + std::to_string(std::log2(left.scale)) +
                                               " and 2^" + std::to_string(std::log2(right.scale)));
  }
  const int level = std::min(left.level, right.level);
  Ciphertext sum = dropToLevel(left, level);
  parallelFor(sum.c0.limbs(), [&](std::size_t limb, unsigned) {
    const Modulus& modulus = parameters_->modulus(limb);
    kernels().add(sum.c0.limb(limb), sum.c0.limb(limb), right.c0.limb(limb), sum.c0.words(), modulus);
    kernels().add(sum.c1.limb(limb), sum.c1.limb(limb), right.c1.limb(limb), sum.c1.words(), modulus);
  });
  return sum;
}

const Encoder& Evaluator::encoder() { return encoder_ ? *encoder_ : encoder_.emplace(parameters_->ringDimension()); }

Ciphertext Evaluator::multiplyPlain(const Ciphertext& input, std::span<const double> real,
                                    std::span<const double> imaginary) {
  requireLevel(input, 1, "plaintext product");
  const std::size_t n = parameters_->ringDimension();
  std::vector<std::int64_t> coefficients(n);
  encoder().encode(coefficients, real, imaginary,
                   static_cast<double>(parameters_->modulus(static_cast<std::size_t>(input.level)).value));
  Ciphertext product = dropToLevel(input, input.level);
  product.scale *= static_cast<double>(parameters_->modulus(static_cast<std::size_t>(input.level)).value);
  parallelFor(product.c0.limbs(), [&](std::size_t limb, unsigned) {
    const Modulus& modulus = parameters_->modulus(limb);
    AlignedWords plain(n);
    kernels().liftSigned(plain.data(), coefficients.data(), n, modulus);
    kernels().forwardNtt(plain.data(), parameters_->table(limb));
    kernels().multiply(product.c0.limb(limb), product.c0.limb(limb), plain.data(), n, modulus);
    kernels().multiply(product.c1.limb(limb), product.c1.limb(limb), plain.data(), n, modulus);
  });
  return rescale(std::move(product));
}

Ciphertext Evaluator::rotate(const Ciphertext& input, long step) {
  return std::move(rotations(input, std::span(&step, 1)).front());
}

std::vector<Ciphertext> Evaluator::rotations(const Ciphertext& input, std::span<const long> steps) {
  const long slots = static_cast<long>(parameters_->slots());
  std::vector<Ciphertext> rotated(steps.size());
  std::vector<const EvaluationKey*> keys;
  std::vector<std::size_t> places;  // of the keys' results
  for (std::size_t place = 0; place < steps.size(); ++place) {
    if (steps[place] % slots == 0) {
      rotated[place] = dropToLevel(input, input.level);
    } else {
      keys.push_back(&keys_->rotation(steps[place], input.level));
      places.push_back(place);
    }
  }
  if (keys.empty()) return rotated;
  const Basis basis = switcher_->basis(input.level);
  Digits digits = switcher_->decompose(input.c1, basis);
  for (std::size_t begin = 0; begin < keys.size(); begin += kKeysAtATime) {
    const auto group = std::span(keys).subspan(begin, std::min(kKeysAtATime, keys.size() - begin));
    auto place = places.begin() + static_cast<std::ptrdiff_t>(begin);
    for (PolynomialPair& pair : switcher_->switchKeys(input.c0, digits, group, basis)) {
      rotated[*place++] = {std::move(pair.first), std::move(pair.second), input.level, input.scale, nullptr};
    }
  }
  return rotated;
}

Ciphertext Evaluator::dropToLevel(const Ciphertext& input, int level) const {
  requireLevel(input, level, "drop to level " + std::to_string(level));
  if (level < 0) throw Error(ErrorKind::kLevelExhausted, "drop to level " + std::to_string(level));
  return Ciphertext{lowerLimbs(input.c0, level), lowerLimbs(input.c1, level), level, input.scale, nullptr};
}

}  // namespace ckks
