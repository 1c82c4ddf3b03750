#include "ckks/eval/key_switch.h"

#include <algorithm>
#include <functional>

#include "ckks/ring/kernels.h"
#include "ckks/ring/parallel.h"

namespace ckks {
namespace {

std::size_t blockOf(const Parameters& parameters) { return std::min(kBlock, parameters.ringDimension()); }

std::vector<const Word*> rowsOf(const LimbMatrix& polynomial) {
  std::vector<const Word*> rows;
  for (std::size_t row = 0; row < polynomial.limbs(); ++row) rows.push_back(polynomial.limb(row));
  return rows;
}

/** Converts in blocks on all threads. */
void convert(const std::vector<Word*>& out, const std::vector<const Word*>& in, const BaseConverter& converter,
             std::size_t words) {
  const std::size_t block = std::min<std::size_t>(512, words);
  parallelFor(words / block, [&](std::size_t i, unsigned) {
    kernels().baseConvert(out.data(), in.data(), converter, i * block, (i + 1) * block);
  });
}

}  // namespace

std::vector<const Word*> Digits::row(std::size_t row, const NttTable& table) {
  std::vector<const Word*> rows;
  rows.reserve(digits_.size());
  for (std::size_t digit = 0; digit < digits_.size(); ++digit) {
    if (!transformed_[row][digit]) {
      kernels().forwardNtt(digits_[digit].limb(row), table);
      transformed_[row][digit] = true;
    }
    rows.push_back(digits_[digit].limb(row));
  }
  return rows;
}

KeyScratch::KeyScratch(std::size_t digits, std::size_t block)
    : block_(block),
      packed_(KeyFile::scratchBytes(block)),
      first_(digits * block),
      second_(digits * block),
      firstRows_(digits),
      secondRows_(digits) {}

KeySwitcher::KeySwitcher(std::shared_ptr<const Parameters> parameters) : parameters_(std::move(parameters)) {}

std::size_t KeySwitcher::limb(const Basis& basis, std::size_t row) const {
  return parameters_->extendedLimb(basis.level, row);
}

Word KeySwitcher::specialProduct(const Basis& basis, std::size_t limb) const {
  const Modulus& modulus = parameters_->modulus(limb);
  Word product = 1;
  for (std::size_t k = 0; k < basis.specials; ++k) {
    product = modulus.multiply(product, modulus.reduce(parameters_->modulus(parameters_->specialLimb(k)).value));
  }
  return product;
}

Word KeySwitcher::unusedSpecialInverse(const Basis& basis, std::size_t limb) const {
  const Modulus& modulus = parameters_->modulus(limb);
  Word product = 1;
  for (std::size_t k = basis.specials; k < parameters_->specialCount(); ++k) {
    product = modulus.multiply(product, modulus.reduce(parameters_->modulus(parameters_->specialLimb(k)).value));
  }
  return modulus.inverse(product);
}

Word KeySwitcher::divisorInverse(const Basis& basis, bool rescale, std::size_t limb) const {
  const Modulus& modulus = parameters_->modulus(limb);
  Word divisor = specialProduct(basis, limb);
  if (rescale)
    divisor =
        modulus.multiply(divisor, modulus.reduce(parameters_->modulus(static_cast<std::size_t>(basis.level)).value));
  return modulus.inverse(divisor);
}

const BaseConverter& KeySwitcher::digitConverter(const Basis& basis, std::size_t digit) {
  const auto name = std::tuple(basis, digit);
  const auto found = digitConverters_.find(name);
  if (found != digitConverters_.end()) return found->second;
  const std::size_t begin = digit * parameters_->digitPrimes();
  const std::size_t end = std::min(begin + parameters_->digitPrimes(), basis.limbs());
  std::vector<Modulus> from;
  std::vector<Modulus> to;
  std::vector<Word> inputFactors;
  for (std::size_t row = 0; row < basis.rows(); ++row) {
    const std::size_t index = limb(basis, row);
    if (row >= begin && row < end) {
      from.push_back(parameters_->modulus(index));
      inputFactors.push_back(unusedSpecialInverse(basis, index));
    } else {
      to.push_back(parameters_->modulus(index));
    }
  }
  return digitConverters_.emplace(name, BaseConverter(std::move(from), std::move(to), std::move(inputFactors)))
      .first->second;
}

const BaseConverter& KeySwitcher::divisionConverter(const Basis& basis, bool rescale) {
  const auto name = std::tuple(basis, rescale);
  const auto found = divisionConverters_.find(name);
  if (found != divisionConverters_.end()) return found->second;
  const std::size_t kept = basis.limbs() - (rescale ? 1 : 0);
  std::vector<Modulus> from;
  std::vector<Modulus> to;
  std::vector<Word> outputFactors;
  for (std::size_t row = 0; row < basis.rows(); ++row) {
    const std::size_t index = limb(basis, row);
    if (row < kept) {
      to.push_back(parameters_->modulus(index));
      outputFactors.push_back(parameters_->modulus(index).negate(divisorInverse(basis, rescale, index)));
    } else {
      from.push_back(parameters_->modulus(index));
    }
  }
  return divisionConverters_.emplace(name, BaseConverter(std::move(from), std::move(to), {}, std::move(outputFactors)))
      .first->second;
}

std::vector<LimbMatrix> KeySwitcher::emptyDigits(const Basis& basis) const {
  std::vector<LimbMatrix> digits;
  for (std::size_t begin = 0; begin < basis.limbs(); begin += parameters_->digitPrimes()) {
    digits.emplace_back(basis.rows(), parameters_->ringDimension());
  }
  return digits;
}

Digits KeySwitcher::decompose(const LimbMatrix& polynomial, const Basis& basis) {
  const std::size_t n = parameters_->ringDimension();
  std::vector<LimbMatrix> digits = emptyDigits(basis);
  LimbMatrix coefficients(basis.limbs(), n);
  parallelFor(basis.limbs(), [&](std::size_t row, unsigned) {
    kernels().multiplyConstant(digits[row / parameters_->digitPrimes()].limb(row), polynomial.limb(row),
                               unusedSpecialInverse(basis, row), n, parameters_->modulus(row));
    std::copy_n(polynomial.limb(row), n, coefficients.limb(row));
    kernels().inverseNtt(coefficients.limb(row), table(basis, row));
  });
  return lift(std::move(digits), coefficients, basis);
}

Digits KeySwitcher::divideAndDecompose(LimbMatrix extended, const Basis& basis) {
  const std::size_t n = parameters_->ringDimension();
  std::vector<LimbMatrix> digits = emptyDigits(basis);
  LimbMatrix coefficients = negatedRemainder(extended, basis, false);
  parallelFor(basis.limbs(), [&](std::size_t row, unsigned) {
    const Modulus& modulus = parameters_->modulus(row);
    Word* quotient = coefficients.limb(row);
    kernels().forwardNtt(quotient, table(basis, row));
    kernels().multiplyConstantAdd(quotient, extended.limb(row), divisorInverse(basis, false, row), n, modulus);
    kernels().multiplyConstant(digits[row / parameters_->digitPrimes()].limb(row), quotient,
                               unusedSpecialInverse(basis, row), n, modulus);
    kernels().inverseNtt(quotient, table(basis, row));
  });
  return lift(std::move(digits), coefficients, basis);
}

Digits KeySwitcher::lift(std::vector<LimbMatrix> digits, const LimbMatrix& coefficients, const Basis& basis) {
  const std::size_t size = parameters_->digitPrimes();
  std::vector<std::vector<bool>> transformed(basis.rows(), std::vector<bool>(digits.size(), false));
  for (std::size_t digit = 0; digit < digits.size(); ++digit) {
    std::vector<const Word*> in;
    std::vector<Word*> out;
    for (std::size_t row = 0; row < basis.rows(); ++row) {
      if (row < basis.limbs() && row / size == digit) {
        in.push_back(coefficients.limb(row));
        transformed[row][digit] = true;
      } else {
        out.push_back(digits[digit].limb(row));
      }
    }
    convert(out, in, digitConverter(basis, digit), parameters_->ringDimension());
  }
  return Digits(std::move(digits), std::move(transformed));
}

void KeySwitcher::innerProduct(Word* out0, Word* out1, const std::vector<const Word*>& rows, const EvaluationKey& key,
                               const Basis& basis, std::size_t row, std::size_t begin, std::size_t count,
                               RandomStream& stream, KeyScratch& scratch) const {
  const std::size_t index = limb(basis, row);
  for (std::size_t digit = 0; digit < rows.size(); ++digit) {
    Word* first = scratch.first_.data() + digit * scratch.block_;
    Word* second = scratch.second_.data() + digit * scratch.block_;
    key.file.read(first, second, index, digit, begin, count, stream, scratch.packed_);
    scratch.firstRows_[digit] = first;
    scratch.secondRows_[digit] = second;
  }
  kernels().keyInnerProduct(out0, out1, rows.data(), scratch.firstRows_.data(), scratch.secondRows_.data(), rows.size(),
                            &key.automorphism, begin, begin + count, parameters_->modulus(index));
}

PolynomialPair KeySwitcher::switchKey(Digits digits, const EvaluationKey& key, const Basis& basis) {
  const std::size_t n = parameters_->ringDimension();
  const std::size_t block = blockOf(*parameters_);
  // The rows of the divisor first: they decide the remainders, and never leave the cache before they are transformed.
  LimbMatrix tail0(basis.specials, n);
  LimbMatrix tail1(basis.specials, n);
  parallelFor(basis.specials, [&](std::size_t special, unsigned) {
    const std::size_t row = basis.limbs() + special;
    RandomStream stream(key.file.header().seed, KeyFile::kUniformDomain);
    KeyScratch scratch(digits.count(), block);
    const std::vector<const Word*> rows = digits.row(row, table(basis, row));
    for (std::size_t begin = 0; begin < n; begin += block) {
      innerProduct(tail0.limb(special) + begin, tail1.limb(special) + begin, rows, key, basis, row, begin, block,
                   stream, scratch);
    }
    kernels().inverseNtt(tail0.limb(special), table(basis, row));
    kernels().inverseNtt(tail1.limb(special), table(basis, row));
  });
  PolynomialPair switched{convertRemainder(rowsOf(tail0), basis, false), convertRemainder(rowsOf(tail1), basis, false)};
  parallelFor(basis.limbs(), [&](std::size_t row, unsigned) {
    const Modulus& modulus = parameters_->modulus(row);
    const Word inverse = divisorInverse(basis, false, row);
    RandomStream stream(key.file.header().seed, KeyFile::kUniformDomain);
    KeyScratch scratch(digits.count(), block);
    AlignedWords product0(block);
    AlignedWords product1(block);
    const std::vector<const Word*> rows = digits.row(row, table(basis, row));
    kernels().forwardNtt(switched.first.limb(row), table(basis, row));
    kernels().forwardNtt(switched.second.limb(row), table(basis, row));
    for (std::size_t begin = 0; begin < n; begin += block) {
      innerProduct(product0.data(), product1.data(), rows, key, basis, row, begin, block, stream, scratch);
      kernels().multiplyConstantAdd(switched.first.limb(row) + begin, product0.data(), inverse, block, modulus);
      kernels().multiplyConstantAdd(switched.second.limb(row) + begin, product1.data(), inverse, block, modulus);
    }
  });
  return switched;
}

void KeySwitcher::addSwitched(PolynomialPair& sum, const LimbMatrix& first, Digits digits, const EvaluationKey& key,
                              const Basis& basis) const {
  const std::size_t n = parameters_->ringDimension();
  const std::size_t block = blockOf(*parameters_);
  parallelFor(basis.rows(), [&](std::size_t row, unsigned) {
    const Modulus& modulus = parameters_->modulus(limb(basis, row));
    RandomStream stream(key.file.header().seed, KeyFile::kUniformDomain);
    KeyScratch scratch(digits.count(), block);
    AlignedWords product0(block);
    AlignedWords product1(block);
    const std::vector<const Word*> rows = digits.row(row, table(basis, row));
    for (std::size_t begin = 0; begin < n; begin += block) {
      Word* sum0 = sum.first.limb(row) + begin;
      Word* sum1 = sum.second.limb(row) + begin;
      innerProduct(product0.data(), product1.data(), rows, key, basis, row, begin, block, stream, scratch);
      kernels().add(sum0, sum0, product0.data(), block, modulus);
      kernels().add(sum1, sum1, product1.data(), block, modulus);
      kernels().permute(product0.data(), first.limb(row), key.automorphism, begin, begin + block);
      kernels().add(sum0, sum0, product0.data(), block, modulus);
    }
  });
}

LimbMatrix KeySwitcher::negatedRemainder(LimbMatrix& polynomial, const Basis& basis, bool rescale) {
  const std::size_t kept = basis.limbs() - (rescale ? 1 : 0);
  std::vector<const Word*> tail;
  parallelFor(basis.rows() - kept, [&](std::size_t i, unsigned) {
    kernels().inverseNtt(polynomial.limb(kept + i), table(basis, kept + i));
  });
  for (std::size_t row = kept; row < basis.rows(); ++row) tail.push_back(polynomial.limb(row));
  return convertRemainder(tail, basis, rescale);
}

LimbMatrix KeySwitcher::convertRemainder(const std::vector<const Word*>& tail, const Basis& basis, bool rescale) {
  const std::size_t n = parameters_->ringDimension();
  LimbMatrix remainder(basis.limbs() - (rescale ? 1 : 0), n);
  std::vector<Word*> out;
  for (std::size_t row = 0; row < remainder.limbs(); ++row) out.push_back(remainder.limb(row));
  convert(out, tail, divisionConverter(basis, rescale), n);
  return remainder;
}

LimbMatrix KeySwitcher::divide(LimbMatrix polynomial, const Basis& basis, bool rescale) {
  LimbMatrix quotient = negatedRemainder(polynomial, basis, rescale);
  parallelFor(quotient.limbs(), [&](std::size_t row, unsigned) {
    kernels().forwardNtt(quotient.limb(row), table(basis, row));
    kernels().multiplyConstantAdd(quotient.limb(row), polynomial.limb(row), divisorInverse(basis, rescale, row),
                                  quotient.words(), parameters_->modulus(row));
  });
  return quotient;
}

}  // namespace ckks
