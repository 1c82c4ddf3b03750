#include "ckks/random/secret_buffer.h"

#include <sys/mman.h>
#include <unistd.h>

#include <new>

#include "ckks/random/libcrypto.h"

namespace ckks {
namespace {

std::size_t wholePages(std::size_t bytes) {
  static const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return (bytes + page - 1) / page * page;
}

}  // namespace

SecretPages::SecretPages(std::size_t bytes) {
  if (bytes == 0) return;
  const std::size_t mapped = wholePages(bytes);
  void* pages = mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) throw std::bad_alloc();
  pages_ = {pages, WipeAndUnmap{mapped}};
  // Neither is a condition for working: systems have other names for the first, and limits for the second.
#if defined(MADV_DONTDUMP)
  madvise(pages, mapped, MADV_DONTDUMP);
#elif defined(MADV_NOCORE)
  madvise(pages, mapped, MADV_NOCORE);
#endif
  static_cast<void>(mlock(pages, mapped));
}

void WipeAndUnmap::operator()(void* pages) const noexcept {
  OPENSSL_cleanse(pages, bytes);
  munmap(pages, bytes);
}

void wipe(std::span<std::byte> bytes) { OPENSSL_cleanse(bytes.data(), bytes.size()); }

}  // namespace ckks
