// A queue of native tasks run one after another on one thread of its own; each returns a promise.
//
//   TaskQueue queue(env, DescribeLibraryException);          // once, in the addon's Init; lives as long as the addon
//   return queue.Run(env,
//       [ciphertext] { return Square(*ciphertext); },         // on the queue's thread: no JavaScript here
//       [](Napi::Env env, Result& result) -> Napi::Value { ... });  // on the main thread; std::monostate& for void
//
// Why not libuv's pool: node waits for its threads at exit, so that Ctrl-C would hang for the length of a step; each of
// its threads would start an OpenMP team of its own; and several tasks could run at once, which libraries with
// process-wide state do not survive. A task owns what it touches (capture shared_ptr by value, nothing of JavaScript).
#pragma once

#include <napi.h>

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <type_traits>
#include <utility>
#include <variant>

#include "errors.h"

namespace addon_support {

class TaskQueue {
 public:
  // `describe_library`: see DescribeCurrentException.
  TaskQueue(Napi::Env env, LibraryDescriber describe_library);
  TaskQueue(const TaskQueue&) = delete;
  TaskQueue& operator=(const TaskQueue&) = delete;
  // Tasks that have not begun are dropped; one that runs is left to itself and its result is discarded.
  ~TaskQueue();

  template <class Execute, class Complete>
  Napi::Promise Run(Napi::Env env, Execute execute, Complete complete) {
    auto task = std::make_unique<TypedTask<Execute, Complete>>(env, std::move(execute), std::move(complete));
    Napi::Promise promise = task->deferred.Promise();
    Push(env, std::move(task));
    return promise;
  }

 private:
  struct Task {
    explicit Task(Napi::Env env) : deferred(env) {}
    virtual ~Task() = default;
    virtual void Execute() = 0;
    virtual Napi::Value Complete(Napi::Env env) = 0;

    Napi::Promise::Deferred deferred;
    std::optional<Failure> failure;
  };

  template <class ExecuteFunction, class CompleteFunction>
  struct TypedTask final : Task {
    using Returned = std::invoke_result_t<ExecuteFunction>;
    using Result = std::conditional_t<std::is_void_v<Returned>, std::monostate, Returned>;

    TypedTask(Napi::Env env, ExecuteFunction execute_function, CompleteFunction complete_function)
        : Task(env), execute(std::move(execute_function)), complete(std::move(complete_function)) {}

    void Execute() override {
      if constexpr (std::is_void_v<Returned>) {
        execute();
        result.emplace();
      } else {
        result.emplace(execute());
      }
    }
    Napi::Value Complete(Napi::Env env) override { return complete(env, *result); }

    ExecuteFunction execute;
    CompleteFunction complete;
    std::optional<Result> result;
  };

  struct Shared {
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<std::unique_ptr<Task>> waiting;
    bool closed = false;
    napi_threadsafe_function deliver = nullptr;  // null once the environment is torn down
    LibraryDescriber describe_library;           // constant
    size_t pending = 0;                          // main thread only
  };

  void Push(Napi::Env env, std::unique_ptr<Task> task);
  static void Work(std::shared_ptr<Shared> shared);
  static void Settle(napi_env env, napi_value, void* context, void* data);
  static void Close(Shared& shared);

  std::shared_ptr<Shared> shared_;
};

}  // namespace addon_support
