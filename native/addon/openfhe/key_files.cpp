#include "key_files.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <numeric>
#include <set>

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
  explicit FileReader(const std::string& path)
      : RnsReader(path, "ERR_KEY_CORRUPT"), file_(std::fopen(path.c_str(), "rb")) {
    if (!file_) failFile(path, "open", "ERR_KEY_MISSING");
  }
  void bytes(void* data, size_t size) override {
    if (std::fread(data, 1, size, file_.get()) != size) fail("it is shorter than it should be");
  }

 protected:
  bool atEnd() override { return std::fgetc(file_.get()) == EOF; }
  // The last byte is read, because a file can be positioned beyond its end.
  void skip(size_t size) override {
    char last;
    if (std::fseek(file_.get(), static_cast<long>(size) - 1, SEEK_CUR) != 0) fail("it cannot be read");
    bytes(&last, 1);
  }

 private:
  File file_;
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

}  // namespace

KeyPair generateKeyPair(const Context& context) { return context.crypto()->KeyGen(); }

void writeSecretKey(const Context& context, const SecretKey& key, const std::string& path) {
  Poly secret = key->GetPrivateElement();
  secret.DropLastElements(secret.GetNumOfElements() - 1);
  secret.SetFormat(Format::COEFFICIENT);
  const auto& residues = secret.GetElementAtIndex(0);
  const uint64_t prime = residues.GetModulus().ConvertToInt<uint64_t>();
  std::vector<int8_t> coefficients(context.ringDimension());
  for (uint32_t i = 0; i < context.ringDimension(); ++i) {
    const uint64_t residue = residues[i].ConvertToInt<uint64_t>();
    coefficients[i] = residue == prime - 1 ? int8_t{-1} : static_cast<int8_t>(residue);
  }
  FileWriter writer(path);
  writeHeader(context, Kind::kSecret, key->GetKeyTag(), writer);
  writer.bytes(coefficients.data(), coefficients.size());
  writer.close();
}

SecretKey readSecretKey(const Context& context, const std::string& path) {
  FileReader reader(path);
  const std::string keyTag = readHeader(context, Kind::kSecret, path, reader);
  std::vector<int8_t> coefficients(context.ringDimension());
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
  return key;
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

PublicKey readPublicKey(const Context& context, const std::string& path) {
  FileReader reader(path);
  const std::string keyTag = readHeader(context, Kind::kPublic, path, reader);
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

void loadRelinearizationKey(const Context& context, const std::string& path, const std::string& keyTag,
                            const std::string& holder) {
  FileReader reader(path);
  readHeaderOf(context, Kind::kRelinearization, path, keyTag, reader);
  const EvalKey key = readKey(context, holder, context.depth(), context.depth(), reader);
  reader.end();
  Crypto::ClearEvalMultKeys(holder);
  Crypto::InsertEvalMultKey({key}, holder);
}

AutomorphismKeys readAutomorphismKeys(const Context& context, const std::string& path, const std::string& keyTag,
                                      const std::string& holder, uint32_t level) {
  FileReader reader(path);
  readHeaderOf(context, Kind::kAutomorphism, path, keyTag, reader);
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
