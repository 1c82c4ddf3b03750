#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <random>
#include <string>

#include "ckks/io/secret_file.h"
#include "ckks/ring/kernels.h"
#include "eval/determinism_setting.h"
#include "support/party.h"

namespace ckks {
namespace {

/// Standard output of a shell command; with its exit status where that is not 0.
std::string outputOf(const std::string& command) {
  std::string text;
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return "cannot run " + command;
  std::array<char, 256> part;
  while (fgets(part.data(), static_cast<int>(part.size()), pipe) != nullptr) text += part.data();
  const int status = pclose(pipe);
  return status == 0 ? text : text + "status " + std::to_string(status);
}

// Kernels are chosen once in a process, so each set runs in a process of its own, on the same keys and ciphertexts.
TEST(DeterminismTest, KernelsAndThreadsDoNotChangeABit) {
  Party party(determinismLiteral());
  party.addRelinearization(4);
  party.addRingSwitch();
  party.addRotation(kDeterminismStep, 4);
  party.addKeysOf(determinismStep());
  party.addKeysOf(determinismPackedStep());
  writeSecretKey(*party.secret(), party.folder().path("secret"));
  party.generator().publicKey(party.folder().path("public"), 2);
  std::mt19937_64 generator(1);
  for (int i = 0; i < 2; ++i) {
    const SlotVector slots = randomSlots(party.slots(), 1, generator);
    const double scale = i == 0 ? kDeterminismScale : kDeterminismScale * kDeterminismScale;
    writeBytes(party.folder().path("input" + std::to_string(i)),
               party.client().encrypt(slots.real, slots.imaginary, 4 - i, scale));
  }

  const auto digestWith = [&](std::string_view kernel, int threads) {
    return outputOf("RESNET20_FHE_KERNEL=" + std::string(kernel) + " '" OPERATION_DIGEST "' '" +
                    party.folder().path("") + "' " + std::to_string(threads));
  };
  const std::string expected = digestWith("scalar", 1);
  ASSERT_EQ(std::ranges::count(expected, '\n'), 11) << expected;
  for (const std::string_view kernel : availableKernels()) {
    for (const int threads : {1, 2, 3}) EXPECT_EQ(digestWith(kernel, threads), expected) << kernel << " " << threads;
  }
}

}  // namespace
}  // namespace ckks
