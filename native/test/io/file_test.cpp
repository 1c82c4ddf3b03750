#include "ckks/io/file.h"

#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <utility>
#include <vector>

#include "support/error_kind.h"
#include "support/sealed_bytes.h"
#include "support/temporary_folder.h"

namespace ckks {
namespace {

class FileTest : public testing::Test {
 protected:
  TemporaryFolder folder_;
};

TEST_F(FileTest, ReadsWhatWasWrittenAnywhere) {
  const std::string path = folder_.path("file");
  const std::array<std::uint8_t, 3> tail = {4, 5, 6};
  const std::array<std::uint8_t, 3> head = {1, 2, 3};
  File written = File::create(path);
  written.writeAt(3, tail);
  written.writeAt(0, head);
  written.sync();
  const File file = File::openForReading(path);
  EXPECT_EQ(file.size(), 6u);
  std::array<std::uint8_t, 4> bytes{};
  file.readAt(1, bytes);
  EXPECT_EQ(bytes, (std::array<std::uint8_t, 4>{2, 3, 4, 5}));
  EXPECT_EQ(errorKindOf([&] { file.readAt(3, bytes); }), ErrorKind::kKeyCorrupt);
}

TEST_F(FileTest, FailuresHaveTheirKinds) {
  const std::string path = folder_.path("file");
  (void)File::create(path);
  EXPECT_EQ(errorKindOf([&] { (void)File::create(path); }), ErrorKind::kFile);
  EXPECT_EQ(errorKindOf([&] { (void)File::openForReading(folder_.path("nowhere")); }), ErrorKind::kKeyMissing);
  const File folder = File::openForReading(folder_.path("."));
  std::array<std::uint8_t, 1> byte{};
  EXPECT_EQ(errorKindOf([&] { folder.readAt(0, byte); }), ErrorKind::kFile);
  File readOnly = File::openForReading(path);
  EXPECT_EQ(errorKindOf([&] { readOnly.writeAt(0, byte); }), ErrorKind::kFile);
}

TEST_F(FileTest, AVerifiedFileIsTheOneThatWasHashed) {
  const std::string path = folder_.path("file");
  const std::vector<std::uint8_t> content(3'000'000, 7);  // more than is hashed at a time
  writeBytes(path, content);
  const Digest digest = sha256(content);
  EXPECT_EQ(File::openForReading(path).digest(), digest);
  EXPECT_EQ(errorKindOf([&] { (void)File::openVerified(path, Digest{}); }), ErrorKind::kKeyCorrupt);

  const File file = File::openVerified(path, digest);
  const std::string other = folder_.path("other");
  writeBytes(other, std::vector<std::uint8_t>(3'000'000, 8));
  std::filesystem::rename(other, path);
  std::array<std::uint8_t, 1> byte{};
  file.readAt(2'999'999, byte);
  EXPECT_EQ(byte[0], 7);
  EXPECT_EQ(errorKindOf([&] { (void)File::openVerified(path, digest); }), ErrorKind::kKeyCorrupt);
}

TEST_F(FileTest, MovingKeepsTheDescriptor) {
  const std::string path = folder_.path("file");
  File first = File::create(path);
  File second = std::move(first);
  const std::array<std::uint8_t, 1> byte = {7};
  second.writeAt(0, byte);
  EXPECT_EQ(second.size(), 1u);
  EXPECT_EQ(second.path(), path);
}

}  // namespace
}  // namespace ckks
