#include "ckks/ring/parallel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace ckks {
namespace {

class Parallel : public testing::TestWithParam<unsigned> {
 protected:
  const ParallelSession session_{GetParam()};
};

TEST_P(Parallel, CallsEveryIndexOnce) {
  EXPECT_EQ(session_.threads(), GetParam());
  for (const std::size_t count : {std::size_t{0}, std::size_t{1}, std::size_t{2}, std::size_t{1000}}) {
    std::vector<std::atomic<int>> calls(count);
    std::atomic<unsigned> highestWorker{0};
    parallelFor(count, [&](std::size_t index, unsigned worker) {
      ++calls[index];
      unsigned seen = highestWorker;
      while (worker > seen && !highestWorker.compare_exchange_weak(seen, worker)) {
      }
    });
    for (const std::atomic<int>& call : calls) EXPECT_EQ(call, 1);
    EXPECT_LT(highestWorker, GetParam());
  }
}

TEST_P(Parallel, WorkersDoNotShareTheirScratch) {
  std::vector<std::atomic<bool>> busy(session_.threads());
  std::atomic<int> clashes{0};
  parallelFor(2000, [&](std::size_t, unsigned worker) {
    if (busy[worker].exchange(true)) ++clashes;
    busy[worker] = false;
  });
  EXPECT_EQ(clashes, 0);
}

TEST_P(Parallel, FirstExceptionEndsTheLoopAndReachesTheCaller) {
  // Hours of calls: however late the thread of index 3 gets to throw, only the exception can end the loop.
  const std::size_t endless = std::size_t{1} << 40;
  const auto failing = [](std::size_t index, unsigned) {
    if (index == 3) throw std::runtime_error("index 3");
  };
  for (int round = 0; round < 20; ++round) {
    try {
      parallelFor(endless, failing);
      FAIL() << "no exception";
    } catch (const std::runtime_error& error) {
      EXPECT_EQ(error.what(), std::string("index 3"));
    }
  }
  std::atomic<std::size_t> sum{0};
  parallelFor(10, [&](std::size_t index, unsigned) { sum += index; });
  EXPECT_EQ(sum, 45U);
}

TEST_P(Parallel, NestedCallsRunInlineAsTheSameWorker) {
  std::atomic<int> calls{0};
  std::atomic<int> strangers{0};
  parallelFor(8, [&](std::size_t, unsigned outer) {
    parallelFor(8, [&](std::size_t, unsigned inner) {
      ++calls;
      if (inner != outer) ++strangers;
    });
  });
  EXPECT_EQ(calls, 64);
  EXPECT_EQ(strangers, 0);
}

TEST_P(Parallel, NestedExceptionsEndTheOuterLoop) {
  EXPECT_THROW(parallelFor(4,
                           [](std::size_t, unsigned) {
                             parallelFor(4, [](std::size_t index, unsigned) {
                               if (index == 2) throw std::logic_error("inner");
                             });
                           }),
               std::logic_error);
}

TEST_P(Parallel, FurtherSessionsJoin) {
  EXPECT_EQ(ParallelSession(GetParam() + 3).threads(), GetParam());
  EXPECT_EQ(ParallelSession().threads(), GetParam());
  std::atomic<int> others{0};
  parallelFor(100, [&](std::size_t, unsigned) {
    if (ParallelSession(GetParam() + 3).threads() != GetParam()) ++others;
  });
  EXPECT_EQ(others, 0);
}

INSTANTIATE_TEST_SUITE_P(Threads, Parallel, testing::Values(1U, 2U, 5U));

TEST(ParallelSession, RefusesZeroThreads) { EXPECT_THROW(ParallelSession(0), std::invalid_argument); }

TEST(ParallelSession, EndsWithItsScope) {
  for (const unsigned threads : {3U, 1U, 2U}) EXPECT_EQ(ParallelSession(threads).threads(), threads);
}

TEST(ParallelSession, CallersWithDifferentCountsStayWithinTheirScratch) {
  std::atomic<int> calls{0};
  const auto work = [&](unsigned threads) {
    for (int round = 0; round < 200; ++round) {
      const ParallelSession session(threads);
      std::vector<int> callsOfWorker(session.threads());
      // Twice, so that the other caller would have its turn in between if the session did not hold the pool.
      for (int i = 0; i < 2; ++i) parallelFor(20, [&](std::size_t, unsigned worker) { ++callsOfWorker.at(worker); });
      for (const int count : callsOfWorker) calls += count;
    }
  };
  std::thread few(work, 1U);
  std::thread many(work, 6U);
  few.join();
  many.join();
  EXPECT_EQ(calls, 2 * 200 * 40);
}

TEST(ParallelSession, CallersWithoutOneWaitForEachOther) {
  std::atomic<int> calls{0};
  const auto work = [&] {
    for (int round = 0; round < 50; ++round) parallelFor(20, [&](std::size_t, unsigned) { ++calls; });
  };
  std::thread other(work);
  work();
  other.join();
  EXPECT_EQ(calls, 2000);
}

}  // namespace
}  // namespace ckks
