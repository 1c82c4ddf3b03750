#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace ckks {

/// A fresh folder in the system's temporary folder, removed with its contents at the end of the scope.
class TemporaryFolder {
 public:
  TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();

  [[nodiscard]] std::string path(const std::string& name) const { return (folder_ / name).string(); }

 private:
  std::filesystem::path folder_;
};

[[nodiscard]] std::vector<std::uint8_t> readBytes(const std::string& path);
/// Replaces the file.
void writeBytes(const std::string& path, std::span<const std::uint8_t> bytes);

}  // namespace ckks
