#include <gtest/gtest.h>

#include <iostream>
#include <stdexcept>

#include "ckks/ring/kernels.h"

/// Runs the tests with the kernels that RESNET20_FHE_KERNEL names; ctest counts 77 as skipped: not on this machine.
int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  try {
    std::cout << "kernels: " << ckks::kernels().name << '\n';
  } catch (const std::invalid_argument& error) {
    std::cout << error.what() << '\n';
    return 77;
  }
  return RUN_ALL_TESTS();
}
