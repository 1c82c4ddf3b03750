#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <tuple>
#include <vector>

#include "ckks/eval/key_set.h"
#include "ckks/eval/tensor_product.h"
#include "ckks/ring/base_converter.h"
#include "ckks/ring/kernels.h"
#include "ckks/ring/limb_matrix.h"
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

/**
 * A pair of polynomials, rows as in a Basis, evaluation form.
 *
 * In the extended basis a polynomial X, P' the product of the basis's special primes, has the rows X / P' modulo each
 * q_i and X / (P' / p_k) modulo each p_k. So P' times a polynomial of the ciphertext's basis is that polynomial as it
 * is, with zeros in the special rows; and dividing by P' converts the special rows as they are, adds the result and
 * multiplies nothing.
 */
struct PolynomialPair {
  LimbMatrix first;
  LimbMatrix second;
};

/**
 * The digits of a polynomial, each lifted to the whole basis. Hoisting shares them between keys. All residues are times
 * 2^digitRadixBits, as Kernels::keyInnerProduct takes them.
 *
 * Lifted rows are left as coefficients until they are first used: whoever works on a row transforms it then, while it
 * is in that processor's cache. A row belongs to one thread at a time.
 */
class Digits {
 public:
  Digits(std::vector<LimbMatrix> digits, std::vector<std::vector<bool>> transformed)
      : digits_(std::move(digits)), transformed_(std::move(transformed)) {}

  std::size_t count() const { return digits_.size(); }
  /** One pointer for each digit, evaluation form; `table` is the row's. */
  std::vector<const Word*> row(std::size_t row, const NttTable& table);

 private:
  std::vector<LimbMatrix> digits_;
  /** By row and digit. */
  std::vector<std::vector<bool>> transformed_;
};

/**
 * Scratch memory of one worker for products with keys in blocks of `block` residues. A key's file is read `window`
 * residues at a time, a multiple of `block`, of which one block after the other is expanded while it is in the cache.
 */
class KeyScratch {
 public:
  KeyScratch(std::size_t digits, std::size_t block, std::size_t window);
  std::size_t block() const { return block_; }

 private:
  friend class KeySwitcher;

  /** The place of a window. */
  struct Window {
    const KeyFile* file = nullptr;
    std::size_t limb = 0;
    std::size_t begin = 0;
    bool operator==(const Window&) const = default;
  };

  /** Bytes of a block of the first half of a digit's row; reads the window that holds it unless it is the last one. */
  const std::uint8_t* packed(const KeyFile& file, std::size_t limb, std::size_t digit, std::size_t begin);

  std::size_t block_;
  std::size_t windowWords_;
  std::vector<Window> windows_;                    // by digit
  std::vector<std::vector<std::uint8_t>> packed_;  // by digit
  std::vector<std::uint8_t> random_;
  AlignedWords first_;
  AlignedWords second_;
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

  /** Digits of round(extended / special primes): what leaves the extended basis for the next key switch. */
  Digits divideAndDecompose(LimbMatrix extended, const Basis& basis);

  /**
   * Elements [begin, begin + count) of one row of automorphism(digits) times the key plus automorphism(added0, 0), as
   * Kernels::keyInnerProduct stores them. `rows` is Digits::row of it, `added0` a limb of the row's prime or
   * null, `streams` the key's KeyFile::uniformStreams, owned by the worker. Outputs are block-local.
   */
  void innerProduct(Word* out0, Word* out1, const std::vector<const Word*>& rows, const Word* added0,
                    const EvaluationKey& key, const Basis& basis, std::size_t row, std::size_t begin, std::size_t count,
                    ProductOutput output, std::span<RandomStream> streams, KeyScratch& scratch) const;

  /**
   * A finished key switch, limbs q_0 .. q_level: automorphism(first, 0) + round(automorphism(digits) times the key /
   * special primes). The digits can be used again.
   */
  PolynomialPair switchKey(const LimbMatrix& first, Digits& digits, const EvaluationKey& key, const Basis& basis);

  /**
   * The same for several keys. Row after row of the digits is used with all of them while it is in the cache, which
   * takes 2 specials N words for each key.
   */
  std::vector<PolynomialPair> switchKeys(const LimbMatrix& first, Digits& digits,
                                         std::span<const EvaluationKey* const> keys, const Basis& basis);

