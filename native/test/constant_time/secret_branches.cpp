// Runs under memcheck, which takes what is marked undefined for uninitialised and reports each branch and each address
// that depends on it. What is marked here is secret (after A. Langley's ctgrind).

#include <valgrind/memcheck.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <vector>

#include "ckks/random/stream.h"
#include "ckks/ring/aligned.h"
#include "ckks/ring/automorphism.h"
#include "ckks/ring/kernels.h"
#include "ckks/ring/ntt.h"
#include "ckks/ring/primes.h"
#include "ckks/scheme/sampler.h"

namespace ckks {
namespace {

constexpr std::size_t kDimension = 1024;

void makeSecret(const void* data, std::size_t bytes) { VALGRIND_MAKE_MEM_UNDEFINED(data, bytes); }

AlignedWords secretResidues(const Modulus& modulus) {
  AlignedWords residues(kDimension);
  for (std::size_t i = 0; i < kDimension; ++i) residues[i] = modulus.value / (i + 1);
  makeSecret(residues.data(), kDimension * sizeof(Word));
  return residues;
}

void runKernels() {
  const Modulus modulus(primesBelow(50, 1, kDimension, {}).front());
  const NttTable table(modulus, kDimension);
  const AlignedWords secret = secretResidues(modulus);
  AlignedWords out(kDimension);
  const Kernels& set = kernels();
  set.multiply(out.data(), secret.data(), secret.data(), kDimension, modulus);
  set.multiplyAdd(out.data(), secret.data(), secret.data(), kDimension, modulus);
  set.add(out.data(), out.data(), secret.data(), kDimension, modulus);
  set.subtract(out.data(), out.data(), secret.data(), kDimension, modulus);
  set.multiplyConstant(out.data(), out.data(), 12345, kDimension, modulus);
  set.multiplyConstantAdd(out.data(), secret.data(), 12345, kDimension, modulus);
  set.forwardNtt(out.data(), table);
  set.inverseNtt(out.data(), table);
  set.permute(out.data(), secret.data(), Automorphism(kDimension, 5), 0, kDimension);
  std::vector<std::int64_t> coefficients(kDimension);
  for (std::size_t i = 0; i < kDimension; ++i) coefficients[i] = static_cast<std::int64_t>(i % 3) - 1;
  makeSecret(coefficients.data(), kDimension * sizeof(std::int64_t));
  set.liftSigned(out.data(), coefficients.data(), kDimension, modulus);
}

void runScalars() {
  const Modulus modulus(primesBelow(50, 1, kDimension, {}).front());
  const AlignedWords secret = secretResidues(modulus);
  AlignedWords out(kDimension);
  for (std::size_t i = 0; i + 1 < kDimension; ++i) {
    out[i] = modulus.add(secret[i], secret[i + 1]);
    out[i] = modulus.subtract(out[i], secret[i + 1]);
    out[i] = modulus.multiply(out[i], modulus.negate(secret[i]));
    out[i] = modulus.multiply(out[i], modulus.shoup(54321));
    out[i] = modulus.reduce(out[i] << 13);
    out[i] = modulus.reduceSigned(static_cast<std::int64_t>(out[i]) - 4711);
  }
}

void runSamplers() {
  std::array<std::uint8_t, Seed::kBytes> bytes{};
  makeSecret(bytes.data(), bytes.size());
  RandomStream stream(Seed(bytes), "secret");
  std::vector<std::int64_t> out(kDimension);
  sampleTernary(out, stream, 0);
  sampleError(out, stream, 1);
}

}  // namespace
}  // namespace ckks

int main() {
  if (RUNNING_ON_VALGRIND == 0) {
    std::puts("run it under valgrind");
    return 1;
  }
  ckks::runKernels();
  ckks::runScalars();
  ckks::runSamplers();
  return 0;
}
