#include "ckks/scheme/secret_key.h"

#include <algorithm>
#include <span>
#include <string_view>
#include <utility>

#include "ckks/random/digest.h"
#include "ckks/ring/kernels.h"
#include "ckks/scheme/sampler.h"

namespace ckks {
namespace {

KeyId identify(const Seed& seed) {
  static constexpr std::string_view kDomain = "key id";
  Sha256 sha;
  sha.update({reinterpret_cast<const std::uint8_t*>(kDomain.data()), kDomain.size()});
  sha.update(seed.bytes());
  const Digest digest = sha.finish();
  KeyId id;
  std::copy_n(digest.begin(), id.size(), id.begin());
  return id;
}

SecretBuffer<std::int64_t> ternary(const Seed& seed, std::string_view domain, std::size_t count) {
  SecretBuffer<std::int64_t> values(count);
  RandomStream stream(seed, domain);
  sampleTernary(values, stream, 0);
  return values;
}

/** The coefficients of a(X^(N/M)), a the polynomial of M coefficients that is given. */
SecretBuffer<std::int64_t> embed(const SecretBuffer<std::int64_t>& coefficients, std::size_t ringDimension) {
  SecretBuffer<std::int64_t> embedded(ringDimension);
  const std::size_t stride = ringDimension / coefficients.size();
  for (std::size_t i = 0; i < coefficients.size(); ++i) embedded[i * stride] = coefficients[i];
  return embedded;
}

}  // namespace

LiftedSecret::LiftedSecret(std::shared_ptr<const Parameters> parameters, SecretBuffer<std::int64_t> coefficients)
    : parameters_(std::move(parameters)), coefficients_(std::move(coefficients)) {
  const std::size_t count = static_cast<std::size_t>(parameters_->levels()) + 1 + parameters_->specialCount();
  for (std::size_t index = 0; index < count; ++index) limbs_.push_back(std::make_unique<Limb>());
}

const Word* LiftedSecret::limb(std::size_t index) const {
  Limb& limb = *limbs_[index];
  std::call_once(limb.made, [&] {
    SecretBuffer<Word> residues(words());
    kernels().liftSigned(residues.data(), coefficients_.data(), words(), parameters_->modulus(index));
    kernels().forwardNtt(residues.data(), parameters_->table(index));
    limb.residues = std::move(residues);
  });
  return limb.residues.data();
}

SecretKey::SecretKey(std::shared_ptr<const Parameters> parameters, const Seed& seed)
    : parameters_(std::move(parameters)),
      seed_(seed),
      id_(identify(seed)),
      result_(ternary(seed, "result secret", parameters_->resultRingDimension())),
      main_(parameters_, ternary(seed, "main secret", parameters_->ringDimension())),
      embeddedResult_(parameters_, embed(result_, parameters_->ringDimension())) {}

}  // namespace ckks
