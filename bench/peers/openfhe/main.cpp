// CKKS operations of OpenFHE at the ring and modulus of this project's own engine, on one thread unless OMP_NUM_THREADS
// says otherwise. Prints one JSON object: the seconds of each operation or, with a vectors file, what they compute from
// given values, so that libraries can be compared number by number.
//
//   peer [--log-n 16] [--repetitions 5] [--vectors vectors.json]
//
// vectors.json: {"values": [...], "weights": [...], "rotations": [...]}, as many weights as values; other slots are
// zero.
#include <omp.h>

#include <algorithm>
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

struct Options {
  uint32_t log_n = 16;
  int repetitions = 5;
  std::string vectors;
};

struct Vectors {
  std::vector<double> values;
  std::vector<double> weights;
  std::vector<int32_t> rotations;
};

std::vector<double> NumbersOf(const rapidjson::Value& array) {
  std::vector<double> result;
  for (const auto& value : array.GetArray()) result.push_back(value.GetDouble());
  return result;
}

Vectors ReadVectors(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  rapidjson::Document document;
  document.Parse(text.str().c_str());
  if (!file || document.HasParseError()) throw std::runtime_error(path + ": cannot be read as JSON");
  Vectors result{NumbersOf(document["values"]), NumbersOf(document["weights"]), {}};
  for (const auto& rotation : document["rotations"].GetArray()) result.rotations.push_back(rotation.GetInt());
  return result;
}

CryptoContext<DCRTPoly> MakeContext(uint32_t log_n) {
  CCParams<CryptoContextCKKSRNS> parameters;
  parameters.SetSecretKeyDist(UNIFORM_TERNARY);
  parameters.SetSecurityLevel(log_n >= 16 ? HEStd_128_classic : HEStd_NotSet);
  parameters.SetRingDim(1U << log_n);
  parameters.SetBatchSize(1U << (log_n - 1));
  parameters.SetMultiplicativeDepth(kScalingPrimes);
  parameters.SetFirstModSize(kFirstPrimeBits);
  parameters.SetScalingModSize(kScalingPrimeBits);
  parameters.SetScalingTechnique(FLEXIBLEAUTO);
  // Decrypting real data adds noise on purpose, to hide that of the computation.
  parameters.SetCKKSDataType(COMPLEX);
  parameters.SetNumLargeDigits(kDigits);
  const auto context = GenCryptoContext(parameters);
  for (const auto feature : {PKE, KEYSWITCH, LEVELEDSHE}) context->Enable(feature);
  return context;
}

double Seconds(const std::function<void()>& operation) {
  const auto start = std::chrono::steady_clock::now();
  operation();
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  return elapsed.count();
}

// `measure` runs an operation once and returns its seconds.
double Median(int repetitions, const std::function<double()>& measure) {
  std::vector<double> seconds(static_cast<size_t>(repetitions));
  std::generate(seconds.begin(), seconds.end(), measure);
  std::sort(seconds.begin(), seconds.end());
  return seconds[seconds.size() / 2];
}

std::string Json(const std::vector<double>& values) {
  std::ostringstream out;
  out.precision(17);
  for (size_t i = 0; i < values.size(); ++i) out << (i == 0 ? "[" : ",") << values[i];
  return (values.empty() ? "[" : out.str()) + "]";
}

// The seconds of every operation on a full ciphertext, as a JSON object.
std::string Measure(const CryptoContext<DCRTPoly>& context, const KeyPair<DCRTPoly>& keys, int repetitions) {
  std::vector<int32_t> hoisted(kHoistedRotations);
  std::iota(hoisted.begin(), hoisted.end(), 1);
  context->EvalRotateKeyGen(keys.secretKey, hoisted);
  std::vector<double> values(context->GetRingDimension() / 2);
  for (size_t i = 0; i < values.size(); ++i) values[i] = std::sin(static_cast<double>(i));
  const Ct ciphertext = context->Encrypt(keys.secretKey, context->MakeCKKSPackedPlaintext(values));
  const auto& polynomial = ciphertext->GetElements()[0];
  const uint32_t order = context->GetCyclotomicOrder();

  std::ostringstream out;
  // The transform is made in place and undone outside the clock; the time is that of one prime.
  const double ntt = Median(repetitions, [&] {
    DCRTPoly copy = polynomial;
    copy.SetFormat(Format::COEFFICIENT);
    return Seconds([&] { copy.SetFormat(Format::EVALUATION); });
  });
  out << "{\"ntt\":" << ntt / static_cast<double>(polynomial.GetNumOfElements());
  const auto measure = [&](const char* name, const std::function<void()>& operation) {
    out << ",\"" << name << "\":" << Median(repetitions, [&] { return Seconds(operation); });
  };
  measure("encode", [&] { context->MakeCKKSPackedPlaintext(values); });
  measure("encrypt", [&] { context->Encrypt(keys.secretKey, context->MakeCKKSPackedPlaintext(values)); });
  measure("square", [&] { context->EvalSquare(ciphertext); });
  measure("rotation", [&] { context->EvalRotate(ciphertext, 1); });
  measure("hoistedRotations", [&] {
    const auto digits = context->EvalFastRotationPrecompute(ciphertext);
    for (const int32_t index : hoisted) context->EvalFastRotation(ciphertext, index, order, digits);
  });
  return out.str() + "}";
}

