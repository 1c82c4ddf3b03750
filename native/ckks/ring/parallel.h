#pragma once

#include <cstddef>
#include <functional>
#include <mutex>

namespace ckks {

/// The pool of threads, held by one calling thread for one computation. The process has one pool; a second caller waits
/// until the session ends, so that no count changes between sizing scratch memory by it and using that memory.
///
/// Within a session further ones join it: their own count is ignored. The same holds inside a parallelFor's task. To be
/// ended by the thread that began it.
class ParallelSession {
 public:
  /// As many threads as this process has processors to run on.
  ParallelSession();
  /// `threads`: how many work on a parallelFor, the calling one included; throws std::invalid_argument for 0.
  explicit ParallelSession(unsigned threads);
  ParallelSession(const ParallelSession&) = delete;
  ParallelSession& operator=(const ParallelSession&) = delete;
  ~ParallelSession();

  /// Of the session that this one is or has joined: workers in it are numbered below this.
  [[nodiscard]] unsigned threads() const { return threads_; }

 private:
  std::unique_lock<std::mutex> pool_;  ///< not locked by a session that has joined another
  unsigned threads_;
};

/// Calls task(index, worker) once for each index < count and returns when all are done. worker < the threads of the
/// session names the thread, for its scratch memory; the calling thread is worker 0. Indices are handed out in
/// ascending order to whichever thread is free. The first exception is rethrown here, after which no further index is
/// started. Throws std::system_error when the system does not give as many threads as the session has. A call from
/// inside a task runs inline, as the same worker. Outside a session the call makes one of its own.
void parallelFor(std::size_t count, const std::function<void(std::size_t index, unsigned worker)>& task);

}  // namespace ckks
