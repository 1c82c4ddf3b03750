#include "key_files.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <set>

#include "errors.h"
#include "rns_stream.h"

namespace openfhe_addon {
namespace {

using addon_support::CodedError;
using Crypto = lbcrypto::CryptoContextImpl<Poly>;
using EvalKey = lbcrypto::EvalKey<Poly>;

constexpr uint64_t kMagic = 0x3159454b45484650;  // "PFHEKEY1"
enum class Kind : uint64_t { kSecret = 1, kRelinearization = 2, kAutomorphism = 3 };

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

[[noreturn]] void FailFile(const std::string& path, const char* action, const char* code) {
  const int error = errno;
  throw CodedError(code, path + ": cannot " + action + ": " + std::strerror(error));
}

[[noreturn]] void FailWrite(const std::string& path) {
  FailFile(path, "write", errno == ENOSPC ? "ERR_DISK_FULL" : "ERR_FILE");
}

class FileWriter final : public RnsWriter {
 public:
  explicit FileWriter(const std::string& path) : path_(path), file_(std::fopen(path.c_str(), "wb")) {
    if (!file_) FailWrite(path);
  }
  void Bytes(const void* data, size_t size) override {
    if (std::fwrite(data, 1, size, file_.get()) != size) FailWrite(path_);
  }
  void Close() {
    if (std::fclose(file_.release()) != 0) FailWrite(path_);
  }

 private:
  std::string path_;
  File file_;
};

class FileReader final : public RnsReader {
 public:
  explicit FileReader(const std::string& path)
      : RnsReader(path, "ERR_KEY_CORRUPT"), file_(std::fopen(path.c_str(), "rb")) {
    if (!file_) FailFile(path, "open", "ERR_KEY_MISSING");
  }
  void Bytes(void* data, size_t size) override {
    if (std::fread(data, 1, size, file_.get()) != size) Fail("it is shorter than it should be");
  }

 protected:
  bool AtEnd() override { return std::fgetc(file_.get()) == EOF; }
  // The last byte is read, because a file can be positioned beyond its end.
  void Skip(size_t size) override {
    char last;
    if (std::fseek(file_.get(), static_cast<long>(size) - 1, SEEK_CUR) != 0) Fail("it cannot be read");
    Bytes(&last, 1);
  }

