#include "ckks/io/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "ckks/error.h"
#include "ckks/random/secret_buffer.h"

namespace ckks {
namespace {

[[noreturn]] void fail(const std::string& action, const std::string& path) {
  const int code = errno;
  const ErrorKind kind = code == ENOSPC || code == EDQUOT ? ErrorKind::kDiskFull
                         : code == ENOENT                 ? ErrorKind::kKeyMissing
                                                          : ErrorKind::kFile;
  throw Error(kind, path + ": cannot " + action + ": " + std::strerror(code));
}

}  // namespace

File File::openForReading(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) fail("open", path);
  return File(descriptor, path);
}

File File::openVerified(const std::string& path, const Digest& expected) {
  File file = openForReading(path);
  const Digest found = file.digest();
  if (found != expected) {
    throw Error(ErrorKind::kKeyCorrupt, path + ": SHA-256 must be " + hexOf(expected) + ", found " + hexOf(found));
  }
  return file;
}

File File::create(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0) fail("create", path);
  return File(descriptor, path);
}

File::File(File&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)), path_(std::move(other.path_)) {}

File::~File() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::uint64_t File::size() const {
  struct stat status {};
  if (::fstat(descriptor_, &status) != 0) fail("read the size", path_);
  return static_cast<std::uint64_t>(status.st_size);
}

void File::readAt(std::uint64_t offset, std::span<std::uint8_t> bytes) const {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t count =
        ::pread(descriptor_, bytes.data() + done, bytes.size() - done, static_cast<off_t>(offset + done));
    if (count < 0 && errno != EINTR) fail("read", path_);
    if (count == 0) throw Error(ErrorKind::kKeyCorrupt, path_ + ": the file is shorter than its header says");
    done += count > 0 ? static_cast<std::size_t>(count) : 0;
  }
}

void File::writeAt(std::uint64_t offset, std::span<const std::uint8_t> bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t count =
        ::pwrite(descriptor_, bytes.data() + done, bytes.size() - done, static_cast<off_t>(offset + done));
    if (count < 0 && errno != EINTR) fail("write", path_);
    done += count > 0 ? static_cast<std::size_t>(count) : 0;
  }
}

Digest File::digest() const {
  constexpr std::size_t kChunkBytes = std::size_t{1} << 20;
  const std::uint64_t end = size();
  SecretBuffer<std::uint8_t> buffer(std::min<std::uint64_t>(kChunkBytes, end));
  Sha256 sha;
  for (std::uint64_t at = 0; at < end;) {
    const auto chunk = std::span(buffer).first(std::min<std::uint64_t>(buffer.size(), end - at));
    readAt(at, chunk);
    sha.update(chunk);
    at += chunk.size();
  }
  return sha.finish();
}

void File::sync() {
  if (::fsync(descriptor_) != 0) fail("write", path_);
}

}  // namespace ckks
