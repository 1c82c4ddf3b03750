// OpenMP loops whose bodies may throw: an exception that leaves an OpenMP region ends the process.
#pragma once

#include <cstdint>
#include <exception>

namespace openfhe_addon {

// body(i) for i in [0, count), in any order; rethrows one of the exceptions.
template <class Body>
void parallelFor(int64_t count, const Body& body) {
  std::exception_ptr failure;
#pragma omp parallel for schedule(dynamic)
  for (int64_t i = 0; i < count; ++i) {
    try {
      body(i);
    } catch (...) {
#pragma omp critical(openfhe_addon_failure)
      failure = std::current_exception();
    }
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace openfhe_addon
