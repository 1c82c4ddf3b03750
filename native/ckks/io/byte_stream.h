#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "ckks/error.h"

namespace ckks {

/** Appends plain values to a byte vector; files are little-endian, as are the machines this library builds for. */
class ByteWriter {
 public:
  explicit ByteWriter(std::vector<std::uint8_t>& bytes) : bytes_(bytes) {}

  template <typename T>
    requires std::is_arithmetic_v<T>
  void put(T value) {
    put(std::span(reinterpret_cast<const std::uint8_t*>(&value), sizeof value));
  }
  void put(std::span<const std::uint8_t> values) {
    const std::size_t at = bytes_.size();
    bytes_.resize(at + values.size());
    std::memcpy(bytes_.data() + at, values.data(), values.size());
  }

 private:
  std::vector<std::uint8_t>& bytes_;
};

/** Reads them back; running past the end is an Error of the given kind. */
class ByteReader {
 public:
  ByteReader(std::span<const std::uint8_t> bytes, ErrorKind kind, std::string what)
      : bytes_(bytes), kind_(kind), what_(std::move(what)) {}

  template <typename T>
    requires std::is_arithmetic_v<T>
  T get() {
    T value;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }
  void get(std::span<std::uint8_t> values) { std::memcpy(values.data(), take(values.size()).data(), values.size()); }
  std::span<const std::uint8_t> take(std::size_t count) {
    if (bytes_.size() - position_ < count) throw Error(kind_, what_ + ": truncated");
    position_ += count;
    return bytes_.subspan(position_ - count, count);
  }
  std::size_t remaining() const { return bytes_.size() - position_; }

 private:
  std::span<const std::uint8_t> bytes_;
  ErrorKind kind_;
  std::string what_;
  std::size_t position_ = 0;
};

}  // namespace ckks
