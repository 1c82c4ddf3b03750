#include "key_files.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <numeric>
#include <set>
#include <span>

#include "ckks/random/secret_buffer.h"
#include "errors.h"
#include "rns_stream.h"

namespace openfhe_addon {
namespace {

using addon_support::CodedError;
using Crypto = lbcrypto::CryptoContextImpl<Poly>;
using EvalKey = lbcrypto::EvalKey<Poly>;

constexpr uint64_t kMagic = 0x3159454b45484650;  // "PFHEKEY1"
enum class Kind : uint64_t { kSecret = 1, kRelinearization = 2, kAutomorphism = 3, kPublic = 4 };

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

[[noreturn]] void failFile(const std::string& path, const char* action, const char* code) {
  const int error = errno;
  throw CodedError(code, path + ": cannot " + action + ": " + std::strerror(error));
}

[[noreturn]] void failWrite(const std::string& path) {
  failFile(path, "write", errno == ENOSPC ? "ERR_DISK_FULL" : "ERR_FILE");
}

class FileWriter final : public RnsWriter {
 public:
  explicit FileWriter(const std::string& path) : path_(path), file_(std::fopen(path.c_str(), "wb")) {
    if (!file_) failWrite(path);
  }
  void bytes(const void* data, size_t size) override {
    if (std::fwrite(data, 1, size, file_.get()) != size) failWrite(path_);
  }
  void close() {
    if (std::fclose(file_.release()) != 0) failWrite(path_);
  }

 private:
  std::string path_;
  File file_;
};

class FileReader final : public RnsReader {
 public:
  explicit FileReader(const ckks::File& file)
      : RnsReader(file.path(), "ERR_KEY_CORRUPT"), file_(file), size_(file.size()), buffer_(kBufferBytes) {}

  void bytes(void* data, size_t size) override {
    requireBytes(size);
    auto* out = static_cast<uint8_t*>(data);
    while (size > 0) {
      if (position_ < begin_ || position_ >= end_) fill();
      const size_t count = std::min<uint64_t>(size, end_ - position_);
      std::copy_n(buffer_.data() + (position_ - begin_), count, out);
      position_ += count;
      out += count;
      size -= count;
    }
  }

 protected:
  bool atEnd() override { return position_ == size_; }
  void skip(size_t size) override {
    requireBytes(size);
    position_ += size;
  }

 private:
  static constexpr size_t kBufferBytes = size_t{1} << 16;

  void requireBytes(size_t size) const {
    if (size > size_ - position_) fail("it is shorter than it should be");
  }
  void fill() {
    begin_ = position_;
    end_ = std::min<uint64_t>(begin_ + kBufferBytes, size_);
    file_.readAt(begin_, std::span(buffer_).first(end_ - begin_));
  }

