#include "ckks/io/secret_file.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "ckks/error.h"
#include "ckks/io/byte_stream.h"
#include "ckks/io/file.h"
#include "ckks/random/secure_memory.h"

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

void writeSecretKey(const SecretKey& secret, const std::string& path) {
  std::vector<std::uint8_t> bytes;
  bytes.reserve(kBytes);  // so that no copy is left behind by growth
  ByteWriter writer(bytes);
  writer.put({reinterpret_cast<const std::uint8_t*>(kMagic.data()), kMagic.size()});
  writer.put(kFormat);
  writer.put(std::span<const std::uint8_t>(secret.parameters().hash()));
  writer.put(secret.seed().bytes());
  writer.put(std::span<const std::uint8_t>(digestOf(bytes)));
  const WipeOnExit<std::uint8_t> wipeBytes(bytes);
  File file = File::create(path);
  file.writeAt(0, bytes);
  file.sync();
}

std::shared_ptr<const SecretKey> readSecretKey(std::shared_ptr<const Parameters> parameters, const std::string& path) {
  const File file = File::openForReading(path);
  std::array<std::uint8_t, kBytes> bytes;
  const WipeOnExit<std::uint8_t> wipeBytes(bytes);
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
  const Digest expected = digestOf(std::span<const std::uint8_t>(bytes).first(kBytes - sizeof(Digest)));
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
