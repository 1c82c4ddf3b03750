#include "ckks/io/key_file.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "ckks/error.h"
#include "ckks/io/byte_stream.h"
#include "ckks/ring/kernels.h"
#include "ckks/ring/parallel.h"
#include "ckks/scheme/sampler.h"

namespace ckks {
namespace {

constexpr std::string_view kMagic = "CKKSKEY\n";
constexpr std::uint32_t kFormat = 1;
constexpr std::size_t kHeaderBytes = 256;

std::uint64_t limbBytes(const Parameters& parameters, std::size_t limb) {
  return parameters.ringDimension() * static_cast<std::uint64_t>(parameters.modulus(limb).bits) / 8;
}

std::vector<std::uint8_t> serialize(const Parameters& parameters, const KeyHeader& header, const Digest& payloadHash) {
  std::vector<std::uint8_t> bytes;
  ByteWriter writer(bytes);
  writer.put({reinterpret_cast<const std::uint8_t*>(kMagic.data()), kMagic.size()});
  writer.put(kFormat);
  writer.put(static_cast<std::uint32_t>(header.kind));
  writer.put(std::span<const std::uint8_t>(parameters.hash()));
  writer.put(std::span<const std::uint8_t>(header.keyId));
  writer.put(header.galoisElement);
  writer.put(static_cast<std::uint32_t>(header.level));
  writer.put(static_cast<std::uint32_t>(header.digits));
  writer.put(static_cast<std::uint32_t>(header.specialPrimes));
  writer.put(header.seed.bytes());
  writer.put(std::span<const std::uint8_t>(payloadHash));
  bytes.resize(kHeaderBytes - sizeof(Digest));
  Sha256 sha;
  sha.update(bytes);
  const Digest headerHash = sha.finish();
  bytes.insert(bytes.end(), headerHash.begin(), headerHash.end());
  return bytes;
}

void check(bool condition, ErrorKind kind, const std::string& message) {
  if (!condition) throw Error(kind, message);
}

/** Reads and checks the header; `payloadHash` is the second result. */
KeyHeader parse(const Parameters& parameters, const File& file, Digest& payloadHash) {
  const std::string& path = file.path();
  check(file.size() >= kHeaderBytes, ErrorKind::kKeyCorrupt, path + ": too short for a key file");
  std::array<std::uint8_t, kHeaderBytes> bytes;
  file.readAt(0, bytes);
  ByteReader reader(bytes, ErrorKind::kKeyCorrupt, path);
  const auto magic = reader.take(kMagic.size());
  check(std::equal(magic.begin(), magic.end(), kMagic.begin()), ErrorKind::kKeyCorrupt, path + ": not a key file");
  const auto format = reader.get<std::uint32_t>();
  check(format == kFormat, ErrorKind::kKeyVersion,
        path + ": key format " + std::to_string(format) + ", expected " + std::to_string(kFormat));
  Sha256 sha;
  sha.update(std::span<const std::uint8_t>(bytes).first(kHeaderBytes - sizeof(Digest)));
  const Digest headerHash = sha.finish();
  check(std::equal(headerHash.begin(), headerHash.end(), bytes.end() - sizeof(Digest)), ErrorKind::kKeyCorrupt,
        path + ": the header is damaged");

  const auto kind = reader.get<std::uint32_t>();
  Digest parameterHash;
  reader.get(parameterHash);
  KeyId keyId;
  reader.get(keyId);
  const auto galoisElement = reader.get<Word>();
  const auto level = reader.get<std::uint32_t>();
  const auto digits = reader.get<std::uint32_t>();
  const auto specialPrimes = reader.get<std::uint32_t>();
  std::array<std::uint8_t, Seed::kBytes> seed;
  reader.get(seed);
  reader.get(payloadHash);

  check(parameterHash == parameters.hash(), ErrorKind::kKeyMismatch, path + ": made with other parameters");
  check(kind >= static_cast<std::uint32_t>(KeyKind::kRelinearization) &&
            kind <= static_cast<std::uint32_t>(KeyKind::kPublic),
        ErrorKind::kKeyCorrupt, path + ": unknown kind of key");
  check(galoisElement % 2 == 1 && galoisElement < 2 * parameters.ringDimension(), ErrorKind::kKeyCorrupt,
        path + ": impossible automorphism");
  check(level <= static_cast<std::uint32_t>(parameters.levels()), ErrorKind::kKeyCorrupt, path + ": impossible level");
  KeyHeader header{
      static_cast<KeyKind>(kind), keyId, galoisElement, static_cast<int>(level), digits, specialPrimes, Seed(seed)};
  check(digits == keyDigits(parameters, header.kind, header.level) &&
            specialPrimes == keySpecialPrimes(parameters, header.kind, header.level),
        ErrorKind::kKeyCorrupt, path + ": impossible digits or special primes");
  return header;
}

}  // namespace

std::uint32_t uniformStreamIndex(std::size_t limb, std::size_t digit) {
  return static_cast<std::uint32_t>(limb * 64 + digit);
}

std::size_t keyDigits(const Parameters& parameters, KeyKind kind, int level) {
  return kind == KeyKind::kPublic ? 1 : parameters.digitCount(level);
}

std::size_t keySpecialPrimes(const Parameters& parameters, KeyKind kind, int level) {
  if (kind == KeyKind::kPublic) return 0;
  return kind == KeyKind::kRingSwitch ? 1 : parameters.specialCountUpTo(level);
}

std::uint64_t keyFileBytes(const Parameters& parameters, int level, std::size_t digits, std::size_t specialPrimes) {
  std::uint64_t bytes = kHeaderBytes;
  for (std::size_t limb = 0; limb <= static_cast<std::size_t>(level); ++limb)
    bytes += digits * limbBytes(parameters, limb);
  for (std::size_t k = 0; k < specialPrimes; ++k) bytes += digits * limbBytes(parameters, parameters.specialLimb(k));
  return bytes;
}

KeyFile::KeyFile(std::shared_ptr<const Parameters> parameters, File file)
    : parameters_(std::move(parameters)), file_(std::move(file)), header_(parse(*parameters_, file_, payloadHash_)) {
  const std::size_t limbs = static_cast<std::size_t>(header_.level) + 1;
  rowOffsets_.push_back(kHeaderBytes);
  for (std::size_t row = 0; row < limbs + header_.specialPrimes; ++row) {
    const std::size_t limb = row < limbs ? row : parameters_->specialLimb(row - limbs);
    rowOffsets_.push_back(rowOffsets_.back() + header_.digits * limbBytes(*parameters_, limb));
  }
  check(file_.size() == rowOffsets_.back(), ErrorKind::kKeyCorrupt,
        path() + ": " + std::to_string(file_.size()) + " bytes, expected " + std::to_string(rowOffsets_.back()));
}

std::size_t KeyFile::limbOfRow(std::size_t row) const {
  const std::size_t limbs = static_cast<std::size_t>(header_.level) + 1;
  return row < limbs ? row : parameters_->specialLimb(row - limbs);
}

std::size_t KeyFile::rowOf(std::size_t limb) const {
  const std::size_t firstSpecial = parameters_->specialLimb(0);
  const std::size_t limbs = static_cast<std::size_t>(header_.level) + 1;
  const bool held = limb < limbs || (limb >= firstSpecial && limb - firstSpecial < header_.specialPrimes);
  check(held, ErrorKind::kKeyMissing, path() + ": the key does not reach this level");
  return limb < limbs ? limb : limbs + limb - firstSpecial;
}

std::size_t KeyFile::scratchBytes(std::size_t count) {
  return count * static_cast<std::size_t>(kMaxModulusBits) / 8 + kPackedPaddingBytes;
}

void KeyFile::read(Word* first, Word* second, std::size_t limb, std::size_t digit, std::size_t begin, std::size_t count,
                   RandomStream& stream, std::vector<std::uint8_t>& scratch) const {
  readPacked(scratch, limb, digit, begin, count);
  expand(first, second, scratch.data(), limb, digit, begin, count, stream, scratch);
}

std::vector<RandomStream> KeyFile::uniformStreams() const {
  std::vector<RandomStream> streams;
  for (std::size_t digit = 0; digit < header_.digits; ++digit) streams.emplace_back(header_.seed, kUniformDomain);
  return streams;
}

std::size_t KeyFile::packedBytes(std::size_t limb, std::size_t count) const {
  return count * static_cast<std::size_t>(parameters_->modulus(limb).bits) / 8;
}

void KeyFile::readPacked(std::span<std::uint8_t> packed, std::size_t limb, std::size_t digit, std::size_t begin,
                         std::size_t count) const {
  const std::uint64_t row = rowOffsets_[rowOf(limb)] + digit * limbBytes(*parameters_, limb);
  file_.readAt(row + packedBytes(limb, begin), packed.first(packedBytes(limb, count)));
}

void KeyFile::expand(Word* first, Word* second, const std::uint8_t* packed, std::size_t limb, std::size_t digit,
                     std::size_t begin, std::size_t count, RandomStream& stream,
                     std::span<std::uint8_t> scratch) const {
  const Modulus& modulus = parameters_->modulus(limb);
  check(kernels().maskAndCheck(first, packed, count, modulus.bits, modulus.value) == 0, ErrorKind::kKeyCorrupt,
        path() + ": a residue is not below its prime");
  sampleUniform({second, count}, stream, uniformStreamIndex(limb, digit), begin, modulus, scratch);
}

void KeyFile::verify() const {
  // The hash is sequential; residues are checked beside it on the other threads.
  const std::size_t n = parameters_->ringDimension();
  parallelFor(rows() + 1, [&](std::size_t task, unsigned) {
    if (task == 0) {
      Sha256 sha;
      std::vector<std::uint8_t> buffer(std::size_t{1} << 20);
      for (std::uint64_t at = rowOffsets_.front(); at < rowOffsets_.back();) {
        const auto chunk = std::span(buffer).first(std::min<std::uint64_t>(buffer.size(), rowOffsets_.back() - at));
        file_.readAt(at, chunk);
        sha.update(chunk);
        at += chunk.size();
      }
      check(sha.finish() == payloadHash_, ErrorKind::kKeyCorrupt, path() + ": the contents do not match their hash");
      return;
    }
    const std::size_t row = task - 1;
    const Modulus& modulus = parameters_->modulus(limbOfRow(row));
    std::vector<std::uint8_t> packed(scratchBytes(n));
    AlignedWords residues(n);
    for (std::size_t digit = 0; digit < header_.digits; ++digit) {
      const std::uint64_t bytes = limbBytes(*parameters_, limbOfRow(row));
      file_.readAt(rowOffsets_[row] + digit * bytes, std::span(packed).first(bytes));
      kernels().unpackBits(residues.data(), packed.data(), n, modulus.bits);
      check(kernels().allBelow(residues.data(), n, modulus.value), ErrorKind::kKeyCorrupt,
            path() + ": a residue is not below its prime");
    }
  });
}

KeyFileWriter::KeyFileWriter(const Parameters& parameters, const std::string& path, const KeyHeader& header)
    : parameters_(parameters),
      file_(File::create(path)),
      header_(header),
      offset_(kHeaderBytes),
      packed_(KeyFile::scratchBytes(parameters.ringDimension())) {}

void KeyFileWriter::append(std::size_t limb, const Word* residues) {
  const auto bytes = std::span(packed_).first(limbBytes(parameters_, limb));
  kernels().packBits(packed_.data(), residues, parameters_.ringDimension(), parameters_.modulus(limb).bits);
  hash_.update(bytes);
  file_.writeAt(offset_, bytes);
  offset_ += bytes.size();
}

void KeyFileWriter::finish() {
  file_.writeAt(0, serialize(parameters_, header_, hash_.finish()));
  file_.sync();
}

}  // namespace ckks
