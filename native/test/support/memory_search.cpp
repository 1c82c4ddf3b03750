#include "support/memory_search.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

namespace ckks {
namespace {

constexpr std::byte kMask{0x5a};
/// What is larger is no memory of the program's: the address sanitizer's shadow.
constexpr std::size_t kLargestMapping = std::size_t{1} << 34;
constexpr std::size_t kWindow = std::size_t{1} << 24;

struct Mapping {
  std::uintptr_t begin = 0;
  std::uintptr_t end = 0;
};

/// Those that can be read and written, but for the one at `excluded`.
std::vector<Mapping> writableMappings(const void* excluded) {
  std::vector<Mapping> mappings;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    std::istringstream fields(line);
    Mapping mapping;
    char dash = 0;
    std::string permissions;
    fields >> std::hex >> mapping.begin >> dash >> mapping.end >> permissions;
    const auto place = reinterpret_cast<std::uintptr_t>(excluded);
    const bool own = mapping.begin <= place && place < mapping.end;
    if (permissions.starts_with("rw") && !own && mapping.end - mapping.begin <= kLargestMapping) {
      mappings.push_back(mapping);
    }
  }
  return mappings;
}

/// The process's memory is read through its file: whatever a sanitizer says of it.
class Window {
 public:
  Window() {
    // Shared, so that it is a mapping of its own and not joined with a neighbour.
    bytes_ = static_cast<std::byte*>(mmap(nullptr, kWindow, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    file_ = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
    if (bytes_ == MAP_FAILED || file_ < 0) throw std::runtime_error("cannot read this process's memory");
  }
  Window(const Window&) = delete;
  Window& operator=(const Window&) = delete;
  ~Window() {
    munmap(bytes_, kWindow);
    close(file_);
  }

  [[nodiscard]] const void* place() const { return bytes_; }

  /// Empty where the memory cannot be read.
  std::span<const std::byte> read(std::uintptr_t begin, std::size_t count) {
    const ssize_t got = pread(file_, bytes_, std::min(count, kWindow), static_cast<off_t>(begin));
    return {bytes_, got > 0 ? static_cast<std::size_t>(got) : 0};
  }

 private:
  std::byte* bytes_ = nullptr;
  int file_ = -1;
};

}  // namespace

MemorySearch::MemorySearch(std::span<const std::byte> wanted) {
  masked_.reserve(wanted.size());
  for (const std::byte value : wanted) masked_.push_back(value ^ kMask);
}

std::size_t MemorySearch::occurrencesIn(std::span<const std::byte> memory) const {
  std::size_t found = 0;
  for (std::size_t at = 0; at + masked_.size() <= memory.size(); ++at) {
    std::size_t same = 0;
    while (same < masked_.size() && (memory[at + same] ^ kMask) == masked_[same]) ++same;
    if (same == masked_.size()) ++found;
  }
  return found;
}

std::size_t MemorySearch::occurrences() const {
  Window window;
  std::size_t found = 0;
  for (const Mapping& mapping : writableMappings(window.place())) {
    for (std::uintptr_t at = mapping.begin; at < mapping.end;) {
      const std::span<const std::byte> memory = window.read(at, mapping.end - at);
      if (memory.empty()) break;
      found += occurrencesIn(memory);
      // The next window begins so that no place is missed and none is seen twice.
      at += at + memory.size() >= mapping.end ? memory.size() : memory.size() - masked_.size() + 1;
    }
  }
  return found;
}

}  // namespace ckks
