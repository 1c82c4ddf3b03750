#include "ckks/client/client.h"

#include <algorithm>
#include <string>

#include "ckks/error.h"
#include "ckks/io/ciphertext_codec.h"
#include "ckks/random/secret_buffer.h"
#include "ckks/ring/kernels.h"
#include "ckks/ring/parallel.h"
#include "ckks/scheme/sampler.h"

namespace ckks {
namespace {

/** Remainder of least absolute value. */
double centred(Word residue, const Modulus& modulus) {
  return residue > modulus.value / 2 ? -static_cast<double>(modulus.value - residue) : static_cast<double>(residue);
}

/** The same for a pair of residues modulo q0 q1 (Garner). */
double centred(Word residue0, Word residue1, const Modulus& q0, const Modulus& q1) {
  const Word difference = q1.subtract(residue1, q1.reduce(residue0));
  const Word high = q1.multiply(difference, q1.inverse(q1.reduce(q0.value)));
  const Word128 value = static_cast<Word128>(high) * q0.value + residue0;
  const Word128 product = static_cast<Word128>(q0.value) * q1.value;
  return value > product / 2 ? -static_cast<double>(product - value) : static_cast<double>(value);
}

}  // namespace

Client::Client(std::shared_ptr<const SecretKey> secret)
    : secret_(std::move(secret)),
      encoder_(secret_->parameters().ringDimension()),
      resultEncoder_(secret_->parameters().resultRingDimension()),
      resultTable_(secret_->parameters().modulus(0), secret_->parameters().resultRingDimension()) {}

std::vector<std::uint8_t> Client::encrypt(std::span<const double> real, std::span<const double> imaginary, int level,
                                          double scale) const {
  const Parameters& parameters = secret_->parameters();
  if (level < 0 || level > parameters.levels()) {
    throw Error(ErrorKind::kLevelExhausted,
                "encrypt: level " + std::to_string(level) + ", expected 0 to " + std::to_string(parameters.levels()));
  }
  const std::size_t n = parameters.ringDimension();
  SecretBuffer<std::int64_t> message(n);
  encoder_.encodeSecret(message, real, imaginary, scale);

  SecretBuffer<std::int64_t> error(n);
  RandomStream errorStream(Seed::fromSystem(), "encryption error");
  sampleError(error, errorStream, 0);
  for (std::size_t i = 0; i < n; ++i) message[i] += error[i];

  const Seed seed = Seed::fromSystem();
  Ciphertext ciphertext;
  ciphertext.level = level;
  ciphertext.scale = scale;
  ciphertext.c0 = LimbMatrix(static_cast<std::size_t>(level) + 1, n);
  parallelFor(ciphertext.c0.limbs(), [&](std::size_t limb, unsigned) {
    const Modulus& modulus = parameters.modulus(limb);
    SecretBuffer<Word> product(n);
    expandUniformHalf(product.data(), parameters, seed, limb);
    kernels().multiply(product.data(), product.data(), secret_->main().limb(limb), n, modulus);
    kernels().liftSigned(ciphertext.c0.limb(limb), message.data(), n, modulus);
    kernels().forwardNtt(ciphertext.c0.limb(limb), parameters.table(limb));
    kernels().subtract(ciphertext.c0.limb(limb), ciphertext.c0.limb(limb), product.data(), n, modulus);
  });
  return writeSeeded(parameters, secret_->id(), ciphertext, seed);
}

SlotVector Client::decrypt(std::span<const std::uint8_t> bytes) const {
  return isResult(bytes) ? decryptResult(bytes) : decryptFull(bytes);
}

SlotVector Client::decryptFull(std::span<const std::uint8_t> bytes) const {
  const Parameters& parameters = secret_->parameters();
  const std::size_t n = parameters.ringDimension();
  const Ciphertext ciphertext = readCiphertext(parameters, secret_->id(), bytes);
  // c1 is public: who sees c1 s, or the sum, has the key.
  std::vector<SecretBuffer<Word>> sum;
  for (std::size_t limb = 0; limb < std::min<std::size_t>(ciphertext.c0.limbs(), 2); ++limb) {
    const Modulus& modulus = parameters.modulus(limb);
    SecretBuffer<Word>& residues = sum.emplace_back(n);
    kernels().multiply(residues.data(), ciphertext.c1.limb(limb), secret_->main().limb(limb), n, modulus);
    kernels().add(residues.data(), residues.data(), ciphertext.c0.limb(limb), n, modulus);
    kernels().inverseNtt(residues.data(), parameters.table(limb));
  }
  SecretBuffer<double> message(n);
  for (std::size_t i = 0; i < n; ++i) {
    const Word low = sum[0][i];
    const double value = sum.size() == 1 ? centred(low, parameters.modulus(0))
                                         : centred(low, sum[1][i], parameters.modulus(0), parameters.modulus(1));
    message[i] = value / ciphertext.scale;
  }
  SlotVector slots{std::vector<double>(n / 2), std::vector<double>(n / 2)};
  encoder_.decode(slots.real, slots.imaginary, message);
  return slots;
}

SlotVector Client::decryptResult(std::span<const std::uint8_t> bytes) const {
  const Parameters& parameters = secret_->parameters();
  const std::size_t m = parameters.resultRingDimension();
  const Modulus& modulus = parameters.modulus(0);
  ResultCiphertext result = readResult(parameters, secret_->id(), bytes);
  SecretBuffer<Word> sum(m);  // s, then c1 s, then c0 + c1 s
  kernels().liftSigned(sum.data(), secret_->result().data(), m, modulus);
  kernels().forwardNtt(sum.data(), resultTable_);
  kernels().forwardNtt(result.c1.data(), resultTable_);
  kernels().multiply(sum.data(), sum.data(), result.c1.data(), m, modulus);
  kernels().inverseNtt(sum.data(), resultTable_);
  kernels().add(sum.data(), sum.data(), result.c0.data(), m, modulus);
  SecretBuffer<double> message(m);
  for (std::size_t i = 0; i < m; ++i) message[i] = centred(sum[i], modulus) / result.scale;
  SlotVector slots{std::vector<double>(m / 2), std::vector<double>(m / 2)};
  resultEncoder_.decode(slots.real, slots.imaginary, message);
  return slots;
}

}  // namespace ckks
