#include "rns_stream.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <numeric>

#include "errors.h"

namespace openfhe_addon {
namespace {

constexpr size_t kMaximumText = 256;

size_t ResidueBytes(const lbcrypto::NativePoly& limb) {
  return (static_cast<size_t>(std::bit_width(limb.GetModulus().ConvertToInt<uint64_t>() - 1)) + 7) / 8;
}

std::vector<size_t> AllPrimes(size_t count) {
  std::vector<size_t> result(count);
  std::iota(result.begin(), result.end(), size_t{0});
  return result;
}

static_assert(std::endian::native == std::endian::little, "files are little-endian");

}  // namespace

void RnsWriter::Number(uint64_t value) { Bytes(&value, sizeof value); }

void RnsWriter::Real(double value) { Bytes(&value, sizeof value); }

void RnsWriter::Text(const std::string& text) {
  Number(text.size());
  Bytes(text.data(), text.size());
}

void RnsWriter::Residues(const Poly& poly) { Residues(poly, AllPrimes(poly.GetNumOfElements())); }

void RnsWriter::Residues(const Poly& poly, const std::vector<size_t>& primes) {
  const uint32_t dimension = poly.GetRingDimension();
  std::vector<uint8_t> packed;
  for (const size_t prime : primes) {
    const auto& limb = poly.GetElementAtIndex(prime);
    const size_t width = ResidueBytes(limb);
    packed.resize(dimension * width);
    for (uint32_t i = 0; i < dimension; ++i) {
      const uint64_t residue = limb[i].ConvertToInt<uint64_t>();
      std::memcpy(packed.data() + i * width, &residue, width);
    }
    Bytes(packed.data(), packed.size());
  }
}

uint64_t RnsReader::Number() {
  uint64_t value = 0;
  Bytes(&value, sizeof value);
  return value;
}

double RnsReader::Real() {
  double value = 0;
  Bytes(&value, sizeof value);
  return value;
}

std::string RnsReader::Text() {
  const uint64_t size = Number();
  if (size > kMaximumText) Fail("a text is too long");
  std::string text(size, '\0');
  Bytes(text.data(), size);
  return text;
}

void RnsReader::ReadLimb(lbcrypto::NativePoly& limb, std::vector<uint8_t>& packed) {
  const uint32_t dimension = limb.GetRingDimension();
  const auto modulus = limb.GetModulus();
  const uint64_t prime = modulus.ConvertToInt<uint64_t>();
  const size_t width = ResidueBytes(limb);
  packed.resize(dimension * width);
  Bytes(packed.data(), packed.size());
  lbcrypto::NativeVector values(dimension, modulus);
  for (uint32_t i = 0; i < dimension; ++i) {
    uint64_t residue = 0;
    std::memcpy(&residue, packed.data() + i * width, width);
    if (residue >= prime) Fail("a residue is not below its prime");
    values[i] = residue;
  }
  limb.SetValues(std::move(values), Format::EVALUATION);
}

Poly RnsReader::Residues(const std::shared_ptr<PolyParams>& params) {
  const auto all = AllPrimes(params->GetParams().size());
  return Residues(params, all, all);
}

Poly RnsReader::Residues(const std::shared_ptr<PolyParams>& params, const std::vector<size_t>& written,
                         const std::vector<size_t>& kept) {
  Poly poly(params, Format::EVALUATION, false);
  std::vector<uint8_t> packed;
  for (const size_t prime : written) {
    auto& limb = poly.GetAllElements()[prime];
    if (std::find(kept.begin(), kept.end(), prime) != kept.end()) {
      ReadLimb(limb, packed);
    } else {
      Skip(limb.GetRingDimension() * ResidueBytes(limb));
    }
  }
  return poly;
}

void RnsReader::End() {
  if (!AtEnd()) Fail("it is longer than it should be");
}

void RnsReader::Fail(const std::string& reason) const { throw addon_support::CodedError(code_, what_ + ": " + reason); }

void MemoryWriter::Bytes(const void* data, size_t size) {
  const auto* bytes = static_cast<const uint8_t*>(data);
  data_.insert(data_.end(), bytes, bytes + size);
}

MemoryReader::MemoryReader(const std::vector<uint8_t>& data, std::string what, std::string code)
    : RnsReader(std::move(what), std::move(code)), data_(data) {}

void MemoryReader::Bytes(void* data, size_t size) {
  if (size > data_.size() - position_) Fail("it is shorter than it should be");
  std::memcpy(data, data_.data() + position_, size);
  position_ += size;
}

void MemoryReader::Skip(size_t size) {
  if (size > data_.size() - position_) Fail("it is shorter than it should be");
  position_ += size;
}

}  // namespace openfhe_addon