  /** The product with its part of degree 2 switched to degree 1, limbs q_0 .. q_level. */
  PolynomialPair relinearize(const TensorProduct& product, const EvaluationKey& key, const Basis& basis);

  /** sum += automorphism(first, digits times the key): a rotation that stays in the extended basis. */
  void addSwitched(PolynomialPair& sum, const LimbMatrix& first, Digits digits, const EvaluationKey& key,
                   const Basis& basis) const;

  /**
   * Divides by the special primes, with `rescale` by q_level as well, rounding once to nearest. Consumes the rows of
   * the divisor. Limbs q_0 .. q_level, or q_0 .. q_(level-1) with `rescale`.
   */
  LimbMatrix divide(LimbMatrix polynomial, const Basis& basis, bool rescale);

 private:
  struct KeyWorker;
  class KeyWorkers;
  /** Writes a row of a polynomial, evaluation form; called once for each row, by several threads. */
  using RowSource = std::function<void(Word* out, std::size_t row)>;

  /** switchKeys with what is added: `first` and `product`, either of which may be null. */
  std::vector<PolynomialPair> switchKeys(const LimbMatrix* first, const TensorProduct* product, Digits& digits,
                                         std::span<const EvaluationKey* const> keys, const Basis& basis);

  /** innerProduct of the whole limbs' elements [begin, end), one block of the worker's after the other. */
  void innerProducts(Word* limb0, Word* limb1, const std::vector<const Word*>& rows, const Word* added0,
                     KeyWorker& worker, const Basis& basis, std::size_t row, std::size_t begin, std::size_t end,
                     ProductOutput output) const;
  /** For each key convertRemainder of the digits times it, both polynomials. */
  std::vector<PolynomialPair> switchedRemainders(Digits& digits, std::vector<KeyWorkers>& workers, const Basis& basis);
  /**
   * Digits of the polynomial that the source makes in place of the rows, limbs q_0 .. q_level: each is transformed
   * while it is in the cache.
   */
  Digits decompose(LimbMatrix rows, const Basis& basis, const RowSource& polynomial);
  /** Lifts digits from coefficients at limbs q_0 .. q_level; rows within a digit are already filled. */
  Digits lift(std::vector<LimbMatrix> digits, const LimbMatrix& coefficients, const Basis& basis);
  std::vector<LimbMatrix> emptyDigits(const Basis& basis) const;
  /**
   * -[polynomial modulo the divisor] / divisor at the limbs that a division keeps, as coefficients; adding polynomial /
   * divisor gives the rounded quotient. The divisor: the special primes, with `rescale` q_level as well. Its rows of
   * the polynomial become coefficients.
   */
  LimbMatrix negatedRemainder(LimbMatrix& polynomial, const Basis& basis, bool rescale);
  /** The same from the divisor's rows alone, given as coefficients. */
  LimbMatrix convertRemainder(const std::vector<const Word*>& tail, const Basis& basis, bool rescale);
  const NttTable& table(const Basis& basis, std::size_t row) const { return parameters_->table(limb(basis, row)); }

  const BaseConverter& digitConverter(const Basis& basis, std::size_t digit);
  const BaseConverter& divisionConverter(const Basis& basis, bool rescale);
  /** Product of the special primes [begin, end) modulo a limb's prime. */
  Word specialProduct(std::size_t begin, std::size_t end, std::size_t limb) const;
  /** Product of a basis's special primes but for the one of a special limb, modulo that one. */
  Word otherSpecials(const Basis& basis, std::size_t limb) const;
  /**
   * What a digit's own rows are multiplied by: (P/P')^-1, P'^-1 as all rows of the extended basis modulo a q_i, and the
   * digits' radix.
   */
  Word digitFactor(std::size_t limb) const;
  /** q_level^-1 modulo a limb's prime. */
  Word lastInverse(const Basis& basis, std::size_t limb) const;

  std::shared_ptr<const Parameters> parameters_;
  std::map<std::tuple<Basis, std::size_t>, BaseConverter> digitConverters_;
  std::map<std::tuple<Basis, bool>, BaseConverter> divisionConverters_;
};

/** Residues of a block of key products: what a product touches of it fits a level-1 or level-2 cache. */
inline constexpr std::size_t kKeyBlock = 1024;
/** Residues of a key that are read from its file at a time: enough that calls of the system cost little. */
inline constexpr std::size_t kKeyWindow = 32768;

}  // namespace ckks
