#include "fuzz/mutated_loading.h"

#include <algorithm>
#include <array>
#include <bit>
#include <memory>
#include <random>

#include "ckks/client/public_encryption.h"
#include "ckks/error.h"
#include "ckks/io/ciphertext_codec.h"
#include "ckks/io/secret_file.h"

namespace ckks {
namespace {

constexpr int kLevel = 1;
constexpr long kStep = 3;

/// Takes numbers from bytes; zeros after the end.
class Program {
 public:
  explicit Program(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  [[nodiscard]] bool ended() const { return position_ >= bytes_.size(); }

  template <typename Value>
  Value take() {
    Value value = 0;
    for (std::size_t i = 0; i < sizeof value && !ended(); ++i) {
      value = static_cast<Value>(value | static_cast<Value>(bytes_[position_++]) << (8 * i));
    }
    return value;
  }

  /// A position in `size` bytes, half of them in the first 256, where headers are.
  std::size_t position(std::size_t size) {
    const auto value = take<std::uint32_t>();
    return (value % 2 == 0 ? value / 2 : value / 2 % 256) % size;
  }

 private:
  std::span<const std::uint8_t> bytes_;
  std::size_t position_ = 0;
};

/// Numbers at which checks tend to be wrong.
constexpr std::array<std::uint64_t, 14> kEdges = {
    0, 1, 2, 3, 7, 64, 128, 2047, 2048, 0x7fffffff, 0x80000000, 0xffffffff, 0x7ff0000000000000, 0xffffffffffffffff};

void mutateOnce(Bytes& bytes, Program& program) {
  const auto kind = program.take<std::uint8_t>() % 6;
  const std::size_t at = program.position(bytes.size());
  switch (kind) {
    case 0:
      bytes[at] = static_cast<std::uint8_t>(bytes[at] ^ (1 << (program.take<std::uint8_t>() % 8)));
      break;
    case 1: {
      const std::uint64_t edge = kEdges[program.take<std::uint8_t>() % kEdges.size()];
      const std::size_t width = std::size_t{1} << (program.take<std::uint8_t>() % 4);
      for (std::size_t i = 0; i < width && at / width * width + i < bytes.size(); ++i) {
        bytes[at / width * width + i] = static_cast<std::uint8_t>(edge >> (8 * i));
      }
      break;
    }
    case 2:
      bytes[at] = program.take<std::uint8_t>();
      break;
    case 3:
      bytes.resize(std::max<std::size_t>(at, 1));
      break;
    case 4:
      bytes.insert(bytes.end(), program.take<std::uint16_t>(), program.take<std::uint8_t>());
      break;
    default: {
      const std::size_t from = program.position(bytes.size());
      const std::size_t count =
          std::min({std::size_t{program.take<std::uint8_t>()}, bytes.size() - from, bytes.size() - at});
      const Bytes part(bytes.begin() + static_cast<std::ptrdiff_t>(from),
                       bytes.begin() + static_cast<std::ptrdiff_t>(from + count));
      std::copy(part.begin(), part.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at));
      break;
    }
  }
}

Bytes mutated(Bytes bytes, Program& program) {
  constexpr int kMostMutations = 8;
  for (int i = 0; i < kMostMutations && !program.ended(); ++i) mutateOnce(bytes, program);
  return bytes;
}

/// Makes a file's hashes right again, of headers alone or (`payload`) of everything.
void seal(Bytes& bytes, FileKind kind, bool payload) {
  if (kind == FileKind::kEvaluationKey || kind == FileKind::kPublicKey) {
    if (bytes.size() >= KeyFileLayout::kPayload) sealKeyFile(bytes, payload);
  } else if (kind == FileKind::kSecret) {
    if (bytes.size() == SecretFileLayout::kBytes) sealSecretFile(bytes);
  }
}

}  // namespace

MutatedLoading::MutatedLoading() : party_(testLiteral(1024, 2, 2)) {
  for (const KeyFile* key :
       {&party_.addRotation(kStep, kLevel), &party_.addRelinearization(kLevel), &party_.addRingSwitch()}) {
    files_[FileKind::kEvaluationKey].push_back(readBytes(key->path()));
  }
  const std::string publicKey = party_.folder().path("public");
  party_.generator().publicKey(publicKey, kLevel);
  files_[FileKind::kPublicKey] = {readBytes(publicKey)};
  const std::string secret = party_.folder().path("secret");
  writeSecretKey(*party_.secret(), secret);
  files_[FileKind::kSecret] = {readBytes(secret)};
  std::mt19937_64 generator(1);
  const SlotVector slots = randomSlots(party_.slots(), 1, generator);
  const Bytes seeded = party_.client().encrypt(slots.real, slots.imaginary, kLevel, 0x1p30);
  Evaluator evaluator = party_.evaluator();
  input_ = evaluator.read(seeded);
  files_[FileKind::kCiphertext] = {seeded, evaluator.write(input_), evaluator.writeResult(input_)};
}

MutatedLoading::Outcome MutatedLoading::run(FileKind kind, std::span<const std::uint8_t> bytes) {
  Program program(bytes);
  const std::vector<Bytes>& files = files_.at(kind);
  const Bytes& file = files[program.take<std::uint8_t>() % files.size()];
  const auto sealing = program.take<std::uint8_t>() % 4;
  Bytes damaged = mutated(file, program);
  if (sealing != 0) seal(damaged, kind, sealing == 1);
  // Without the capacity that truncated bytes still have: reads past their end are found.
  damaged.shrink_to_fit();
  try {
    load(kind, damaged);
  } catch (const Error&) {
    return Outcome::kRefused;
  }
  return Outcome::kAccepted;
}

void MutatedLoading::load(FileKind kind, const Bytes& bytes) {
  if (kind == FileKind::kCiphertext) return useCiphertext(bytes);
  const std::string path = party_.folder().path("mutated");
  writeBytes(path, bytes);
  if (kind == FileKind::kEvaluationKey) useEvaluationKey(path);
  if (kind == FileKind::kPublicKey) usePublicKey(path);
  if (kind == FileKind::kSecret) (void)readSecretKey(party_.parameters(), File::openForReading(path));
}

void MutatedLoading::useEvaluationKey(const std::string& path) {
  const auto keys = std::make_shared<KeySet>(party_.parameters());
  const KeyFile& key = keys->add(File::openForReading(path));
  bool verified = true;
  try {
    key.verify();
  } catch (const Error&) {
    verified = false;
  }
  // Also a key that was never verified must not do worse than a wrong result.
  Evaluator evaluator(party_.parameters(), keys, 1);
  if (key.header().kind == KeyKind::kRotation) (void)evaluator.rotate(input_, kStep);
  if (key.header().kind == KeyKind::kRelinearization) (void)evaluator.square(input_, false, {});
  if (key.header().kind == KeyKind::kRingSwitch) (void)evaluator.writeResult(input_);
  if (!verified) throw Error(ErrorKind::kKeyCorrupt, "not verified");
}

void MutatedLoading::useCiphertext(const Bytes& bytes) const {
  (void)party_.client().decrypt(bytes);
  if (isResult(bytes)) return;
  Evaluator evaluator = party_.evaluator();
  const Ciphertext input = evaluator.read(bytes);
  (void)evaluator.square(input, false, {});
  (void)evaluator.writeResult(input);
}

void MutatedLoading::usePublicKey(const std::string& path) const {
  const PublicEncryption encryption(std::make_shared<const PublicKey>(party_.parameters(), File::openForReading(path)));
  const std::vector<double> slots(party_.slots(), 1.0);
  (void)encryption.encrypt(slots, {}, 0, 0x1p30);
}

}  // namespace ckks
