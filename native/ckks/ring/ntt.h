#pragma once

#include <cstddef>
#include <memory>
#include <mutex>

#include "ckks/ring/aligned.h"
#include "ckks/ring/modulus.h"

namespace ckks {

/// What the negacyclic number-theoretic transform modulo one prime needs.
///
/// The forward transform takes coefficients a_0 .. a_(N-1) of a(X) mod X^N + 1 in natural order to evaluations in
/// bit-reversed order: output i is a(zeta^(2 bitreverse(i) + 1)), with bitreverse on log2(N) bits. zeta is a fixed
/// primitive 2N-th root of unity: g^((q-1)/2N) for the smallest g >= 2 for which that power is primitive.
///
/// Only the forward twiddle factors are stored, in the order in which both transforms walk them:
/// twiddles()[j] = zeta^bitreverse(j) for 1 <= j < N, so level m uses [m, 2m), and [1] is zeta^(N/2). The inverse
/// ones are the same level backwards with the sign changed, zeta^-bitreverse(m + i) = -zeta^bitreverse(2m - 1 - i),
/// and the sign goes into the order of a subtraction. Each array is made when it is first asked for: a prime at N =
/// 2^16 costs nothing until something is transformed, and 1 MB at most from then on.
class NttTable {
 public:
  /// `modulus` prime with 2N | q - 1, N a power of two in [2^4, 2^17]; throws std::invalid_argument otherwise.
  NttTable(const Modulus& modulus, std::size_t ringDimension);

  [[nodiscard]] const Modulus& modulus() const { return modulus_; }
  [[nodiscard]] std::size_t ringDimension() const { return ringDimension_; }
  /// zeta.
  [[nodiscard]] Word root() const { return root_; }

  /// zeta^(N/2), a square root of -1.
  [[nodiscard]] Word imaginaryUnit() const { return imaginaryUnit_; }

  /// Thread-safe, like the next two.
  [[nodiscard]] const Word* twiddles() const;
  /// floor(twiddle 2^52 / q), index by index.
  [[nodiscard]] const Word* quotients() const;
  /// The twiddles' representatives in (-q/2, q/2), index by index, as bit patterns of doubles.
  [[nodiscard]] const Word* centredTwiddles() const;
  /// N^-1, and zeta^(N/2) N^-1: the factors of the inverse transform's last level, which scales as well.
  [[nodiscard]] const ShoupConstant& scale() const { return scale_; }
  [[nodiscard]] const ShoupConstant& scaledTwiddle() const { return scaledTwiddle_; }

  /// With what has been made so far.
  [[nodiscard]] std::size_t bytes() const;

 private:
  /// An array that is made at its first use. Shared by threads, so that it stays where it is when its owner moves.
  struct Array {
    std::once_flag made;
    AlignedWords words;
  };

  /// The array, whose words are what `convert` makes of the twiddle factors; made the first time.
  template <typename Convert>
  const Word* made(Array& array, const Convert& convert) const;

  Modulus modulus_;
  std::size_t ringDimension_;
  Word root_;
  Word imaginaryUnit_;
  std::unique_ptr<Array> twiddles_ = std::make_unique<Array>();
  std::unique_ptr<Array> quotients_ = std::make_unique<Array>();
  std::unique_ptr<Array> centred_ = std::make_unique<Array>();
  ShoupConstant scale_;
  ShoupConstant scaledTwiddle_;
};

}  // namespace ckks
