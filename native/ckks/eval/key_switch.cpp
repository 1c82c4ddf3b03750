#include "ckks/eval/key_switch.h"

#include <algorithm>
#include <optional>

#include "ckks/ring/kernels.h"
#include "ckks/ring/parallel.h"

namespace ckks {
namespace {

std::vector<const Word*> rowsOf(const LimbMatrix& polynomial) {
  std::vector<const Word*> rows;
  for (std::size_t row = 0; row < polynomial.limbs(); ++row) rows.push_back(polynomial.limb(row));
  return rows;
}

/** The radix of the kernels' digits. */
Word digitRadix(const Modulus& modulus) { return modulus.reduce(Word{1} << kernels().digitRadixBits); }

/** Converts in blocks on all threads. */
void convert(const std::vector<Word*>& out, const std::vector<const Word*>& in, const BaseConverter& converter,
             std::size_t words) {
  const std::size_t block = std::min<std::size_t>(1024, words);
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

KeyScratch::KeyScratch(std::size_t digits, std::size_t block, std::size_t window)
    : block_(block),
      windowWords_(window),
      windows_(digits),
      packed_(digits, std::vector<std::uint8_t>(KeyFile::scratchBytes(window))),
      random_(KeyFile::scratchBytes(block)),
      first_(digits * block),
      second_(digits * block),
      firstRows_(digits),
      secondRows_(digits) {}

const std::uint8_t* KeyScratch::packed(const KeyFile& file, std::size_t limb, std::size_t digit, std::size_t begin) {
  const Window wanted{&file, limb, begin / windowWords_ * windowWords_};
  if (windows_[digit] != wanted) {
    windows_[digit] = {};
    file.readPacked(packed_[digit], limb, digit, wanted.begin, windowWords_);
    windows_[digit] = wanted;
  }
  return packed_[digit].data() + file.packedBytes(limb, begin - wanted.begin);
}

/** What one thread keeps from row to row of a product with a key. */
struct KeySwitcher::KeyWorker {
  KeyWorker(const EvaluationKey& evaluationKey, std::size_t digits, std::size_t ringDimension)
      : key(evaluationKey),
        streams(key.file.uniformStreams()),
        scratch(digits, std::min(kKeyBlock, ringDimension), std::min(kKeyWindow, ringDimension)) {}

  const EvaluationKey& key;
  std::vector<RandomStream> streams;
  KeyScratch scratch;
};

/** The workers of one key, by thread. */
class KeySwitcher::KeyWorkers {
 public:
  KeyWorkers(const EvaluationKey& key, std::size_t digits, std::size_t ringDimension, const ParallelSession& session)
      : key_(key), digits_(digits), ringDimension_(ringDimension), workers_(session.threads()) {}

  KeyWorker& of(unsigned thread) {
    return workers_[thread] ? *workers_[thread] : workers_[thread].emplace(key_, digits_, ringDimension_);
  }

 private:
  const EvaluationKey& key_;
  std::size_t digits_;
  std::size_t ringDimension_;
  std::vector<std::optional<KeyWorker>> workers_;
};

KeySwitcher::KeySwitcher(std::shared_ptr<const Parameters> parameters) : parameters_(std::move(parameters)) {}

std::size_t KeySwitcher::limb(const Basis& basis, std::size_t row) const {
  return parameters_->extendedLimb(basis.level, row);
}

Word KeySwitcher::specialProduct(std::size_t begin, std::size_t end, std::size_t limb) const {
  const Modulus& modulus = parameters_->modulus(limb);
  Word product = 1;
  for (std::size_t k = begin; k < end; ++k) {
    product = modulus.multiply(product, modulus.reduce(parameters_->modulus(parameters_->specialLimb(k)).value));
  }
  return product;
}

Word KeySwitcher::otherSpecials(const Basis& basis, std::size_t limb) const {
  const std::size_t special = limb - parameters_->specialLimb(0);
  const Modulus& modulus = parameters_->modulus(limb);
  return modulus.multiply(specialProduct(0, special, limb), specialProduct(special + 1, basis.specials, limb));
}

Word KeySwitcher::digitFactor(std::size_t limb) const {
  const Modulus& modulus = parameters_->modulus(limb);
  return modulus.multiply(digitRadix(modulus), modulus.inverse(specialProduct(0, parameters_->specialCount(), limb)));
}

Word KeySwitcher::lastInverse(const Basis& basis, std::size_t limb) const {
  const Modulus& modulus = parameters_->modulus(limb);
  return modulus.inverse(modulus.reduce(parameters_->modulus(static_cast<std::size_t>(basis.level)).value));
}

const BaseConverter& KeySwitcher::digitConverter(const Basis& basis, std::size_t digit) {
  const auto name = std::tuple(basis, digit);
  const auto found = digitConverters_.find(name);
  if (found != digitConverters_.end()) return found->second;
  const auto [begin, end] = parameters_->digitLimbs(digit, basis.level);
  std::vector<Modulus> from;
  std::vector<Modulus> to;
  std::vector<Word> inputFactors;
  std::vector<Word> outputFactors;
  for (std::size_t row = 0; row < basis.rows(); ++row) {
    const std::size_t index = limb(basis, row);
    const Modulus& modulus = parameters_->modulus(index);
    if (row >= begin && row < end) {
      from.push_back(modulus);
      inputFactors.push_back(modulus.inverse(specialProduct(basis.specials, parameters_->specialCount(), index)));
    } else {
      to.push_back(modulus);
      const Word specials =
          row < basis.limbs() ? specialProduct(0, basis.specials, index) : otherSpecials(basis, index);
      outputFactors.push_back(modulus.multiply(digitRadix(modulus), modulus.inverse(specials)));
    }
  }
  return digitConverters_
      .emplace(name, BaseConverter(std::move(from), std::move(to), std::move(inputFactors), std::move(outputFactors)))
      .first->second;
}

const BaseConverter& KeySwitcher::divisionConverter(const Basis& basis, bool rescale) {
  const auto name = std::tuple(basis, rescale);
  const auto found = divisionConverters_.find(name);
  if (found != divisionConverters_.end()) return found->second;
  const std::size_t kept = basis.limbs() - (rescale ? 1 : 0);
  std::vector<Modulus> from;
  std::vector<Modulus> to;
  std::vector<Word> inputFactors;
  std::vector<Word> outputFactors;
  for (std::size_t row = 0; row < basis.rows(); ++row) {
    const std::size_t index = limb(basis, row);
    const Modulus& modulus = parameters_->modulus(index);
    const Word specials = specialProduct(0, basis.specials, index);
    if (row < kept) {
      to.push_back(modulus);
      const Word inverse = modulus.inverse(specials);
      outputFactors.push_back(modulus.negate(rescale ? modulus.multiply(inverse, lastInverse(basis, index)) : inverse));
    } else {
      from.push_back(modulus);
      inputFactors.push_back(row < basis.limbs() ? specials : otherSpecials(basis, index));
    }
  }
  return divisionConverters_
      .emplace(name, BaseConverter(std::move(from), std::move(to), std::move(inputFactors), std::move(outputFactors)))
      .first->second;
}

std::vector<LimbMatrix> KeySwitcher::emptyDigits(const Basis& basis) const {
  std::vector<LimbMatrix> digits;
  for (std::size_t digit = 0; digit < parameters_->digitCount(basis.level); ++digit) {
    digits.emplace_back(basis.rows(), parameters_->ringDimension());
  }
  return digits;
}

Digits KeySwitcher::decompose(const LimbMatrix& polynomial, const Basis& basis) {
  const std::size_t n = polynomial.words();
  return decompose(LimbMatrix(basis.limbs(), n), basis,
                   [&](Word* out, std::size_t row) { std::copy_n(polynomial.limb(row), n, out); });
}

Digits KeySwitcher::divideAndDecompose(LimbMatrix extended, const Basis& basis) {
  return decompose(negatedRemainder(extended, basis, false), basis, [&](Word* quotient, std::size_t row) {
    kernels().forwardNtt(quotient, table(basis, row));
    kernels().add(quotient, quotient, extended.limb(row), extended.words(), parameters_->modulus(row));
  });
}

Digits KeySwitcher::decompose(LimbMatrix rows, const Basis& basis, const RowSource& polynomial) {
  std::vector<LimbMatrix> digits = emptyDigits(basis);
  parallelFor(basis.limbs(), [&](std::size_t row, unsigned) {
    polynomial(rows.limb(row), row);
    kernels().multiplyConstant(digits[parameters_->digitOf(row)].limb(row), rows.limb(row), digitFactor(row),
                               rows.words(), parameters_->modulus(row));
    kernels().inverseNtt(rows.limb(row), table(basis, row));
  });
  return lift(std::move(digits), rows, basis);
}

Digits KeySwitcher::lift(std::vector<LimbMatrix> digits, const LimbMatrix& coefficients, const Basis& basis) {
  std::vector<std::vector<bool>> transformed(basis.rows(), std::vector<bool>(digits.size(), false));
  for (std::size_t digit = 0; digit < digits.size(); ++digit) {
    std::vector<const Word*> in;
    std::vector<Word*> out;
    for (std::size_t row = 0; row < basis.rows(); ++row) {
      if (row < basis.limbs() && parameters_->digitOf(row) == digit) {
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

void KeySwitcher::innerProduct(Word* out0, Word* out1, const std::vector<const Word*>& rows, const Word* added0,
                               const EvaluationKey& key, const Basis& basis, std::size_t row, std::size_t begin,
                               std::size_t count, ProductOutput output, std::span<RandomStream> streams,
                               KeyScratch& scratch) const {
  const std::size_t index = limb(basis, row);
  for (std::size_t digit = 0; digit < rows.size(); ++digit) {
    Word* first = scratch.first_.data() + digit * scratch.block_;
    Word* second = scratch.second_.data() + digit * scratch.block_;
    key.file.expand(first, second, scratch.packed(key.file, index, digit, begin), index, digit, begin, count,
                    streams[digit], scratch.random_);
    scratch.firstRows_[digit] = first;
    scratch.secondRows_[digit] = second;
  }
  kernels().keyInnerProduct(out0, out1, rows.data(), scratch.firstRows_.data(), scratch.secondRows_.data(), rows.size(),
                            added0, &key.automorphism, begin, begin + count, output, parameters_->modulus(index));
}

void KeySwitcher::innerProducts(Word* limb0, Word* limb1, const std::vector<const Word*>& rows, const Word* added0,
                                KeyWorker& worker, const Basis& basis, std::size_t row, std::size_t begin,
                                std::size_t end, ProductOutput output) const {
  const std::size_t block = worker.scratch.block();
  for (; begin < end; begin += block) {
    innerProduct(limb0 + begin, limb1 + begin, rows, added0, worker.key, basis, row, begin, block, output,
                 worker.streams, worker.scratch);
  }
}

PolynomialPair KeySwitcher::switchKey(const LimbMatrix& first, Digits& digits, const EvaluationKey& key,
                                      const Basis& basis) {
  const EvaluationKey* keys[] = {&key};
  return std::move(switchKeys(first, digits, keys, basis).front());
}

std::vector<PolynomialPair> KeySwitcher::switchKeys(const LimbMatrix& first, Digits& digits,
                                                    std::span<const EvaluationKey* const> keys, const Basis& basis) {
  return switchKeys(&first, nullptr, digits, keys, basis);
}

PolynomialPair KeySwitcher::relinearize(const TensorProduct& product, const EvaluationKey& key, const Basis& basis) {
  Digits digits = decompose(LimbMatrix(basis.limbs(), parameters_->ringDimension()), basis,
                            [&](Word* out, std::size_t row) { product.degree2(out, row); });
  const EvaluationKey* keys[] = {&key};
  return std::move(switchKeys(nullptr, &product, digits, keys, basis).front());
}

std::vector<PolynomialPair> KeySwitcher::switchKeys(const LimbMatrix* first, const TensorProduct* product,
                                                    Digits& digits, std::span<const EvaluationKey* const> keys,
                                                    const Basis& basis) {
  const ParallelSession session;
  std::vector<KeyWorkers> workers;
  for (const EvaluationKey* key : keys) {
    workers.emplace_back(*key, digits.count(), parameters_->ringDimension(), session);
  }
  std::vector<PolynomialPair> switched = switchedRemainders(digits, workers, basis);
  parallelFor(basis.limbs(), [&](std::size_t row, unsigned thread) {
    const std::vector<const Word*> rows = digits.row(row, table(basis, row));
    const Word* added0 = first != nullptr ? first->limb(row) : nullptr;
    for (std::size_t k = 0; k < keys.size(); ++k) {
      KeyWorker& worker = workers[k].of(thread);
      Word* switched0 = switched[k].first.limb(row);
      Word* switched1 = switched[k].second.limb(row);
      BlockWork addProducts([&](std::size_t begin, std::size_t end) {
        innerProducts(switched0, switched1, rows, added0, worker, basis, row, begin, end, ProductOutput::kAdd);
        if (product != nullptr) product->addLowerDegrees(switched0, switched1, row, begin, end);
      });
      kernels().forwardNttPair(switched0, switched1, table(basis, row), addProducts);
    }
  });
  return switched;
}

std::vector<PolynomialPair> KeySwitcher::switchedRemainders(Digits& digits, std::vector<KeyWorkers>& workers,
                                                            const Basis& basis) {
  const ParallelSession session;
  const std::size_t n = parameters_->ringDimension();
  std::vector<PolynomialPair> tails;
  for (std::size_t k = 0; k < workers.size(); ++k) {
    tails.push_back({LimbMatrix(basis.specials, n), LimbMatrix(basis.specials, n)});
  }
  std::vector<LimbMatrix> working;
  for (unsigned thread = 0; thread < session.threads(); ++thread) working.emplace_back(2, n);
  parallelFor(basis.specials, [&](std::size_t special, unsigned thread) {
    const std::size_t row = basis.limbs() + special;
    Word* first = working[thread].limb(0);
    Word* second = working[thread].limb(1);
    const std::vector<const Word*> rows = digits.row(row, table(basis, row));
    for (std::size_t k = 0; k < workers.size(); ++k) {
      KeyWorker& worker = workers[k].of(thread);
      BlockWork makeProducts([&](std::size_t begin, std::size_t end) {
        innerProducts(first, second, rows, nullptr, worker, basis, row, begin, end, ProductOutput::kStore);
      });
      kernels().inverseNttPair(tails[k].first.limb(special), tails[k].second.limb(special), first, second,
                               table(basis, row), makeProducts);
    }
  });
  std::vector<PolynomialPair> remainders;
  for (PolynomialPair& tail : tails) {
    remainders.push_back(
        {convertRemainder(rowsOf(tail.first), basis, false), convertRemainder(rowsOf(tail.second), basis, false)});
    tail = {};
  }
  return remainders;
}

void KeySwitcher::addSwitched(PolynomialPair& sum, const LimbMatrix& first, Digits digits, const EvaluationKey& key,
                              const Basis& basis) const {
  const ParallelSession session;
  const std::size_t n = parameters_->ringDimension();
  KeyWorkers workers(key, digits.count(), n, session);
  parallelFor(basis.rows(), [&](std::size_t row, unsigned thread) {
    innerProducts(sum.first.limb(row), sum.second.limb(row), digits.row(row, table(basis, row)), first.limb(row),
                  workers.of(thread), basis, row, 0, n, ProductOutput::kAdd);
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
  const std::size_t n = parameters_->ringDimension();
  LimbMatrix quotient = negatedRemainder(polynomial, basis, rescale);
  parallelFor(quotient.limbs(), [&](std::size_t row, unsigned) {
    kernels().forwardNtt(quotient.limb(row), table(basis, row));
    const Modulus& modulus = parameters_->modulus(row);
    if (rescale) {
      kernels().multiplyConstantAdd(quotient.limb(row), polynomial.limb(row), lastInverse(basis, row), n, modulus);
    } else {
      kernels().add(quotient.limb(row), quotient.limb(row), polynomial.limb(row), n, modulus);
    }
  });
  return quotient;
}

}  // namespace ckks
