#include "rns_stream.h"

#include <bit>
#include <cstring>

#include "errors.h"

namespace openfhe_addon {
namespace {

constexpr size_t kMaximumText = 256;

size_t ResidueBytes(uint64_t prime) { return (static_cast<size_t>(std::bit_width(prime - 1)) + 7) / 8; }

static_assert(std::endian::native == std::endian::little, "files are little-endian");

}  // namespace

void RnsWriter::Number(uint64_t value) { Bytes(&value, sizeof value); }

void RnsWriter::Real(double value) { Bytes(&value, sizeof value); }

void RnsWriter::Text(const std::string& text) {
  Number(text.size());
  Bytes(text.data(), text.size());
}

void RnsWriter::Residues(const Poly& poly) {
  const uint32_t dimension = poly.GetRingDimension();
  std::vector<uint8_t> packed;
  for (const auto& limb : poly.GetAllElements()) {
    const size_t width = ResidueBytes(limb.GetModulus().ConvertToInt<uint64_t>());
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

Poly RnsReader::Residues(const std::shared_ptr<PolyParams>& params) {
  Poly poly(params, Format::EVALUATION, true);
  const uint32_t dimension = poly.GetRingDimension();
  std::vector<uint8_t> packed;
  for (auto& limb : poly.GetAllElements()) {
    const uint64_t prime = limb.GetModulus().ConvertToInt<uint64_t>();
    const size_t width = ResidueBytes(prime);
    packed.resize(dimension * width);
    Bytes(packed.data(), packed.size());
    for (uint32_t i = 0; i < dimension; ++i) {
      uint64_t residue = 0;
      std::memcpy(&residue, packed.data() + i * width, width);
      if (residue >= prime) Fail("a residue is not below its prime");
      limb[i] = residue;
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

}  // namespace openfhe_addon
