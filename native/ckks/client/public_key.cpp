#include "ckks/client/public_key.h"

#include <vector>

#include "ckks/error.h"
#include "ckks/io/key_file.h"
#include "ckks/ring/parallel.h"

namespace ckks {

PublicKey::PublicKey(std::shared_ptr<const Parameters> parameters, File opened) : parameters_(std::move(parameters)) {
  const KeyFile file(parameters_, std::move(opened));
  const KeyHeader& header = file.header();
  if (header.kind != KeyKind::kPublic) {
    throw Error(ErrorKind::kKeyCorrupt, file.path() + ": expected a public key, found an evaluation key");
  }
  file.verify();
  const std::size_t n = parameters_->ringDimension();
  const std::size_t limbs = static_cast<std::size_t>(header.level) + 1;
  id_ = header.keyId;
  b_ = LimbMatrix(limbs, n);
  a_ = LimbMatrix(limbs, n);
  parallelFor(limbs, [&](std::size_t limb, unsigned) {
    RandomStream stream(header.seed, KeyFile::kUniformDomain);
    std::vector<std::uint8_t> scratch(KeyFile::scratchBytes(n));
    file.read(b_.limb(limb), a_.limb(limb), limb, 0, 0, n, stream, scratch);
  });
}

}  // namespace ckks
