#include "ckks/scheme/secret_key.h"

#include <algorithm>
#include <span>

#include "ckks/random/digest.h"
#include "ckks/ring/kernels.h"
#include "ckks/ring/parallel.h"
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

void lift(Word* limb, const SecretBuffer<std::int64_t>& coefficients, const NttTable& table) {
  kernels().liftSigned(limb, coefficients.data(), coefficients.size(), table.modulus());
  kernels().forwardNtt(limb, table);
}

}  // namespace

SecretKey::SecretKey(std::shared_ptr<const Parameters> parameters, const Seed& seed)
    : parameters_(std::move(parameters)),
      seed_(seed),
      id_(identify(seed)),
      result_(parameters_->resultRingDimension()) {
  const std::size_t n = parameters_->ringDimension();
  SecretBuffer<std::int64_t> coefficients(n);
  RandomStream mainStream(seed, "main secret");
  sampleTernary(coefficients, mainStream, 0);
  main_ = SecretPolynomial(static_cast<std::size_t>(parameters_->levels()) + 1 + parameters_->specialCount(), n);
  parallelFor(main_.limbs(),
              [&](std::size_t limb, unsigned) { lift(main_.limb(limb), coefficients, parameters_->table(limb)); });

  RandomStream resultStream(seed, "result secret");
  sampleTernary(result_, resultStream, 0);
  std::fill(coefficients.begin(), coefficients.end(), 0);
  const std::size_t stride = n / result_.size();
  for (std::size_t i = 0; i < result_.size(); ++i) coefficients[i * stride] = result_[i];
  embeddedResult_ = SecretPolynomial(2, n);
  lift(embeddedResult_.limb(0), coefficients, parameters_->table(0));
  lift(embeddedResult_.limb(1), coefficients, parameters_->table(parameters_->specialLimb(0)));
}

}  // namespace ckks