  const ckks::File& file_;
  const uint64_t size_;
  uint64_t position_ = 0;
  // Of the file, what the buffer holds: it may be of a secret key.
  uint64_t begin_ = 0;
  uint64_t end_ = 0;
  ckks::SecretBuffer<uint8_t> buffer_;
};

void writeHeader(const Context& context, Kind kind, const std::string& keyTag, RnsWriter& writer) {
  writer.number(kMagic);
  writer.number(static_cast<uint64_t>(kind));
  writer.number(context.ringDimension());
  const auto& primes = context.parameters().GetParamsQP()->GetParams();
  writer.number(primes.size());
  for (const auto& prime : primes) writer.number(prime->GetModulus().ConvertToInt<uint64_t>());
  writer.text(keyTag);
}

// Returns the key tag.
std::string readHeader(const Context& context, Kind kind, const std::string& path, RnsReader& reader) {
  if (reader.number() != kMagic) reader.fail("it is not a key file of the openfhe engine");
  if (reader.number() != static_cast<uint64_t>(kind)) reader.fail("it holds another kind of key");
  const auto& primes = context.parameters().GetParamsQP()->GetParams();
  bool same = reader.number() == context.ringDimension() && reader.number() == primes.size();
  for (size_t i = 0; same && i < primes.size(); ++i) {
    same = reader.number() == primes[i]->GetModulus().ConvertToInt<uint64_t>();
  }
  if (!same) throw CodedError("ERR_KEY_MISMATCH", path + ": it was made with other parameters");
  return reader.text();
}

void readHeaderOf(const Context& context, Kind kind, const std::string& path, const std::string& keyTag,
                  RnsReader& reader) {
  if (readHeader(context, kind, path, reader) != keyTag) {
    throw CodedError("ERR_KEY_MISMATCH", path + ": it belongs to another key set");
  }
}

void writeKey(const Context& context, const EvalKey& key, uint32_t level, RnsWriter& writer) {
  const auto primes = context.keyPrimes(level);
  for (size_t digit = 0; digit < context.keyDigits(level); ++digit) {
    writer.residues(key->GetBVector()[digit], primes);
    writer.residues(key->GetAVector()[digit], primes);
  }
}

// `written`: the level that the file's keys reach; `level`: the one that is needed, not above it.
EvalKey readKey(const Context& context, const std::string& holder, uint32_t written, uint32_t level,
                RnsReader& reader) {
  const auto params = context.parameters().GetParamsQP();
  const auto writtenPrimes = context.keyPrimes(written);
  const auto keptPrimes = context.keyPrimes(level);
  std::vector<Poly> b;
  std::vector<Poly> a;
  for (size_t digit = 0; digit < context.keyDigits(written); ++digit) {
    const bool kept = digit < context.keyDigits(level);
    for (std::vector<Poly>* polys : {&b, &a}) {
      Poly poly = reader.residues(params, writtenPrimes, kept ? keptPrimes : std::vector<size_t>{});
      if (kept) polys->push_back(std::move(poly));
    }
  }
  auto key = std::make_shared<lbcrypto::EvalKeyRelinImpl<Poly>>(context.crypto());
  key->SetBVector(std::move(b));
  key->SetAVector(std::move(a));
  key->SetKeyTag(holder);
  return key;
}

uint32_t readLevel(const Context& context, uint32_t level, RnsReader& reader) {
  const uint64_t written = reader.number();
  if (written > context.depth()) reader.fail("its level is above the profile's");
  if (written < level) reader.fail("its keys do not reach level " + std::to_string(level));
  return static_cast<uint32_t>(written);
}

void wipeResidues(lbcrypto::NativePoly& residues) {
  ckks::wipe(std::as_writable_bytes(std::span(&residues[0], residues.GetLength())));
}

// The same key, whose residues are wiped when nobody has it any more. OpenFHE wipes nothing itself; what its own
// computations with the key leave in memory is out of reach.
SecretKey wipedAtEnd(const SecretKey& key) {
  return SecretKey(key.get(), [key](const lbcrypto::PrivateKeyImpl<Poly>*) {
    Poly secret;
    std::swap(secret, const_cast<Poly&>(key->GetPrivateElement()));
    for (lbcrypto::NativePoly& residues : secret.GetAllElements()) wipeResidues(residues);
  });
}

}  // namespace

KeyPair generateKeyPair(const Context& context) {
  KeyPair pair = context.crypto()->KeyGen();
  pair.secretKey = wipedAtEnd(pair.secretKey);
  return pair;
}

std::string writeSecretKey(const Context& context, const SecretKey& key, const std::string& path) {
  MemoryWriter header;
  writeHeader(context, Kind::kSecret, key->GetKeyTag(), header);
  ckks::SecretBuffer<uint8_t> bytes(header.data().size() + context.ringDimension());
  uint8_t* coefficients = std::copy(header.data().begin(), header.data().end(), bytes.begin());
  auto residues = key->GetPrivateElement().GetElementAtIndex(0);
  residues.SetFormat(Format::COEFFICIENT);
  const uint64_t prime = residues.GetModulus().ConvertToInt<uint64_t>();
  for (uint32_t i = 0; i < context.ringDimension(); ++i) {
    const uint64_t residue = residues[i].ConvertToInt<uint64_t>();
    coefficients[i] = residue == prime - 1 ? uint8_t{0xff} : static_cast<uint8_t>(residue);
  }
  wipeResidues(residues);
  ckks::File file = ckks::File::create(path);
  file.writeAt(0, bytes);
  file.sync();
  ckks::Sha256 sha;
  sha.update(bytes);
  return ckks::hexOf(sha.finish());
}

SecretKey readSecretKey(const Context& context, const ckks::File& file) {
  FileReader reader(file);
  const std::string keyTag = readHeader(context, Kind::kSecret, file.path(), reader);
  ckks::SecretBuffer<int8_t> coefficients(context.ringDimension());
  reader.bytes(coefficients.data(), coefficients.size());
  reader.end();
  Poly secret(context.parameters().GetElementParams(), Format::COEFFICIENT, true);
  for (auto& limb : secret.GetAllElements()) {
    const uint64_t prime = limb.GetModulus().ConvertToInt<uint64_t>();
    for (uint32_t i = 0; i < context.ringDimension(); ++i) {
      if (coefficients[i] < -1 || coefficients[i] > 1) reader.fail("a coefficient is not ternary");
      limb[i] = coefficients[i] < 0 ? prime - 1 : static_cast<uint64_t>(coefficients[i]);
    }
  }
  secret.SetFormat(Format::EVALUATION);
  auto key = std::make_shared<lbcrypto::PrivateKeyImpl<Poly>>(context.crypto());
  key->SetPrivateElement(std::move(secret));
  key->SetKeyTag(keyTag);
  return wipedAtEnd(key);
}

void writePublicKey(const Context& context, const PublicKey& key, uint32_t level, const std::string& path) {
  std::vector<size_t> primes(level + 1);
  std::iota(primes.begin(), primes.end(), size_t{0});
  FileWriter writer(path);
  writeHeader(context, Kind::kPublic, key->GetKeyTag(), writer);
  writer.number(level);
  for (const Poly& poly : key->GetPublicElements()) writer.residues(poly, primes);
  writer.close();
}

PublicKey readPublicKey(const Context& context, const ckks::File& file) {
  FileReader reader(file);
  const std::string keyTag = readHeader(context, Kind::kPublic, file.path(), reader);
  const uint64_t level = reader.number();
  if (level > context.depth()) reader.fail("its level is above the profile's");
  const auto params = context.paramsQ(static_cast<uint32_t>(level));
  std::vector<Poly> elements;
  for (int i = 0; i < 2; ++i) elements.push_back(reader.residues(params));
  reader.end();
  auto key = std::make_shared<lbcrypto::PublicKeyImpl<Poly>>(context.crypto());
  key->SetPublicElements(elements);
  key->SetKeyTag(keyTag);
  return key;
}

uint32_t levelOf(const PublicKey& key) {
  return static_cast<uint32_t>(key->GetPublicElements().at(0).GetNumOfElements()) - 1;
}

void writeRelinearizationKey(const Context& context, const SecretKey& secret, const std::string& path) {
  const std::string tag = secret->GetKeyTag();
  context.crypto()->EvalMultKeyGen(secret);
  const EvalKey key = Crypto::GetEvalMultKeyVector(tag).at(0);
  Crypto::ClearEvalMultKeys(tag);
  FileWriter writer(path);
  writeHeader(context, Kind::kRelinearization, tag, writer);
  writeKey(context, key, context.depth(), writer);
  writer.close();
}

void writeAutomorphismKeys(const Context& context, const SecretKey& secret, const std::vector<uint32_t>& automorphisms,
                           uint32_t level, const std::string& path) {
  const auto keys = context.crypto()->GetScheme()->EvalAutomorphismKeyGen(secret, automorphisms);
  FileWriter writer(path);
  writeHeader(context, Kind::kAutomorphism, secret->GetKeyTag(), writer);
  writer.number(level);
  writer.number(keys->size());
  for (const auto& [automorphism, key] : *keys) {
    writer.number(automorphism);
    writeKey(context, key, level, writer);
  }
  writer.close();
}

void loadRelinearizationKey(const Context& context, const ckks::File& file, const std::string& keyTag,
                            const std::string& holder) {
  FileReader reader(file);
  readHeaderOf(context, Kind::kRelinearization, file.path(), keyTag, reader);
  const EvalKey key = readKey(context, holder, context.depth(), context.depth(), reader);
  reader.end();
  Crypto::ClearEvalMultKeys(holder);
  Crypto::InsertEvalMultKey({key}, holder);
}

AutomorphismKeys readAutomorphismKeys(const Context& context, const ckks::File& file, const std::string& keyTag,
                                      const std::string& holder, uint32_t level) {
  FileReader reader(file);
  readHeaderOf(context, Kind::kAutomorphism, file.path(), keyTag, reader);
  const auto keys = std::make_shared<std::map<uint32_t, EvalKey>>();
  const uint32_t written = readLevel(context, level, reader);
  const uint64_t count = reader.number();
  const uint64_t order = 2 * uint64_t{context.ringDimension()};
  for (uint64_t i = 0; i < count; ++i) {
    const uint64_t automorphism = reader.number();
    if (automorphism >= order || automorphism % 2 == 0) reader.fail("it names an automorphism that does not exist");
    (*keys)[static_cast<uint32_t>(automorphism)] = readKey(context, holder, written, level, reader);
  }
  reader.end();
  return keys;
}

void holdAutomorphismKeys(const AutomorphismKeys& keys, const std::string& holder) {
  Crypto::InsertEvalAutomorphismKey(keys, holder);
}

void keepAutomorphismKeys(const std::string& holder, const std::vector<uint32_t>& kept) {
  auto& all = Crypto::GetAllEvalAutomorphismKeys();
  const auto found = all.find(holder);
  if (found == all.end()) return;
  const std::set<uint32_t> wanted(kept.begin(), kept.end());
  std::erase_if(*found->second, [&](const auto& entry) { return !wanted.contains(entry.first); });
  if (found->second->empty()) all.erase(found);
}

void forgetKeys(const std::string& holder) {
  keepAutomorphismKeys(holder, {});
  Crypto::ClearEvalMultKeys(holder);
}

}  // namespace openfhe_addon
