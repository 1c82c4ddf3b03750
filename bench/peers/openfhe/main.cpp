// Measures CKKS operations of OpenFHE at the ring and modulus of this project's own engine, on one thread unless
// OMP_NUM_THREADS says otherwise, and prints one JSON object. With a vectors file it also runs them on given values, so
// that results can be compared between libraries.
//
//   peer [--log-n 16] [--repetitions 5] [--vectors vectors.json]
//
// vectors.json: {"values": [...], "rotations": [...]}; unnamed slots are zero.
#include <omp.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iostream>
#include <numeric>
#include <sstream>
#include <string>
#include <vector>

#include "cereal/external/rapidjson/document.h"
#include "openfhe.h"

namespace {

using namespace lbcrypto;
using Ct = Ciphertext<DCRTPoly>;

constexpr uint32_t kFirstPrimeBits = 44;
constexpr uint32_t kScalingPrimeBits = 41;
constexpr uint32_t kScalingPrimes = 20;
// Fewer need more special primes than the 1747 bits of 128-bit security leave room for.
constexpr uint32_t kDigits = 2;
constexpr int32_t kHoistedRotations = 15;

struct Vectors {
  std::vector<double> values{0.5, -0.25};
  std::vector<int32_t> rotations;
};

Vectors ReadVectors(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  rapidjson::Document document;
  document.Parse(text.str().c_str());
  if (!file || document.HasParseError()) throw std::runtime_error(path + ": cannot be read as JSON");
  Vectors result;
  result.values.clear();
  for (const auto& value : document["values"].GetArray()) result.values.push_back(value.GetDouble());
  for (const auto& rotation : document["rotations"].GetArray()) result.rotations.push_back(rotation.GetInt());
  return result;
}

double LeastSeconds(int repetitions, const std::function<void()>& operation) {
  double least = 0;
  for (int i = 0; i < repetitions; ++i) {
    const auto start = std::chrono::steady_clock::now();
    operation();
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    if (i == 0 || elapsed.count() < least) least = elapsed.count();
  }
  return least;
}

std::string Json(const std::vector<double>& values) {
  std::ostringstream out;
  out.precision(17);
  for (size_t i = 0; i < values.size(); ++i) out << (i == 0 ? "[" : ",") << values[i];
  return (values.empty() ? "[" : out.str()) + "]";
}

void Run(uint32_t log_n, int repetitions, const std::string& file) {
  const Vectors vectors = file.empty() ? Vectors{} : ReadVectors(file);
  CCParams<CryptoContextCKKSRNS> parameters;
  parameters.SetSecretKeyDist(UNIFORM_TERNARY);
  parameters.SetSecurityLevel(log_n >= 16 ? HEStd_128_classic : HEStd_NotSet);
  parameters.SetRingDim(1U << log_n);
  parameters.SetBatchSize(1U << (log_n - 1));
  parameters.SetMultiplicativeDepth(kScalingPrimes);
  parameters.SetFirstModSize(kFirstPrimeBits);
  parameters.SetScalingModSize(kScalingPrimeBits);
  parameters.SetScalingTechnique(FLEXIBLEAUTO);
  parameters.SetNumLargeDigits(kDigits);
  const auto context = GenCryptoContext(parameters);
  for (const auto feature : {PKE, KEYSWITCH, LEVELEDSHE}) context->Enable(feature);

  const auto keys = context->KeyGen();
  std::vector<int32_t> hoisted(kHoistedRotations);
  std::iota(hoisted.begin(), hoisted.end(), 1);
  context->EvalMultKeyGen(keys.secretKey);
  context->EvalRotateKeyGen(keys.secretKey, hoisted);
  context->EvalRotateKeyGen(keys.secretKey, vectors.rotations);

  Plaintext plaintext = context->MakeCKKSPackedPlaintext(vectors.values);
  const Ct ciphertext = context->Encrypt(keys.secretKey, plaintext);
  const uint32_t order = context->GetCyclotomicOrder();
  const auto& polynomial = ciphertext->GetElements()[0];
  const size_t primes = polynomial.GetNumOfElements();

  // The transform is made in place and undone outside the clock.
  double ntt = 0;
  for (int i = 0; i < repetitions; ++i) {
    DCRTPoly copy = polynomial;
    copy.SetFormat(Format::COEFFICIENT);
    const double seconds = LeastSeconds(1, [&] { copy.SetFormat(Format::EVALUATION); });
    if (i == 0 || seconds < ntt) ntt = seconds;
  }
  const double encode =
      LeastSeconds(repetitions, [&] { plaintext = context->MakeCKKSPackedPlaintext(vectors.values); });
  const double encrypt = LeastSeconds(repetitions, [&] { context->Encrypt(keys.secretKey, plaintext); });
  const double square = LeastSeconds(repetitions, [&] { context->EvalSquare(ciphertext); });
  const double rotation = LeastSeconds(repetitions, [&] { context->EvalRotate(ciphertext, 1); });
  const double hoisted_rotations = LeastSeconds(repetitions, [&] {
    const auto digits = context->EvalFastRotationPrecompute(ciphertext);
    for (const int32_t index : hoisted) context->EvalFastRotation(ciphertext, index, order, digits);
  });

  const auto crypto = std::dynamic_pointer_cast<CryptoParametersCKKSRNS>(context->GetCryptoParameters());
  double log_qp = 0;
  for (const auto& prime : crypto->GetParamsQP()->GetParams())
    log_qp += std::log2(prime->GetModulus().ConvertToDouble());
  std::printf(
      "{\"library\":\"OpenFHE %s\",\"ringDimension\":%u,\"primes\":%zu,\"specialPrimes\":%zu,\"logQP\":%.1f,"
      "\"threads\":%d,\"seconds\":{\"ntt\":%g,\"encode\":%g,\"encrypt\":%g,\"square\":%g,\"rotation\":%g,"
      "\"hoistedRotations\":%g}",
      GetOPENFHEVersion().c_str(), context->GetRingDimension(), primes, crypto->GetParamsP()->GetParams().size(),
      log_qp, omp_get_max_threads(), ntt / static_cast<double>(primes), encode, encrypt, square, rotation,
      hoisted_rotations);
  if (!file.empty()) {
    const auto decrypt = [&](const Ct& result) {
      Plaintext decrypted;
      context->Decrypt(keys.secretKey, result, &decrypted);
      decrypted->SetLength(vectors.values.size());
      return decrypted->GetRealPackedValue();
    };
    std::printf(",\"results\":{\"square\":%s,\"rotations\":{", Json(decrypt(context->EvalSquare(ciphertext))).c_str());
    for (size_t i = 0; i < vectors.rotations.size(); ++i) {
      const Ct rotated = context->EvalRotate(ciphertext, vectors.rotations[i]);
      std::printf("%s\"%d\":%s", i == 0 ? "" : ",", vectors.rotations[i], Json(decrypt(rotated)).c_str());
    }
    std::printf("}}");
  }
  std::printf("}\n");
}

}  // namespace

int main(int count, char** arguments) {
  uint32_t log_n = 16;
  int repetitions = 5;
  std::string file;
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string name = arguments[i];
    if (name == "--log-n") log_n = static_cast<uint32_t>(std::atoi(arguments[i + 1]));
    if (name == "--repetitions") repetitions = std::atoi(arguments[i + 1]);
    if (name == "--vectors") file = arguments[i + 1];
  }
  if (std::getenv("OMP_NUM_THREADS") == nullptr) omp_set_num_threads(1);
  try {
    Run(log_n, repetitions, file);
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
  return 0;
}
