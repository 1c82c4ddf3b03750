// libFuzzer's entry for files of the kind FUZZED_KIND: any exception but ckks::Error, and whatever the sanitizers find,
// ends the run.

#include <cstddef>
#include <cstdint>

#include "fuzz/mutated_loading.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static ckks::MutatedLoading loading;
  (void)loading.run(ckks::FileKind::FUZZED_KIND, {data, size});
  return 0;
}
