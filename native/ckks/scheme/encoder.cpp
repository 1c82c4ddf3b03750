#include "ckks/scheme/encoder.h"

#include <bit>
#include <cmath>
#include <numbers>
#include <utility>

#include "ckks/error.h"
#include "ckks/random/secret_buffer.h"

namespace ckks {
namespace {

template <typename T>
void bitReverse(std::span<T> values) {
  const std::size_t n = values.size();
  for (std::size_t i = 1, j = 0; i < n; ++i) {
    std::size_t bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) std::swap(values[i], values[j]);
  }
}

// |value| at or above this does not round into the 62 bits that the kernels' signed lift accepts.
constexpr double kCoefficientBound = 4.6e18;

}  // namespace

Encoder::Encoder(std::size_t ringDimension)
    : slots_(ringDimension / 2), roots_(2 * ringDimension + 1), rotationGroup_(slots_) {
  if (!std::has_single_bit(ringDimension) || ringDimension < 4) {
    throw Error(ErrorKind::kInvalidParameter, "encoder: the ring dimension must be a power of two from 4");
  }
  const std::size_t order = 2 * ringDimension;
  for (std::size_t k = 0; k <= order; ++k) {
    const double angle = 2.0 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(order);
    roots_[k] = {std::cos(angle), std::sin(angle)};
  }
  std::size_t power = 1;
  for (std::size_t j = 0; j < slots_; ++j) {
    rotationGroup_[j] = power;
    power = power * 5 % order;
  }
}

void Encoder::embed(std::span<Complex> values) const {
  bitReverse(values);
  for (std::size_t length = 2; length <= slots_; length <<= 1) {
    const std::size_t half = length >> 1;
    const std::size_t period = length << 2;
    const std::size_t stride = 4 * slots_ / period;
    for (std::size_t i = 0; i < slots_; i += length) {
      for (std::size_t j = 0; j < half; ++j) {
        const Complex root = roots_[rotationGroup_[j] % period * stride];
        const Complex even = values[i + j];
        const Complex odd = values[i + j + half] * root;
        values[i + j] = even + odd;
        values[i + j + half] = even - odd;
      }
    }
  }
}

void Encoder::embedInverse(std::span<Complex> values) const {
  for (std::size_t length = slots_; length >= 2; length >>= 1) {
    const std::size_t half = length >> 1;
    const std::size_t period = length << 2;
    const std::size_t stride = 4 * slots_ / period;
    for (std::size_t i = 0; i < slots_; i += length) {
      for (std::size_t j = 0; j < half; ++j) {
        const Complex root = roots_[(period - rotationGroup_[j] % period) * stride];
        const Complex even = values[i + j] + values[i + j + half];
        const Complex odd = (values[i + j] - values[i + j + half]) * root;
        values[i + j] = even;
        values[i + j + half] = odd;
      }
    }
  }
  bitReverse(values);
  const double scale = 1.0 / static_cast<double>(slots_);
  for (Complex& value : values) value *= scale;
}

void Encoder::encode(std::span<std::int64_t> coefficients, std::span<const double> real,
                     std::span<const double> imaginary, double scale) const {
  std::vector<Complex> values(slots_);
  encode(coefficients, real, imaginary, scale, values);
}

void Encoder::encodeSecret(std::span<std::int64_t> coefficients, std::span<const double> real,
                           std::span<const double> imaginary, double scale) const {
  SecretBuffer<Complex> values(slots_);
  encode(coefficients, real, imaginary, scale, values);
}

void Encoder::encode(std::span<std::int64_t> coefficients, std::span<const double> real,
                     std::span<const double> imaginary, double scale, std::span<Complex> values) const {
  if (coefficients.size() != 2 * slots_ || real.size() != slots_ ||
      (!imaginary.empty() && imaginary.size() != slots_)) {
    throw Error(ErrorKind::kInvalidParameter, "encode: expected " + std::to_string(slots_) + " slots");
  }
  for (std::size_t j = 0; j < slots_; ++j) values[j] = {real[j], imaginary.empty() ? 0.0 : imaginary[j]};
  embedInverse(values);
  for (std::size_t j = 0; j < slots_; ++j) {
    const double low = values[j].real() * scale;
    const double high = values[j].imag() * scale;
    if (!(std::abs(low) < kCoefficientBound && std::abs(high) < kCoefficientBound)) {
      throw Error(ErrorKind::kRange, "encode: a value times the scale does not fit 62 bits");
    }
    coefficients[j] = std::llrint(low);
    coefficients[j + slots_] = std::llrint(high);
  }
}

void Encoder::decode(std::span<double> real, std::span<double> imaginary, std::span<const double> coefficients) const {
  SecretBuffer<Complex> values(slots_);
  for (std::size_t j = 0; j < slots_; ++j) values[j] = {coefficients[j], coefficients[j + slots_]};
  embed(values);
  for (std::size_t j = 0; j < slots_; ++j) {
    real[j] = values[j].real();
    if (!imaginary.empty()) imaginary[j] = values[j].imag();
  }
}

}  // namespace ckks
