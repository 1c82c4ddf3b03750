#pragma once

namespace ckks {

/// From now on libcrypto's SHA-256 refuses to take input, or to give the digest, until the object goes.
class FailingDigest {
 public:
  enum class Call { kUpdate, kFinal };
  explicit FailingDigest(Call call);
  FailingDigest(const FailingDigest&) = delete;
  FailingDigest& operator=(const FailingDigest&) = delete;
  ~FailingDigest();
};

}  // namespace ckks
