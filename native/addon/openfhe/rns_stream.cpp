#include "rns_stream.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <numeric>

#include "errors.h"

namespace openfhe_addon {
namespace {

constexpr size_t kMaximumText = 256;

size_t residueBytes(const lbcrypto::NativePoly& limb) {
  return (static_cast<size_t>(std::bit_width(limb.GetModulus().ConvertToInt<uint64_t>() - 1)) + 7) / 8;
}

std::vector<size_t> allPrimes(size_t count) {
  std::vector<size_t> result(count);
  std::iota(result.begin(), result.end(), size_t{0});
  return result;
}

static_assert(std::endian::native == std::endian::little, "files are little-endian");

}  // namespace

void RnsWriter::number(uint64_t value) { bytes(&value, sizeof value); }

void RnsWriter::real(double value) { bytes(&value, sizeof value); }

void RnsWriter::text(const std::string& text) {
  number(text.size());
  bytes(text.data(), text.size());
}

void RnsWriter::residues(const Poly& poly) { residues(poly, allPrimes(poly.GetNumOfElements())); }

void RnsWriter::residues(const Poly& poly, const std::vector<size_t>& primes) {
  const uint32_t dimension = poly.GetRingDimension();
  std::vector<uint8_t> packed;
  for (const size_t prime : primes) {
    const auto& limb = poly.GetElementAtIndex(prime);
    const size_t width = residueBytes(limb);
    packed.resize(dimension * width);
    for (uint32_t i = 0; i < dimension; ++i) {
      const uint64_t residue = limb[i].ConvertToInt<uint64_t>();
      std::memcpy(packed.data() + i * width, &residue, width);
    }
    bytes(packed.data(), packed.size());
  }
}

uint64_t RnsReader::number() {
  uint64_t value = 0;
  bytes(&value, sizeof value);
  return value;
}

double RnsReader::real() {
  double value = 0;
  bytes(&value, sizeof value);
  return value;
}

std::string RnsReader::text() {
  const uint64_t size = number();
  if (size > kMaximumText) fail("a text is too long");
  std::string text(size, '\0');
  bytes(text.data(), size);
  return text;
}

void RnsReader::readLimb(lbcrypto::NativePoly& limb, std::vector<uint8_t>& packed) {
  const uint32_t dimension = limb.GetRingDimension();
  const auto modulus = limb.GetModulus();
  const uint64_t prime = modulus.ConvertToInt<uint64_t>();
  const size_t width = residueBytes(limb);
  packed.resize(dimension * width);
  bytes(packed.data(), packed.size());
  lbcrypto::NativeVector values(dimension, modulus);
  for (uint32_t i = 0; i < dimension; ++i) {
    uint64_t residue = 0;
    std::memcpy(&residue, packed.data() + i * width, width);
    if (residue >= prime) fail("a residue is not below its prime");
    values[i] = residue;
  }
  limb.SetValues(std::move(values), Format::EVALUATION);
}

Poly RnsReader::residues(const std::shared_ptr<PolyParams>& params) {
  const auto all = allPrimes(params->GetParams().size());
  return residues(params, all, all);
}

Poly RnsReader::residues(const std::shared_ptr<PolyParams>& params, const std::vector<size_t>& written,
                         const std::vector<size_t>& kept) {
  Poly poly(params, Format::EVALUATION, false);
  std::vector<uint8_t> packed;
  for (const size_t prime : written) {
    auto& limb = poly.GetAllElements()[prime];
    if (std::find(kept.begin(), kept.end(), prime) != kept.end()) {
      readLimb(limb, packed);
    } else {
      skip(limb.GetRingDimension() * residueBytes(limb));
    }
  }
  return poly;
}

void RnsReader::end() {
  if (!atEnd()) fail("it is longer than it should be");
}

void RnsReader::fail(const std::string& reason) const { throw addon_support::CodedError(code_, what_ + ": " + reason); }

void MemoryWriter::bytes(const void* data, size_t size) {
  const auto* bytes = static_cast<const uint8_t*>(data);
  data_.insert(data_.end(), bytes, bytes + size);
}

MemoryReader::MemoryReader(const std::vector<uint8_t>& data, std::string what, std::string code)
    : RnsReader(std::move(what), std::move(code)), data_(data) {}

void MemoryReader::bytes(void* data, size_t size) {
  if (size > data_.size() - position_) fail("it is shorter than it should be");
  std::memcpy(data, data_.data() + position_, size);
  position_ += size;
}

void MemoryReader::skip(size_t size) {
  if (size > data_.size() - position_) fail("it is shorter than it should be");
  position_ += size;
}

}  // namespace openfhe_addon
