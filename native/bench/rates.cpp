/// Prints, as JSON, the kernels in use and their rates, for scripts/calibrate.mjs.
#include <cstdio>
#include <string>

#include "ckks/calibration/measured_rates.h"
#include "ckks/ring/kernels.h"
#include "ckks/ring/parallel.h"
#include "support/temporary_folder.h"

int main() {
  constexpr double kSecondsPerRate = 0.2;
  const ckks::TemporaryFolder folder;
  std::printf("{\n  \"kernel\": \"%s\"", std::string(ckks::kernels().name).c_str());
  const unsigned threads = ckks::ParallelSession().threads();
  for (const auto& [name, value] : ckks::measureRates(folder.path("rotation.key"), threads, kSecondsPerRate)) {
    std::printf(",\n  \"%s\": %.9g", std::string(name).c_str(), value);
  }
  std::printf("\n}\n");
}