// What the operations make of the vectors, as a JSON object.
std::string Compute(const CryptoContext<DCRTPoly>& context, const KeyPair<DCRTPoly>& keys, const Vectors& vectors) {
  context->EvalRotateKeyGen(keys.secretKey, vectors.rotations);
  const Ct ciphertext = context->Encrypt(keys.secretKey, context->MakeCKKSPackedPlaintext(vectors.values));
  const auto decrypt = [&](const Ct& result) {
    Plaintext decrypted;
    context->Decrypt(keys.secretKey, result, &decrypted);
    decrypted->SetLength(vectors.values.size());
    return Json(decrypted->GetRealPackedValue());
  };
  std::ostringstream out;
  out << "{\"square\":" << decrypt(context->EvalSquare(ciphertext))
      << ",\"product\":" << decrypt(context->EvalMult(ciphertext, context->MakeCKKSPackedPlaintext(vectors.weights)))
      << ",\"rotations\":{";
  for (size_t i = 0; i < vectors.rotations.size(); ++i) {
    out << (i == 0 ? "" : ",") << '"' << vectors.rotations[i]
        << "\":" << decrypt(context->EvalRotate(ciphertext, vectors.rotations[i]));
  }
  return out.str() + "}}";
}

void Run(const Options& options) {
  const auto context = MakeContext(options.log_n);
  const auto keys = context->KeyGen();
  context->EvalMultKeyGen(keys.secretKey);
  const bool compares = !options.vectors.empty();
  const std::string body =
      compares ? Compute(context, keys, ReadVectors(options.vectors)) : Measure(context, keys, options.repetitions);
  const auto crypto = std::dynamic_pointer_cast<CryptoParametersCKKSRNS>(context->GetCryptoParameters());
  double log_qp = 0;
  for (const auto& prime : crypto->GetParamsQP()->GetParams())
    log_qp += std::log2(prime->GetModulus().ConvertToDouble());
  std::printf(
      "{\"library\":\"OpenFHE %s\",\"ringDimension\":%u,\"specialPrimes\":%zu,\"logQP\":%.1f,\"scaleBits\":%u,"
      "\"threads\":%d,\"%s\":%s}\n",
      GetOPENFHEVersion().c_str(), context->GetRingDimension(), crypto->GetParamsP()->GetParams().size(), log_qp,
      kScalingPrimeBits, omp_get_max_threads(), compares ? "results" : "seconds", body.c_str());
}

Options ReadOptions(int count, char** arguments) {
  Options options;
  for (int i = 1; i < count; i += 2) {
    const std::string name = arguments[i];
    if (i + 1 == count) throw std::runtime_error(name + " needs a value");
    if (name == "--log-n") {
      options.log_n = static_cast<uint32_t>(std::stoul(arguments[i + 1]));
    } else if (name == "--repetitions") {
      options.repetitions = std::stoi(arguments[i + 1]);
    } else if (name == "--vectors") {
      options.vectors = arguments[i + 1];
    } else {
      throw std::runtime_error("unknown option " + name);
    }
  }
  return options;
}

}  // namespace

int main(int count, char** arguments) {
  if (std::getenv("OMP_NUM_THREADS") == nullptr) omp_set_num_threads(1);
  try {
    Run(ReadOptions(count, arguments));
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
  return 0;
}
