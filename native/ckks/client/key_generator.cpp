#include "ckks/client/key_generator.h"

#include <algorithm>
#include <functional>
#include <vector>

#include "ckks/io/key_file.h"
#include "ckks/random/secret_buffer.h"
#include "ckks/ring/kernels.h"
#include "ckks/ring/limb_matrix.h"
#include "ckks/ring/parallel.h"
#include "ckks/scheme/sampler.h"

namespace ckks {
namespace {

/** Fills `out` with the secret that the key switches from, at a limb in extended order; evaluation form. None: the key
 * encrypts zero. */
using SourceSecret = std::function<void(Word* out, std::size_t limb)>;
/** The secret switched to, at a limb. */
using TargetSecret = std::function<const Word*(std::size_t limb)>;

Word specialProduct(const Parameters& parameters, const Modulus& modulus) {
  Word product = 1;
  for (std::size_t k = 0; k < parameters.specialCount(); ++k) {
    product = modulus.multiply(product, modulus.reduce(parameters.modulus(parameters.specialLimb(k)).value));
  }
  return product;
}

/** Limbs of the extended basis of a key, in extended order. */
std::vector<std::size_t> keyLimbs(const Parameters& parameters, const KeyHeader& header) {
  std::vector<std::size_t> limbs;
  for (std::size_t limb = 0; limb <= static_cast<std::size_t>(header.level); ++limb) limbs.push_back(limb);
  for (std::size_t k = 0; k < header.specialPrimes; ++k) limbs.push_back(parameters.specialLimb(k));
  return limbs;
}

void writeKey(const Parameters& parameters, const std::string& path, const KeyHeader& header,
              const SourceSecret& source, const TargetSecret& target) {
  const std::size_t n = parameters.ringDimension();
  SecretBuffer<std::int64_t> errors(n * header.digits);
  RandomStream errorStream(Seed::fromSystem(), "key error");
  for (std::size_t digit = 0; digit < header.digits; ++digit) {
    sampleError(std::span(errors).subspan(digit * n, n), errorStream, static_cast<std::uint32_t>(digit));
  }

  const std::vector<std::size_t> limbs = keyLimbs(parameters, header);
  LimbMatrix key(limbs.size() * header.digits, n);
  parallelFor(limbs.size(), [&](std::size_t row, unsigned) {
    const std::size_t limb = limbs[row];
    const Modulus& modulus = parameters.modulus(limb);
    RandomStream uniformStream(header.seed, KeyFile::kUniformDomain);
    std::vector<std::uint8_t> scratch(KeyFile::scratchBytes(n));
    SecretBuffer<Word> product(n);
    for (std::size_t digit = 0; digit < header.digits; ++digit) {
      Word* out = key.limb(row * header.digits + digit);
      sampleUniform({product.data(), n}, uniformStream, uniformStreamIndex(limb, digit), 0, modulus, scratch);
      kernels().multiply(product.data(), product.data(), target(limb), n, modulus);
      kernels().liftSigned(out, errors.data() + digit * n, n, modulus);
      kernels().forwardNtt(out, parameters.table(limb));
      kernels().subtract(out, out, product.data(), n, modulus);
      const bool inDigit =
          source && limb <= static_cast<std::size_t>(parameters.levels()) && parameters.digitOf(limb) == digit;
      if (inDigit) {
        source(product.data(), limb);
        kernels().multiplyConstantAdd(out, product.data(), specialProduct(parameters, modulus), n, modulus);
      }
    }
  });

  KeyFileWriter writer(parameters, path, header);
  for (std::size_t row = 0; row < limbs.size(); ++row) {
    for (std::size_t digit = 0; digit < header.digits; ++digit) {
      writer.append(limbs[row], key.limb(row * header.digits + digit));
    }
  }
  writer.finish();
}

KeyHeader headerFor(const SecretKey& secret, KeyKind kind, Word galoisElement, int level) {
  const Parameters& parameters = secret.parameters();
  return KeyHeader{kind,
                   secret.id(),
                   galoisElement,
                   level,
                   keyDigits(parameters, kind, level),
                   keySpecialPrimes(parameters, kind, level),
                   Seed::fromSystem()};
}

}  // namespace

Word rotationElement(std::size_t ringDimension, long step) {
  const long slots = static_cast<long>(ringDimension / 2);
  const Word order = 2 * ringDimension;
  Word element = 1;
  Word power = 5;
  for (long exponent = ((step % slots) + slots) % slots; exponent > 0; exponent >>= 1) {
    if (exponent & 1) element = element * power % order;
    power = power * power % order;
  }
  return element;
}

KeyGenerator::KeyGenerator(std::shared_ptr<const SecretKey> secret) : secret_(std::move(secret)) {}

void KeyGenerator::relinearizationKey(const std::string& path, int level) const {
  const Parameters& parameters = secret_->parameters();
  const LiftedSecret& s = secret_->main();
  writeKey(
      parameters, path, headerFor(*secret_, KeyKind::kRelinearization, 1, level),
      [&](Word* out, std::size_t limb) {
        kernels().multiply(out, s.limb(limb), s.limb(limb), parameters.ringDimension(), parameters.modulus(limb));
      },
      [&](std::size_t limb) { return s.limb(limb); });
}

void KeyGenerator::rotationKey(const std::string& path, Word galoisElement, int level) const {
  const Parameters& parameters = secret_->parameters();
  const LiftedSecret& s = secret_->main();
  const Automorphism automorphism(parameters.ringDimension(), galoisElement);
  writeKey(
      parameters, path, headerFor(*secret_, KeyKind::kRotation, galoisElement, level),
      [&](Word* out, std::size_t limb) {
        kernels().permute(out, s.limb(limb), automorphism, 0, parameters.ringDimension());
      },
      [&](std::size_t limb) { return s.limb(limb); });
}

void KeyGenerator::ringSwitchKey(const std::string& path) const {
  const Parameters& parameters = secret_->parameters();
  const LiftedSecret& s = secret_->main();
  const LiftedSecret& small = secret_->embeddedResult();
  writeKey(
      parameters, path, headerFor(*secret_, KeyKind::kRingSwitch, 1, 0),
      [&](Word* out, std::size_t limb) { std::copy_n(s.limb(limb), parameters.ringDimension(), out); },
      [&](std::size_t limb) { return small.limb(limb); });
}

void KeyGenerator::publicKey(const std::string& path, int level) const {
  const LiftedSecret& s = secret_->main();
  writeKey(secret_->parameters(), path, headerFor(*secret_, KeyKind::kPublic, 1, level), nullptr,
           [&](std::size_t limb) { return s.limb(limb); });
}

}  // namespace ckks
