#include "ckks/io/ciphertext_codec.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "ckks/error.h"
#include "ckks/io/byte_stream.h"
#include "ckks/ring/kernels.h"
#include "ckks/ring/parallel.h"
#include "ckks/scheme/sampler.h"

namespace ckks {
namespace {

constexpr std::string_view kMagic = "CKKSCT1\n";
constexpr std::string_view kUniformDomain = "ciphertext uniform half";
enum class Form : std::uint32_t { kSeeded = 1, kFull = 2, kResult = 3 };

void check(bool condition, const std::string& message) {
  if (!condition) throw Error(ErrorKind::kCiphertext, "ciphertext: " + message);
}

constexpr std::size_t kHeaderBytes =
    kMagic.size() + 2 * sizeof(std::uint32_t) + sizeof(double) + sizeof(KeyId) + sizeof(Digest);

void putHeader(ByteWriter& writer, const Parameters& parameters, const KeyId& keyId, Form form, int level,
               double scale) {
  writer.put({reinterpret_cast<const std::uint8_t*>(kMagic.data()), kMagic.size()});
  writer.put(static_cast<std::uint32_t>(form));
  writer.put(static_cast<std::uint32_t>(level));
  writer.put(scale);
  writer.put(std::span<const std::uint8_t>(keyId));
  writer.put(std::span<const std::uint8_t>(parameters.hash()));
}

struct Header {
  Form form;
  int level;
  double scale;
};

Header getHeader(ByteReader& reader, const Parameters& parameters, const KeyId& keyId) {
  const auto magic = reader.take(kMagic.size());
  check(std::equal(magic.begin(), magic.end(), kMagic.begin()), "not a ciphertext of this format");
  const auto form = reader.get<std::uint32_t>();
  const auto level = reader.get<std::uint32_t>();
  const auto scale = reader.get<double>();
  KeyId id;
  reader.get(id);
  Digest hash;
  reader.get(hash);
  check(form >= 1 && form <= 3, "unknown form");
  if (hash != parameters.hash()) throw Error(ErrorKind::kKeyMismatch, "ciphertext: made with other parameters");
  if (id != keyId) throw Error(ErrorKind::kKeyMismatch, "ciphertext: made with another key set");
  check(level <= static_cast<std::uint32_t>(parameters.levels()), "impossible level");
  check(std::isfinite(scale) && scale >= 1 && scale < 0x1p120, "impossible scale");
  return {static_cast<Form>(form), static_cast<int>(level), scale};
}

void putPacked(std::vector<std::uint8_t>& bytes, const Word* residues, std::size_t count, int bits) {
  const std::size_t at = bytes.size();
  bytes.resize(at + count * static_cast<std::size_t>(bits) / 8);
  kernels().packBits(bytes.data() + at, residues, count, bits);
}

void getPacked(Word* out, ByteReader& reader, std::size_t count, const Modulus& modulus) {
  const auto packed = reader.take(count * static_cast<std::size_t>(modulus.bits) / 8);
  std::vector<std::uint8_t> padded(packed.size() + kPackedPaddingBytes);
  std::copy(packed.begin(), packed.end(), padded.begin());
  kernels().unpackBits(out, padded.data(), count, modulus.bits);
  check(kernels().allBelow(out, count, modulus.value), "a residue is not below its prime");
}

std::size_t packedBytes(const Parameters& parameters, const LimbMatrix& polynomial) {
  std::size_t bits = 0;
  for (std::size_t limb = 0; limb < polynomial.limbs(); ++limb) {
    bits += polynomial.words() * static_cast<std::size_t>(parameters.modulus(limb).bits);
  }
  return bits / 8;
}

void putPolynomial(std::vector<std::uint8_t>& bytes, const Parameters& parameters, const LimbMatrix& polynomial) {
  for (std::size_t limb = 0; limb < polynomial.limbs(); ++limb) {
    putPacked(bytes, polynomial.limb(limb), polynomial.words(), parameters.modulus(limb).bits);
  }
}

LimbMatrix getPolynomial(ByteReader& reader, const Parameters& parameters, int level) {
  LimbMatrix polynomial(static_cast<std::size_t>(level) + 1, parameters.ringDimension());
  for (std::size_t limb = 0; limb < polynomial.limbs(); ++limb) {
    getPacked(polynomial.limb(limb), reader, polynomial.words(), parameters.modulus(limb));
  }
  return polynomial;
}

}  // namespace

void expandUniformHalf(Word* out, const Parameters& parameters, const Seed& seed, std::size_t limb) {
  const Modulus& modulus = parameters.modulus(limb);
  RandomStream stream(seed, kUniformDomain);
  std::vector<std::uint8_t> scratch(uniformScratchBytes(parameters.ringDimension(), modulus));
  sampleUniform({out, parameters.ringDimension()}, stream, static_cast<std::uint32_t>(limb), 0, modulus, scratch);
}

std::vector<std::uint8_t> writeSeeded(const Parameters& parameters, const KeyId& keyId, const Ciphertext& ciphertext,
                                      const Seed& seed) {
  std::vector<std::uint8_t> bytes;
  bytes.reserve(kHeaderBytes + Seed::kBytes + packedBytes(parameters, ciphertext.c0));
  ByteWriter writer(bytes);
  putHeader(writer, parameters, keyId, Form::kSeeded, ciphertext.level, ciphertext.scale);
  writer.put(seed.bytes());
  putPolynomial(bytes, parameters, ciphertext.c0);
  return bytes;
}

std::vector<std::uint8_t> writeCiphertext(const Parameters& parameters, const KeyId& keyId,
                                          const Ciphertext& ciphertext) {
  std::vector<std::uint8_t> bytes;
  bytes.reserve(kHeaderBytes + 2 * packedBytes(parameters, ciphertext.c0));
  ByteWriter writer(bytes);
  putHeader(writer, parameters, keyId, Form::kFull, ciphertext.level, ciphertext.scale);
  putPolynomial(bytes, parameters, ciphertext.c0);
  putPolynomial(bytes, parameters, ciphertext.c1);
  return bytes;
}

std::vector<std::uint8_t> writeResult(const Parameters& parameters, const KeyId& keyId,
                                      const ResultCiphertext& result) {
  std::vector<std::uint8_t> bytes;
  ByteWriter writer(bytes);
  putHeader(writer, parameters, keyId, Form::kResult, 0, result.scale);
  putPacked(bytes, result.c0.data(), result.c0.size(), parameters.modulus(0).bits);
  putPacked(bytes, result.c1.data(), result.c1.size(), parameters.modulus(0).bits);
  return bytes;
}

Ciphertext readCiphertext(const Parameters& parameters, const KeyId& keyId, std::span<const std::uint8_t> bytes) {
  ByteReader reader(bytes, ErrorKind::kCiphertext, "ciphertext");
  const Header header = getHeader(reader, parameters, keyId);
  check(header.form != Form::kResult, "a result cannot be computed with");
  Ciphertext ciphertext;
  ciphertext.level = header.level;
  ciphertext.scale = header.scale;
  if (header.form == Form::kSeeded) {
    std::array<std::uint8_t, Seed::kBytes> seedBytes;
    reader.get(seedBytes);
    const Seed seed(seedBytes);
    ciphertext.c0 = getPolynomial(reader, parameters, header.level);
    ciphertext.c1 = LimbMatrix(ciphertext.c0.limbs(), parameters.ringDimension());
    parallelFor(ciphertext.c1.limbs(), [&](std::size_t limb, unsigned) {
      expandUniformHalf(ciphertext.c1.limb(limb), parameters, seed, limb);
    });
  } else {
    ciphertext.c0 = getPolynomial(reader, parameters, header.level);
    ciphertext.c1 = getPolynomial(reader, parameters, header.level);
  }
  check(reader.remaining() == 0, "longer than its header says");
  return ciphertext;
}

bool isResult(std::span<const std::uint8_t> bytes) {
  if (bytes.size() < kMagic.size() + sizeof(std::uint32_t)) return false;
  ByteReader reader(bytes, ErrorKind::kCiphertext, "ciphertext");
  reader.take(kMagic.size());
  return reader.get<std::uint32_t>() == static_cast<std::uint32_t>(Form::kResult);
}

ResultCiphertext readResult(const Parameters& parameters, const KeyId& keyId, std::span<const std::uint8_t> bytes) {
  ByteReader reader(bytes, ErrorKind::kCiphertext, "result");
  const Header header = getHeader(reader, parameters, keyId);
  check(header.form == Form::kResult && header.level == 0, "not a result");
  const std::size_t m = parameters.resultRingDimension();
  ResultCiphertext result{AlignedWords(m), AlignedWords(m), header.scale};
  getPacked(result.c0.data(), reader, m, parameters.modulus(0));
  getPacked(result.c1.data(), reader, m, parameters.modulus(0));
  check(reader.remaining() == 0, "longer than its header says");
  return result;
}

}  // namespace ckks
