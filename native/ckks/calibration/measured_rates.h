#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ckks {

/** One rate of the cost model, named as in src/cost/rates.ts. */
struct MeasuredRate {
  std::string_view name;
  double value;
};

/**
 * What the kernels in use take on this machine, measured with the library's own functions at N = 2^16 and a middle
 * level of params_fast: medians of processor seconds of one thread, and how much faster `threads` of them are than one,
 * from 1 to `threads`. Each rate is measured for about `secondsPerRate`, or once where that takes longer, after a first
 * run that is not counted.
 *
 * Writes a rotation key of a throw-away secret to `keyPath`, which the caller removes. To be called outside a
 * ParallelSession. Throws Error as KeyGenerator does, and as ParallelSession.
 */
[[nodiscard]] std::vector<MeasuredRate> measureRates(const std::string& keyPath, unsigned threads,
                                                     double secondsPerRate);

}  // namespace ckks
