// Operations of several callers at the same time, each with its own number of threads.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <random>
#include <thread>
#include <vector>

#include "ckks/ring/parallel.h"
#include "eval/determinism_setting.h"
#include "support/noise.h"
#include "support/party.h"

namespace ckks {
namespace {

class SessionsTest : public testing::Test {
 protected:
  SessionsTest() {
    party_.addRelinearization(4);
    party_.addRotation(kDeterminismStep, 4);
    party_.addKeysOf(determinismStep());
    std::mt19937_64 generator(1);
    const SlotVector slots = randomSlots(party_.slots(), 1, generator);
    first_ = party_.encrypt(slots, 4, kDeterminismScale);
    second_ = party_.encrypt(slots, 3, kDeterminismScale * kDeterminismScale);
  }

  /// Every operation with scratch memory for each thread: key switches of one and of several keys, hoisted products.
  [[nodiscard]] std::vector<Ciphertext> operations() const {
    Evaluator evaluator = party_.evaluator();
    const std::vector<long> steps{kDeterminismStep, kDeterminismStep};
    std::vector<Ciphertext> results = evaluator.rotations(first_, steps);
    const Ciphertext square = evaluator.square(first_, false, {});
    const EncodedLinear step(*party_.parameters(), determinismStep());
    results.push_back(evaluator.linear(step, {&square, &second_}, {}));
    return results;
  }

  Party party_{determinismLiteral()};
  Ciphertext first_;
  Ciphertext second_;
};

TEST_F(SessionsTest, CallersWithDifferentThreadsDoNotDisturbEachOther) {
  const std::vector<Ciphertext> expected = operations();
  const auto differences = [&](unsigned threads) {
    int count = 0;
    for (int round = 0; round < 10; ++round) {
      const ParallelSession session(threads);
      const std::vector<Ciphertext> results = operations();
      for (std::size_t i = 0; i < expected.size(); ++i) count += sameBits(results[i], expected[i]) ? 0 : 1;
    }
    return count;
  };
  int ofFew = -1;
  std::thread few([&] { ofFew = differences(1); });
  EXPECT_EQ(differences(5), 0);
  few.join();
  EXPECT_EQ(ofFew, 0);
}

TEST_F(SessionsTest, CallersWithoutASessionDoNotDisturbEachOther) {
  const std::vector<Ciphertext> expected = operations();
  std::vector<Ciphertext> others;
  std::thread other([&] { others = operations(); });
  // Other threads for every operation, in the midst of which the other caller's may come.
  for (const unsigned threads : {4U, 1U, 3U}) {
    const ParallelSession session(threads);
    EXPECT_TRUE(sameBits(operations().back(), expected.back()));
  }
  other.join();
  ASSERT_EQ(others.size(), expected.size());
  EXPECT_TRUE(sameBits(others.back(), expected.back()));
}

TEST_F(SessionsTest, ClientsShareASecret) {
  std::mt19937_64 generator(3);
  const SlotVector slots = randomSlots(party_.slots(), 1, generator);
  const ComplexSlots expected = complexOf(slots);
  constexpr std::size_t kClients = 3;
  std::vector<double> errors(kClients, 1);
  std::vector<std::thread> clients;
  for (std::size_t i = 0; i < kClients; ++i) {
    clients.emplace_back([&, i] {
      const Client client(party_.secret());
      double largest = 0;
      for (int round = 0; round < 10; ++round) {
        const auto bytes = client.encrypt(slots.real, slots.imaginary, 2, 0x1p40);
        largest = std::max(largest, rootMeanSquareError(client.decrypt(bytes), expected));
      }
      errors[i] = largest;
    });
  }
  for (std::thread& client : clients) client.join();
  for (const double error : errors) EXPECT_LT(error, 0x1p-25);
}

}  // namespace
}  // namespace ckks
