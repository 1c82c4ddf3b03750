#include "random/failing_libcrypto.h"

#include <dlfcn.h>

#include <optional>
#include <stdexcept>

#include "ckks/random/libcrypto.h"

namespace ckks {
namespace {

std::optional<FailingDigest::Call> failing;

/// libcrypto's own function of this name.
template <typename Function>
Function* original(const char* name) {
  void* found = dlsym(RTLD_NEXT, name);
  if (found == nullptr) throw std::runtime_error(name);
  return reinterpret_cast<Function*>(found);
}

}  // namespace

FailingDigest::FailingDigest(Call call) { failing = call; }

FailingDigest::~FailingDigest() { failing.reset(); }

}  // namespace ckks

// The program's definitions come before those of the shared library.
int EVP_DigestUpdate(evp_md_ctx_st* context, const void* data, std::size_t length) {
  if (ckks::failing == ckks::FailingDigest::Call::kUpdate) return 0;
  static auto* const update = ckks::original<decltype(EVP_DigestUpdate)>("EVP_DigestUpdate");
  return update(context, data, length);
}

int EVP_DigestFinal_ex(evp_md_ctx_st* context, unsigned char* out, unsigned int* outLength) {
  if (ckks::failing == ckks::FailingDigest::Call::kFinal) return 0;
  static auto* const finish = ckks::original<decltype(EVP_DigestFinal_ex)>("EVP_DigestFinal_ex");
  return finish(context, out, outLength);
}
