#pragma once

#include <cstddef>
#include <functional>

namespace ckks {

/// Sets how many threads work on a parallelFor, the calling one included; at least 1. Not to be called while a
/// parallelFor runs; throws std::invalid_argument for 0 and std::logic_error from inside a parallelFor.
void setThreadCount(unsigned count);

/// The count set, at first the number of processors that this process may run on.
[[nodiscard]] unsigned threadCount();

/// Calls task(index, worker) once for each index < count and returns when all are done. worker < threadCount() names
/// the thread, for its scratch memory; the calling thread is worker 0. Indices are handed out in ascending order to
/// whichever thread is free. The first exception is rethrown here, after which no further index is started.
/// Throws std::system_error when the system does not give as many threads as setThreadCount asked for.
/// A call from inside a task runs inline, as the same worker. One calling thread at a time may use the pool; a
/// second one waits.
void parallelFor(std::size_t count, const std::function<void(std::size_t index, unsigned worker)>& task);

}  // namespace ckks
