#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "ckks/random/digest.h"

namespace ckks {

/** A POSIX file descriptor; errors become Error(kFile), a full disk Error(kDiskFull), a missing file
 * Error(kKeyMissing). */
class File {
 public:
  static File openForReading(const std::string& path);
  /**
   * The same of a file whose SHA-256 must be `expected`, else Error(kKeyCorrupt). What is read from it afterwards is
   * what was hashed, whatever the name comes to stand for.
   */
  static File openVerified(const std::string& path, const Digest& expected);
  /** Creates the file, which must not exist, with permissions 0600. */
  static File create(const std::string& path);

  File(File&& other) noexcept;
  File& operator=(File&&) = delete;
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File();

  const std::string& path() const { return path_; }
  std::uint64_t size() const;
  /** Reads exactly bytes.size() bytes; Error(kKeyCorrupt) at the end of the file. Thread-safe. */
  void readAt(std::uint64_t offset, std::span<std::uint8_t> bytes) const;
  /** Thread-safe for disjoint ranges. */
  void writeAt(std::uint64_t offset, std::span<const std::uint8_t> bytes);
  void sync();
  /** SHA-256 of the whole content; keeps no secret in memory. */
  Digest digest() const;

 private:
  File(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}
  int descriptor_;
  std::string path_;
};

}  // namespace ckks
