#include <cstdlib>
#include <stdexcept>

#include "ring_test_support.h"

namespace ckks {
namespace {

TEST(Dispatch, ScalarIsAlwaysThereAndLast) {
  const std::vector<std::string_view> names = availableKernels();
  ASSERT_FALSE(names.empty());
  EXPECT_EQ(names.back(), "scalar");
  for (const std::string_view name : names) EXPECT_EQ(kernelsNamed(name).name, name);
}

TEST(Dispatch, RefusesUnknownNames) {
  for (const std::string_view name : {"", "Scalar", "avx1024", "scalar "}) {
    EXPECT_THROW(static_cast<void>(kernelsNamed(name)), std::invalid_argument) << name;
  }
}

/// What a process whose environment names these kernels uses.
void exitWithKernelsFromEnvironment(const char* name) {
  setenv("RESNET20_FHE_KERNEL", name, 1);
  try {
    std::exit(kernels().name == name ? 0 : 1);
  } catch (const std::invalid_argument&) {
    std::exit(2);
  }
}

TEST(DispatchDeathTest, EnvironmentSelects) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  for (const std::string_view name : availableKernels()) {
    EXPECT_EXIT(exitWithKernelsFromEnvironment(name.data()), testing::ExitedWithCode(0), "");
  }
  EXPECT_EXIT(exitWithKernelsFromEnvironment("sse2"), testing::ExitedWithCode(2), "");
}

TEST(DispatchDeathTest, BestByDefault) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        unsetenv("RESNET20_FHE_KERNEL");
        std::exit(kernels().name == availableKernels().front() ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace ckks
