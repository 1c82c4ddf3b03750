#pragma once

#include <cstddef>
#include <cstdint>

namespace ckks {

/// One residue. Residues are canonical, in [0, q), wherever a header doesn't say otherwise.
using Word = std::uint64_t;
__extension__ typedef unsigned __int128 Word128;

/// Largest size of a prime: 4q < 2^52 lets the IFMA butterflies stay lazy in [0, 4q), and q < 2^50 keeps the
/// double-precision remainders of the AVX2 kernels exact.
inline constexpr int kMaxModulusBits = 50;

/// Radix of the vector kernels' multiplications: the width of AVX-512 IFMA.
inline constexpr int kRadixBits = 52;
inline constexpr Word kRadixMask = (Word{1} << kRadixBits) - 1;

/// A constant factor c with its precomputed quotient floor(c 2^52 / q) (Shoup, NTL's `MulModPrecon`).
struct ShoupConstant {
  Word value = 0;
  Word quotient = 0;
};

/// An odd modulus q of at most 50 bits with what its reductions need. It need not be prime, except for `inverse`.
struct Modulus {
  Word value;
  int bits;             ///< 2^(bits-1) < value < 2^bits
  Word wordRatio;       ///< floor(2^64 / q): Barrett reduction of a 64-bit word
  Word wordRadix;       ///< 2^64 mod q
  Word productRatio;    ///< floor(2^(2 bits) / q): Barrett reduction of a product of two residues
  Word radixRatio;      ///< floor(2^52 / q)
  Word lazyRatio;       ///< floor(2^(51 + bits) / q), below 2^52: reduction of a product by IFMA
  ShoupConstant radix;  ///< 2^52 mod q: folds the high halves of sums of products
  Word inverseRadix;    ///< 2^-52 mod q
  Word radixInverse;    ///< q^-1 mod 2^52: divides sums of products by 2^52 (Montgomery)
  Word foldedRadix;     ///< 2^100 mod q: folds high halves that have outgrown 52 bits
  double reciprocal;    ///< the double nearest to 1 / q

  /// Throws std::invalid_argument unless the value is odd, above 2 and below 2^50.
  explicit Modulus(Word modulus);

  // Residues may be a secret's: nothing here branches on them, or is written so that a compiler would.

  [[nodiscard]] Word add(Word a, Word b) const { return correctOnce(a + b); }

  [[nodiscard]] Word subtract(Word a, Word b) const { return addIfNegative(a - b); }

  [[nodiscard]] Word negate(Word a) const { return correctOnce(value - a); }

  [[nodiscard]] Word multiply(Word a, Word b) const {
    const Word128 product = static_cast<Word128>(a) * b;
    const Word high = static_cast<Word>(product >> (bits - 1));
    const Word quotient = static_cast<Word>((static_cast<Word128>(high) * productRatio) >> (bits + 1));
    return correctOnce(correctOnce(static_cast<Word>(product) - quotient * value));  // below 3q
  }

  /// `a` may be any word below 2^52.
  [[nodiscard]] Word multiply(Word a, const ShoupConstant& constant) const {
    return correctOnce(multiplyLazy(a, constant));
  }

  /// `a` may be any word below 2^52; the result is in [0, 2q).
  [[nodiscard]] Word multiplyLazy(Word a, const ShoupConstant& constant) const {
    const Word quotient = static_cast<Word>((static_cast<Word128>(a) * constant.quotient) >> kRadixBits);
    return a * constant.value - quotient * value;
  }

  /// A residue's representative in (-q/2, q/2).
  [[nodiscard]] double centred(Word a) const {
    return static_cast<double>(a) - (a > value / 2 ? static_cast<double>(value) : 0.0);
  }

  /// The precomputed form of a factor in [0, q).
  [[nodiscard]] ShoupConstant shoup(Word constant) const {
    return {constant, static_cast<Word>((static_cast<Word128>(constant) << kRadixBits) / value)};
  }

  [[nodiscard]] Word reduce(Word a) const {
    const Word quotient = static_cast<Word>((static_cast<Word128>(a) * wordRatio) >> 64);
    return correctOnce(a - quotient * value);  // below 2q
  }

  [[nodiscard]] Word reduce(Word128 a) const {
    const Word high = reduce(static_cast<Word>(a >> 64));
    return add(multiply(high, wordRadix), reduce(static_cast<Word>(a)));
  }

  [[nodiscard]] Word reduceSigned(std::int64_t a) const {
    const Word sign = Word{0} - (static_cast<Word>(a) >> 63);  // all ones for a negative value
    const Word residue = reduce((static_cast<Word>(a) ^ sign) - sign);
    return residue ^ ((residue ^ negate(residue)) & sign);
  }

  /// `base` canonical, 0^0 = 1.
  [[nodiscard]] Word power(Word base, Word exponent) const;

  /// The inverse of a non-zero residue modulo a *prime*, by Fermat's little theorem.
  /// Throws std::invalid_argument for 0.
  [[nodiscard]] Word inverse(Word a) const;

 private:
  /// From [-q, q), as a difference of words, to [0, q).
  [[nodiscard]] Word addIfNegative(Word a) const { return a + (value & (Word{0} - (a >> 63))); }
  /// From [0, 2q) to [0, q), or one q less.
  [[nodiscard]] Word correctOnce(Word a) const { return addIfNegative(a - value); }
};

}  // namespace ckks