 private:
  File file_;
};

void WriteHeader(const Context& context, Kind kind, const std::string& key_tag, RnsWriter& writer) {
  writer.Number(kMagic);
  writer.Number(static_cast<uint64_t>(kind));
  writer.Number(context.ring_dimension());
  const auto& primes = context.parameters().GetParamsQP()->GetParams();
  writer.Number(primes.size());
  for (const auto& prime : primes) writer.Number(prime->GetModulus().ConvertToInt<uint64_t>());
  writer.Text(key_tag);
}

// Returns the key tag.
std::string ReadHeader(const Context& context, Kind kind, const std::string& path, RnsReader& reader) {
  if (reader.Number() != kMagic) reader.Fail("it is not a key file of the openfhe engine");
  if (reader.Number() != static_cast<uint64_t>(kind)) reader.Fail("it holds another kind of key");
  const auto& primes = context.parameters().GetParamsQP()->GetParams();
  bool same = reader.Number() == context.ring_dimension() && reader.Number() == primes.size();
  for (size_t i = 0; same && i < primes.size(); ++i) {
    same = reader.Number() == primes[i]->GetModulus().ConvertToInt<uint64_t>();
  }
  if (!same) throw CodedError("ERR_KEY_MISMATCH", path + ": it was made with other parameters");
  return reader.Text();
}

void ReadHeaderOf(const Context& context, Kind kind, const std::string& path, const std::string& key_tag,
                  RnsReader& reader) {
  if (ReadHeader(context, kind, path, reader) != key_tag) {
    throw CodedError("ERR_KEY_MISMATCH", path + ": it belongs to another key set");
  }
}

void WriteKey(const Context& context, const EvalKey& key, uint32_t level, RnsWriter& writer) {
  const auto primes = context.KeyPrimes(level);
  for (size_t digit = 0; digit < context.KeyDigits(level); ++digit) {
    writer.Residues(key->GetBVector()[digit], primes);
    writer.Residues(key->GetAVector()[digit], primes);
  }
}

// `written`: the level that the file's keys reach; `level`: the one that is needed, not above it.
EvalKey ReadKey(const Context& context, const std::string& holder, uint32_t written, uint32_t level,
                RnsReader& reader) {
  const auto params = context.parameters().GetParamsQP();
  const auto written_primes = context.KeyPrimes(written);
  const auto kept_primes = context.KeyPrimes(level);
  std::vector<Poly> b;
  std::vector<Poly> a;
  for (size_t digit = 0; digit < context.KeyDigits(written); ++digit) {
    const bool kept = digit < context.KeyDigits(level);
    for (std::vector<Poly>* polys : {&b, &a}) {
      Poly poly = reader.Residues(params, written_primes, kept ? kept_primes : std::vector<size_t>{});
      if (kept) polys->push_back(std::move(poly));
    }
  }
  auto key = std::make_shared<lbcrypto::EvalKeyRelinImpl<Poly>>(context.crypto());
  key->SetBVector(std::move(b));
  key->SetAVector(std::move(a));
  key->SetKeyTag(holder);
  return key;
}

uint32_t ReadLevel(const Context& context, uint32_t level, RnsReader& reader) {
  const uint64_t written = reader.Number();
  if (written > context.depth()) reader.Fail("its level is above the profile's");
  if (written < level) reader.Fail("its keys do not reach level " + std::to_string(level));
  return static_cast<uint32_t>(written);
}

}  // namespace

SecretKey GenerateSecretKey(const Context& context) { return context.crypto()->KeyGen().secretKey; }

void WriteSecretKey(const Context& context, const SecretKey& key, const std::string& path) {
  Poly secret = key->GetPrivateElement();
  secret.DropLastElements(secret.GetNumOfElements() - 1);
  secret.SetFormat(Format::COEFFICIENT);
  const auto& residues = secret.GetElementAtIndex(0);
  const uint64_t prime = residues.GetModulus().ConvertToInt<uint64_t>();
  std::vector<int8_t> coefficients(context.ring_dimension());
  for (uint32_t i = 0; i < context.ring_dimension(); ++i) {
    const uint64_t residue = residues[i].ConvertToInt<uint64_t>();
    coefficients[i] = residue == prime - 1 ? int8_t{-1} : static_cast<int8_t>(residue);
  }
  FileWriter writer(path);
  WriteHeader(context, Kind::kSecret, key->GetKeyTag(), writer);
  writer.Bytes(coefficients.data(), coefficients.size());
  writer.Close();
}

SecretKey ReadSecretKey(const Context& context, const std::string& path) {
  FileReader reader(path);
  const std::string key_tag = ReadHeader(context, Kind::kSecret, path, reader);
  std::vector<int8_t> coefficients(context.ring_dimension());
  reader.Bytes(coefficients.data(), coefficients.size());
  reader.End();
  Poly secret(context.parameters().GetElementParams(), Format::COEFFICIENT, true);
  for (auto& limb : secret.GetAllElements()) {
    const uint64_t prime = limb.GetModulus().ConvertToInt<uint64_t>();
    for (uint32_t i = 0; i < context.ring_dimension(); ++i) {
      if (coefficients[i] < -1 || coefficients[i] > 1) reader.Fail("a coefficient is not ternary");
      limb[i] = coefficients[i] < 0 ? prime - 1 : static_cast<uint64_t>(coefficients[i]);
    }
  }
  secret.SetFormat(Format::EVALUATION);
  auto key = std::make_shared<lbcrypto::PrivateKeyImpl<Poly>>(context.crypto());
  key->SetPrivateElement(std::move(secret));
  key->SetKeyTag(key_tag);
  return key;
}

void WriteRelinearizationKey(const Context& context, const SecretKey& secret, const std::string& path) {
  const std::string tag = secret->GetKeyTag();
  context.crypto()->EvalMultKeyGen(secret);
  const EvalKey key = Crypto::GetEvalMultKeyVector(tag).at(0);
  Crypto::ClearEvalMultKeys(tag);
  FileWriter writer(path);
  WriteHeader(context, Kind::kRelinearization, tag, writer);
  WriteKey(context, key, context.depth(), writer);
  writer.Close();
}

void WriteAutomorphismKeys(const Context& context, const SecretKey& secret, const std::vector<uint32_t>& automorphisms,
                           uint32_t level, const std::string& path) {
  const auto keys = context.crypto()->GetScheme()->EvalAutomorphismKeyGen(secret, automorphisms);
  FileWriter writer(path);
  WriteHeader(context, Kind::kAutomorphism, secret->GetKeyTag(), writer);
  writer.Number(level);
  writer.Number(keys->size());
  for (const auto& [automorphism, key] : *keys) {
    writer.Number(automorphism);
    WriteKey(context, key, level, writer);
  }
  writer.Close();
}

void LoadRelinearizationKey(const Context& context, const std::string& path, const std::string& key_tag,
                            const std::string& holder) {
  FileReader reader(path);
  ReadHeaderOf(context, Kind::kRelinearization, path, key_tag, reader);
  const EvalKey key = ReadKey(context, holder, context.depth(), context.depth(), reader);
  reader.End();
  Crypto::ClearEvalMultKeys(holder);
  Crypto::InsertEvalMultKey({key}, holder);
}

void LoadAutomorphismKeys(const Context& context, const std::string& path, const std::string& key_tag,
                          const std::string& holder, uint32_t level) {
  FileReader reader(path);
  ReadHeaderOf(context, Kind::kAutomorphism, path, key_tag, reader);
  const auto keys = std::make_shared<std::map<uint32_t, EvalKey>>();
  const uint32_t written = ReadLevel(context, level, reader);
  const uint64_t count = reader.Number();
  const uint64_t order = 2 * uint64_t{context.ring_dimension()};
  for (uint64_t i = 0; i < count; ++i) {
    const uint64_t automorphism = reader.Number();
    if (automorphism >= order || automorphism % 2 == 0) reader.Fail("it names an automorphism that does not exist");
    (*keys)[static_cast<uint32_t>(automorphism)] = ReadKey(context, holder, written, level, reader);
  }
  reader.End();
  Crypto::InsertEvalAutomorphismKey(keys, holder);
}

void KeepAutomorphismKeys(const std::string& holder, const std::vector<uint32_t>& kept) {
  auto& all = Crypto::GetAllEvalAutomorphismKeys();
  const auto found = all.find(holder);
  if (found == all.end()) return;
  const std::set<uint32_t> wanted(kept.begin(), kept.end());
  std::erase_if(*found->second, [&](const auto& entry) { return !wanted.contains(entry.first); });
  if (found->second->empty()) all.erase(found);
}

void ForgetKeys(const std::string& holder) {
  KeepAutomorphismKeys(holder, {});
  Crypto::ClearEvalMultKeys(holder);
}

}  // namespace openfhe_addon
