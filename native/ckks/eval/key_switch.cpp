#include "ckks/eval/key_switch.h"

#include <algorithm>
#include <functional>

#include "ckks/ring/kernels.h"
#include "ckks/ring/parallel.h"

namespace ckks {
namespace {

std::size_t blockOf(const Parameters& parameters) { return std::min(kBlock, parameters.ringDimension()); }

void inverseTransform(LimbMatrix& polynomial, std::size_t firstRow, std::size_t count,
                      const std::function<const NttTable&(std::size_t row)>& table) {
  parallelFor(count, [&](std::size_t i, unsigned) {
    kernels().inverseNtt(polynomial.limb(firstRow + i), table(firstRow + i));
  });
}

/** Converts in blocks on all threads. */
void convert(const std::vector<Word*>& out, const std::vector<const Word*>& in, const BaseConverter& converter,
             std::size_t words) {
  const std::size_t block = std::min(kBlock / 4, words);
  parallelFor(words / block, [&](std::size_t i, unsigned) {
    kernels().baseConvert(out.data(), in.data(), converter, i * block, (i + 1) * block);
  });
}

}  // namespace

std::vector<const Word*> Digits::row(std::size_t row) const {
  std::vector<const Word*> rows;
  rows.reserve(digits_.size());
  for (const LimbMatrix& digit : digits_) rows.push_back(digit.limb(row));
  return rows;
}

KeyScratch::KeyScratch(std::size_t digits, std::size_t block)
    : block_(block),
      packed_(KeyFile::scratchBytes(block)),
      first_(digits * block),
      second_(digits * block),
      permuted_(block),
      firstRows_(digits),
      secondRows_(digits) {}

KeySwitcher::KeySwitcher(std::shared_ptr<const Parameters> parameters) : parameters_(std::move(parameters)) {}

std::size_t KeySwitcher::limb(const Basis& basis, std::size_t row) const {
  return row < basis.limbs() ? row : parameters_->specialLimb(row - basis.limbs());
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
  if (rescale) divisor = modulus.multiply(divisor, modulus.reduce(parameters_->modulus(static_cast<std::size_t>(basis.level)).value));
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
  return digitConverters_.emplace(name, BaseConverter(std::move(from), std::move(to), std::move(inputFactors))).first->second;
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

Digits KeySwitcher::decompose(const LimbMatrix& polynomial, const Basis& basis) {
  const std::size_t n = parameters_->ringDimension();
  const auto table = [&](std::size_t row) -> const NttTable& { return parameters_->table(limb(basis, row)); };
  LimbMatrix coefficients(basis.limbs(), n);
  parallelFor(basis.limbs(), [&](std::size_t row, unsigned) {
    std::copy_n(polynomial.limb(row), n, coefficients.limb(row));
    kernels().inverseNtt(coefficients.limb(row), table(row));
  });

  const std::size_t size = parameters_->digitPrimes();
  std::vector<LimbMatrix> digits;
  for (std::size_t begin = 0; begin < basis.limbs(); begin += size) {
    const std::size_t end = std::min(begin + size, basis.limbs());
    LimbMatrix& digit = digits.emplace_back(basis.rows(), n);
    std::vector<const Word*> in;
    std::vector<Word*> out;
    for (std::size_t row = 0; row < basis.rows(); ++row) {
      if (row >= begin && row < end) {
        in.push_back(coefficients.limb(row));
      } else {
        out.push_back(digit.limb(row));
      }
    }
    convert(out, in, digitConverter(basis, begin / size), n);
    parallelFor(basis.rows(), [&](std::size_t row, unsigned) {
      const std::size_t index = limb(basis, row);
      if (row >= begin && row < end) {
        kernels().multiplyConstant(digit.limb(row), polynomial.limb(row), unusedSpecialInverse(basis, index), n,
                                   parameters_->modulus(index));
      } else {
        kernels().forwardNtt(digit.limb(row), table(row));
      }
    });
  }
  return Digits(std::move(digits));
}

void KeySwitcher::innerProduct(Word* out0, Word* out1, const Digits& digits, const EvaluationKey& key,
                               const Basis& basis, std::size_t row, std::size_t begin, std::size_t count,
                               RandomStream& stream, KeyScratch& scratch) const {
  const std::size_t index = limb(basis, row);
  for (std::size_t digit = 0; digit < digits.count(); ++digit) {
    Word* first = scratch.first_.data() + digit * scratch.block_;
    Word* second = scratch.second_.data() + digit * scratch.block_;
    key.file.read(first, second, index, digit, begin, count, stream, scratch.packed_);
    scratch.firstRows_[digit] = first - begin;
    scratch.secondRows_[digit] = second - begin;
  }
  const std::vector<const Word*> rows = digits.row(row);
  kernels().keyInnerProduct(out0, out1, rows.data(), scratch.firstRows_.data(), scratch.secondRows_.data(), rows.size(),
                            &key.automorphism, begin, begin + count, parameters_->modulus(index));
}

PolynomialPair KeySwitcher::innerProduct(const Digits& digits, const EvaluationKey& key, const Basis& basis) const {
  const std::size_t n = parameters_->ringDimension();
  PolynomialPair product{LimbMatrix(basis.rows(), n), LimbMatrix(basis.rows(), n)};
  const std::size_t block = blockOf(*parameters_);
  parallelFor(basis.rows(), [&](std::size_t row, unsigned) {
    RandomStream stream(key.file.header().seed, KeyFile::kUniformDomain);
    KeyScratch scratch(digits.count(), block);
    for (std::size_t begin = 0; begin < n; begin += block) {
      innerProduct(product.first.limb(row) + begin, product.second.limb(row) + begin, digits, key, basis, row, begin,
                   block, stream, scratch);
    }
  });
  return product;
}

LimbMatrix KeySwitcher::divide(LimbMatrix polynomial, const Basis& basis, bool rescale) {
  const std::size_t n = parameters_->ringDimension();
  const std::size_t kept = basis.limbs() - (rescale ? 1 : 0);
  const auto table = [&](std::size_t row) -> const NttTable& { return parameters_->table(limb(basis, row)); };
  inverseTransform(polynomial, kept, basis.rows() - kept, table);

  // (x - [x] mod divisor) / divisor, the second summand made first.
  LimbMatrix quotient(kept, n);
  std::vector<const Word*> in;
  std::vector<Word*> out;
  for (std::size_t row = kept; row < basis.rows(); ++row) in.push_back(polynomial.limb(row));
  for (std::size_t row = 0; row < kept; ++row) out.push_back(quotient.limb(row));
  convert(out, in, divisionConverter(basis, rescale), n);
  parallelFor(kept, [&](std::size_t row, unsigned) {
    const Modulus& modulus = parameters_->modulus(row);
    kernels().forwardNtt(quotient.limb(row), table(row));
    kernels().multiplyConstantAdd(quotient.limb(row), polynomial.limb(row), divisorInverse(basis, rescale, row), n, modulus);
  });
  return quotient;
}

}  // namespace ckks
