#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <tuple>
#include <vector>

#include "ckks/eval/key_set.h"
#include "ckks/ring/base_converter.h"
#include "ckks/ring/polynomial.h"
#include "ckks/scheme/parameters.h"

namespace ckks {

/** Limbs q_0 .. q_level and p_0 .. p_(specials-1): what a key switch works in. */
struct Basis {
  int level = 0;
  std::size_t specials = 0;

  std::size_t limbs() const { return static_cast<std::size_t>(level) + 1; }
  std::size_t rows() const { return limbs() + specials; }
  auto operator<=>(const Basis&) const = default;
};

/** A pair of polynomials, rows as in a Basis, evaluation form. */
struct PolynomialPair {
  LimbMatrix first;
  LimbMatrix second;
};

/** The digits of a polynomial, each lifted to the whole basis; evaluation form. Hoisting shares them between keys. */
class Digits {
 public:
  explicit Digits(std::vector<LimbMatrix> digits) : digits_(std::move(digits)) {}
  std::size_t count() const { return digits_.size(); }
  /** One pointer for each digit. */
  std::vector<const Word*> row(std::size_t row) const;

 private:
  std::vector<LimbMatrix> digits_;
};

/** Scratch memory of one worker for reading keys in blocks of `block` residues. */
class KeyScratch {
 public:
  KeyScratch(std::size_t digits, std::size_t block);
  std::size_t block() const { return block_; }

 private:
  friend class KeySwitcher;
  std::size_t block_;
  std::vector<std::uint8_t> packed_;
  AlignedWords first_;
  AlignedWords second_;
  AlignedWords permuted_;
  std::vector<const Word*> firstRows_;
  std::vector<const Word*> secondRows_;
};

/**
 * Hybrid key switching (Han, Ki, ePrint 2019/688) in three separable parts, so that hoisting, double hoisting and
 * merged divisions are compositions: decompose, inner product with a key, division by the special primes.
 *
 * With fewer special primes than the keys were made for (P' = the product of those in use), digits are multiplied by
 * (P/P')^-1: then digits times key is P' times the switched polynomial.
 */
class KeySwitcher {
 public:
  explicit KeySwitcher(std::shared_ptr<const Parameters> parameters);

  const Parameters& parameters() const { return *parameters_; }
  /** The basis that the parameters prescribe at a level. */
  Basis basis(int level) const { return {level, parameters_->specialCount(level)}; }
  std::size_t limb(const Basis& basis, std::size_t row) const;

  /** Digits of a polynomial given at limbs q_0 .. q_level (more limbs are ignored). */
  Digits decompose(const LimbMatrix& polynomial, const Basis& basis);

  /**
   * Elements [begin, begin + count) of one row of automorphism(digits) times the key. `stream` is the key's uniform
   * stream, owned by the worker. outputs are block-local.
   */
  void innerProduct(Word* out0, Word* out1, const Digits& digits, const EvaluationKey& key, const Basis& basis,
                    std::size_t row, std::size_t begin, std::size_t count, RandomStream& stream,
                    KeyScratch& scratch) const;

  /** All of automorphism(digits) times the key, on all threads. */
  PolynomialPair innerProduct(const Digits& digits, const EvaluationKey& key, const Basis& basis) const;

  /**
   * Divides by the special primes, with `rescale` by q_level as well, rounding once to nearest. Consumes the rows of
   * the divisor. Limbs q_0 .. q_level, or q_0 .. q_(level-1) with `rescale`.
   */
  LimbMatrix divide(LimbMatrix polynomial, const Basis& basis, bool rescale);

  /** Product of the special primes of the basis, modulo a limb's prime. */
  Word specialProduct(const Basis& basis, std::size_t limb) const;

 private:
  const BaseConverter& digitConverter(const Basis& basis, std::size_t digit);
  const BaseConverter& divisionConverter(const Basis& basis, bool rescale);
  /** (P/P')^-1 modulo a limb's prime. */
  Word unusedSpecialInverse(const Basis& basis, std::size_t limb) const;
  Word divisorInverse(const Basis& basis, bool rescale, std::size_t limb) const;

  std::shared_ptr<const Parameters> parameters_;
  std::map<std::tuple<Basis, std::size_t>, BaseConverter> digitConverters_;
  std::map<std::tuple<Basis, bool>, BaseConverter> divisionConverters_;
};

/** Blocks of coefficients that base conversions and key products work in: small enough for the caches. */
inline constexpr std::size_t kBlock = 2048;

}  // namespace ckks
