#include "ckks/ring/parallel.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

#if defined(__linux__)
#include <sched.h>
#endif

namespace ckks {
namespace {

using Task = std::function<void(std::size_t, unsigned)>;

/// The worker that this thread is while it runs a task, -1 outside.
thread_local int currentWorker = -1;
/// Threads of the session that this thread is in, 0 outside; constant for the threads of a pool.
thread_local unsigned sessionThreads = 0;

unsigned availableProcessors() {
#if defined(__linux__)
  cpu_set_t processors;
  if (sched_getaffinity(0, sizeof(processors), &processors) == 0) {
    return std::max(1U, static_cast<unsigned>(CPU_COUNT(&processors)));
  }
#endif
  return std::max(1U, std::thread::hardware_concurrency());
}

/// One parallelFor: what its threads share.
struct Round {
  const Task* task = nullptr;
  std::size_t count = 0;
  std::atomic<std::size_t> next{0};
  std::mutex failureMutex;
  std::exception_ptr failure;

  void work(unsigned worker) {
    currentWorker = static_cast<int>(worker);
    for (std::size_t index = next.fetch_add(1); index < count; index = next.fetch_add(1)) {
      try {
        (*task)(index, worker);
      } catch (...) {
        next.store(count);
        const std::lock_guard<std::mutex> lock(failureMutex);
        if (!failure) failure = std::current_exception();
      }
    }
    currentWorker = -1;
  }
};

/// Threads 1 .. size-1; thread 0 is the caller. They wait on a generation counter between rounds.
class Pool {
 public:
  /// Throws std::system_error when the system does not give so many threads.
  explicit Pool(unsigned size) {
    threads_.reserve(size - 1);
    try {
      for (unsigned worker = 1; worker < size; ++worker) {
        threads_.emplace_back([this, worker, size] { serve(worker, size); });
      }
    } catch (...) {
      stop();
      throw;
    }
  }

  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  ~Pool() { stop(); }

  [[nodiscard]] unsigned size() const { return static_cast<unsigned>(threads_.size()) + 1; }

  void run(Round& round) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      round_ = &round;
      working_ = threads_.size();
      ++generation_;
    }
    wake_.notify_all();
    round.work(0);
    std::unique_lock<std::mutex> lock(mutex_);
    done_.wait(lock, [this] { return working_ == 0; });
  }

 private:
  void stop() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  void serve(unsigned worker, unsigned size) {
    sessionThreads = size;
    std::uint64_t served = 0;
    std::unique_lock<std::mutex> lock(mutex_);
    for (;;) {
      wake_.wait(lock, [&] { return stopping_ || generation_ != served; });
      if (stopping_) return;
      served = generation_;
      Round& round = *round_;
      lock.unlock();
      round.work(worker);
      lock.lock();
      if (--working_ == 0) done_.notify_one();
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable done_;
  Round* round_ = nullptr;
  std::size_t working_ = 0;
  std::uint64_t generation_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

struct Shared {
  std::mutex mutex;  ///< held for a whole session
  std::unique_ptr<Pool> pool;
};

Shared& shared() {
  static Shared instance;
  return instance;
}

void runInline(std::size_t count, const Task& task, unsigned worker) {
  for (std::size_t index = 0; index < count; ++index) task(index, worker);
}

}  // namespace

ParallelSession::ParallelSession() : ParallelSession(sessionThreads != 0 ? sessionThreads : availableProcessors()) {}

ParallelSession::ParallelSession(unsigned threads) : threads_(threads) {
  if (threads == 0) throw std::invalid_argument("at least one thread has to work");
  if (sessionThreads != 0) {
    threads_ = sessionThreads;
    return;
  }
  Shared& state = shared();
  pool_ = std::unique_lock<std::mutex>(state.mutex);
  if (state.pool && state.pool->size() != threads) state.pool.reset();
  sessionThreads = threads;
}

ParallelSession::~ParallelSession() {
  if (pool_.owns_lock()) sessionThreads = 0;
}

void parallelFor(std::size_t count, const Task& task) {
  if (currentWorker >= 0) return runInline(count, task, static_cast<unsigned>(currentWorker));
  // A single task keeps the pool free for the calls that it makes itself.
  if (count <= 1) return runInline(count, task, 0);
  const ParallelSession session;
  Round round;
  round.task = &task;
  round.count = count;
  if (session.threads() == 1) {
    round.work(0);
  } else {
    std::unique_ptr<Pool>& pool = shared().pool;
    if (!pool) pool = std::make_unique<Pool>(session.threads());
    pool->run(round);
  }
  if (round.failure) std::rethrow_exception(round.failure);
}

}  // namespace ckks
