// The exports of ckks.node by subject, and how all of them run their work. The contract is src/engine/ckks/binding.ts.
#pragma once

#include <napi.h>

#include <optional>
#include <utility>

#include "ckks/random/digest.h"
#include "ckks/ring/parallel.h"
#include "task_queue.h"

namespace ckks_addon {

// Of one environment of Node: its main thread, or a worker_thread.
struct Instance {
  addon_support::TaskQueue queue;
  unsigned threads = 0;  // of its operations; 0: as many as there are processors
};

Instance& instance(Napi::Env env);
// A SHA-256 in hexadecimal.
ckks::Digest digestArgument(const Napi::CallbackInfo& info, std::size_t index);
addon_support::Failure describeFailure(const std::exception& error);

// Queues a task (see TaskQueue::run), which holds the library's threads from its beginning to its end: the environments
// of a process take turns.
template <class Execute, class Complete>
Napi::Promise run(Napi::Env env, Execute execute, Complete complete) {
  Instance& own = instance(env);
  auto inSession = [threads = own.threads, execute = std::move(execute)]() mutable {
    std::optional<ckks::ParallelSession> session;
    if (threads == 0) {
      session.emplace();
    } else {
      session.emplace(threads);
    }
    return execute();
  };
  return own.queue.run(env, std::move(inSession), std::move(complete));
}

void exportContext(Napi::Env env, Napi::Object exports);
void exportClient(Napi::Env env, Napi::Object exports);
void exportEvaluator(Napi::Env env, Napi::Object exports);

}  // namespace ckks_addon
