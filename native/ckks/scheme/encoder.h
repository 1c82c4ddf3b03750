#pragma once

#include <complex>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ckks {

/**
 * Maps slot vectors to integer polynomials and back, for one ring dimension M = 2 * slots (a power of two).
 *
 * Slot j is the value at exp(i pi 5^j / M) (Cheon, Kim, Kim, Song, ePrint 2016/421). A vector of period p in the slots
 * of the ring of dimension N is the encoding by Encoder(2p) with X replaced by X^(N / 2p).
 */
class Encoder {
 public:
  explicit Encoder(std::size_t ringDimension);

  std::size_t ringDimension() const { return 2 * slots_; }
  std::size_t slots() const { return slots_; }

  /**
   * coefficients[k] = round(scale * canonical embedding^-1 of real + i imaginary); `imaginary` may be empty.
   * Throws Error(kRange) when a coefficient does not fit 62 bits or a value is not finite.
   */
  void encode(std::span<std::int64_t> coefficients, std::span<const double> real, std::span<const double> imaginary,
              double scale) const;

  /** The same, leaving nothing of the values behind in memory. */
  void encodeSecret(std::span<std::int64_t> coefficients, std::span<const double> real,
                    std::span<const double> imaginary, double scale) const;

  /**
   * The inverse, of real coefficients (already divided by the scale). `imaginary` may be empty: not wanted. Leaves
   * nothing of the values behind in memory.
   */
  void decode(std::span<double> real, std::span<double> imaginary, std::span<const double> coefficients) const;

 private:
  using Complex = std::complex<double>;
  void encode(std::span<std::int64_t> coefficients, std::span<const double> real, std::span<const double> imaginary,
              double scale, std::span<Complex> working) const;
  void embed(std::span<Complex> values) const;
  void embedInverse(std::span<Complex> values) const;

  std::size_t slots_;
  std::vector<Complex> roots_;              // exp(2 pi i k / 4 slots), 0 <= k <= 4 slots
  std::vector<std::size_t> rotationGroup_;  // 5^j mod 4 slots
};

}  // namespace ckks
