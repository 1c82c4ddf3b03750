// operation_digest FOLDER THREADS: reads the keys (key*, public) and ciphertexts (input0, input1) in FOLDER, runs every
// operation on them and prints the SHA-256 of each output. The kernels are those that RESNET20_FHE_KERNEL names.

#include <algorithm>
#include <concepts>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "ckks/client/public_encryption.h"
#include "ckks/io/secret_file.h"
#include "ckks/random/digest.h"
#include "ckks/ring/parallel.h"
#include "eval/determinism_setting.h"
#include "support/party.h"
#include "support/temporary_folder.h"

namespace ckks {
namespace {

template <typename Polynomial>
  requires std::same_as<Polynomial, LimbMatrix> || std::same_as<Polynomial, LiftedSecret>
void update(Sha256& sha, const Polynomial& polynomial) {
  for (std::size_t limb = 0; limb < polynomial.limbs(); ++limb) {
    sha.update({reinterpret_cast<const std::uint8_t*>(polynomial.limb(limb)), polynomial.words() * sizeof(Word)});
  }
}

void update(Sha256& sha, const Ciphertext& ciphertext) {
  update(sha, ciphertext.c0);
  update(sha, ciphertext.c1);
  if (ciphertext.conjugate) update(sha, *ciphertext.conjugate);
}

void update(Sha256& sha, const std::vector<std::uint8_t>& bytes) { sha.update(bytes); }

template <typename Output>
void print(const char* operation, const Output& output) {
  Sha256 sha;
  update(sha, output);
  std::printf("%-14s", operation);
  for (const std::uint8_t byte : sha.finish()) std::printf("%02x", byte);
  std::printf("\n");
}

std::shared_ptr<const KeySet> readKeys(const std::shared_ptr<const Parameters>& parameters, const std::string& folder) {
  auto keys = std::make_shared<KeySet>(parameters);
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().filename().string().starts_with("key")) keys->add(File::openForReading(entry.path().string()));
  }
  return keys;
}

void run(const std::string& folder) {
  const auto parameters = std::make_shared<const Parameters>(determinismLiteral());
  Evaluator evaluator(parameters, readKeys(parameters, folder), std::size_t{1} << 20);
  print("secret", readSecretKey(parameters, File::openForReading(folder + "/secret"))->main());
  const PublicKey publicKey(parameters, File::openForReading(folder + "/public"));
  const std::vector<std::int64_t> message(parameters->ringDimension(), 1 << 20);
  print("public", encryptPolynomial(publicKey, message, 2, 1, Seed(publicKey.parameters().hash())));
  const Ciphertext first = evaluator.read(readBytes(folder + "/input0"));
  const Ciphertext second = evaluator.read(readBytes(folder + "/input1"));
  print("read", first);
  print("rotate", evaluator.rotate(first, kDeterminismStep));
  const Ciphertext square = evaluator.square(first, false, {});
  print("square", square);
  const EncodedLinear step(*parameters, determinismStep());
  const Ciphertext output = evaluator.linear(step, {&square, &second}, {});
  print("linear", output);
  const EncodedLinear packedStep(*parameters, determinismPackedStep());
  print("packed linear", evaluator.linear(packedStep, {&square}, {}));
  print("componentwise", evaluator.square(output, true, {}));
  print("add", evaluator.add(output, evaluator.dropToLevel(output, 1)));
  std::mt19937_64 generator(3);
  const SlotVector factors = randomSlots(parameters->slots(), 1, generator);
  print("multiplyPlain", evaluator.multiplyPlain(output, factors.real, factors.imaginary));
  print("writeResult", evaluator.writeResult(output));
}

}  // namespace
}  // namespace ckks

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  try {
    const ckks::ParallelSession session(static_cast<unsigned>(std::stoul(argv[2])));
    ckks::run(argv[1]);
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
  return 0;
}
