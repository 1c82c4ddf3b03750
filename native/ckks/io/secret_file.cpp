#include "ckks/io/secret_file.h"

#include <algorithm>
#include <string_view>

#include "ckks/error.h"
#include "ckks/io/byte_stream.h"
#include "ckks/random/secret_buffer.h"

namespace ckks {
namespace {

constexpr std::string_view kMagic = "CKKSSEC\n";
constexpr std::uint32_t kFormat = 1;
constexpr std::size_t kBytes = 8 + sizeof(std::uint32_t) + sizeof(Digest) + Seed::kBytes + sizeof(Digest);

Digest digestOf(std::span<const std::uint8_t> bytes) {
  Sha256 sha;
  sha.update(bytes);
  return sha.finish();
}

}  // namespace

Digest writeSecretKey(const SecretKey& secret, const std::string& path) {
  SecretBuffer<std::uint8_t> bytes(kBytes);
  std::uint8_t* end = std::copy(kMagic.begin(), kMagic.end(), bytes.begin());
  end = std::copy_n(reinterpret_cast<const std::uint8_t*>(&kFormat), sizeof kFormat, end);
  end = std::ranges::copy(secret.parameters().hash(), end).out;
  end = std::ranges::copy(secret.seed().bytes(), end).out;
  std::ranges::copy(digestOf(std::span(bytes).first(kBytes - sizeof(Digest))), end);
  File file = File::create(path);
  file.writeAt(0, bytes);
  file.sync();
  return digestOf(bytes);
}

std::shared_ptr<const SecretKey> readSecretKey(std::shared_ptr<const Parameters> parameters, const File& file) {
  const std::string& path = file.path();
  SecretBuffer<std::uint8_t> bytes(kBytes);
  if (file.size() != kBytes) throw Error(ErrorKind::kKeyCorrupt, path + ": not a secret key file");
  file.readAt(0, bytes);
  ByteReader reader(bytes, ErrorKind::kKeyCorrupt, path);
  const auto magic = reader.take(kMagic.size());
  if (!std::equal(magic.begin(), magic.end(), kMagic.begin())) {
    throw Error(ErrorKind::kKeyCorrupt, path + ": not a secret key file");
  }
  const auto format = reader.get<std::uint32_t>();
  if (format != kFormat) {
    throw Error(ErrorKind::kKeyVersion,
                path + ": key format " + std::to_string(format) + ", expected " + std::to_string(kFormat));
  }
  const Digest expected = digestOf(std::span(bytes).first(kBytes - sizeof(Digest)));
  if (!std::equal(expected.begin(), expected.end(), bytes.end() - sizeof(Digest))) {
    throw Error(ErrorKind::kKeyCorrupt, path + ": the contents do not match their hash");
  }
  Digest hash;
  reader.get(hash);
  if (hash != parameters->hash()) throw Error(ErrorKind::kKeyMismatch, path + ": made with other parameters");
  const auto seed = reader.take(Seed::kBytes);
  return std::make_shared<const SecretKey>(std::move(parameters), Seed(seed.first<Seed::kBytes>()));
}

}  // namespace ckks
