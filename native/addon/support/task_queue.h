// A queue of native tasks run one after another on one thread of its own; each returns a promise.
//
//   TaskQueue queue(env, DescribeLibraryException);          // once, in the addon's init; lives as long as the addon
//   return queue.run(env,
//       [ciphertext] { return square(*ciphertext); },         // on the queue's thread: no JavaScript here
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
  // `describeLibrary`: see describeCurrentException.
  TaskQueue(Napi::Env env, LibraryDescriber describeLibrary);
  TaskQueue(const TaskQueue&) = delete;
  TaskQueue& operator=(const TaskQueue&) = delete;
  // Tasks that have not begun are dropped; one that runs is left to itself and its result is discarded.
  ~TaskQueue();

  template <class Execute, class Complete>
  Napi::Promise run(Napi::Env env, Execute execute, Complete complete) {
    auto task = std::make_unique<TypedTask<Execute, Complete>>(env, std::move(execute), std::move(complete));
    Napi::Promise promise = task->deferred.Promise();
    push(env, std::move(task));
    return promise;
  }

 private:
  struct Task {
    explicit Task(Napi::Env env) : deferred(env) {}
    virtual ~Task() = default;
    virtual void execute() = 0;
    virtual Napi::Value complete(Napi::Env env) = 0;

    Napi::Promise::Deferred deferred;
    std::optional<Failure> failure;
  };

  template <class ExecuteFunction, class CompleteFunction>
  struct TypedTask final : Task {
    using Returned = std::invoke_result_t<ExecuteFunction>;
    using Result = std::conditional_t<std::is_void_v<Returned>, std::monostate, Returned>;

    TypedTask(Napi::Env env, ExecuteFunction execute, CompleteFunction complete)
        : Task(env), executeFunction(std::move(execute)), completeFunction(std::move(complete)) {}

    void execute() override {
      if constexpr (std::is_void_v<Returned>) {
        executeFunction();
        result.emplace();
      } else {
        result.emplace(executeFunction());
      }
    }
    Napi::Value complete(Napi::Env env) override { return completeFunction(env, *result); }

    ExecuteFunction executeFunction;
    CompleteFunction completeFunction;
    std::optional<Result> result;
  };

  struct Shared {
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<std::unique_ptr<Task>> waiting;
    bool closed = false;
    napi_threadsafe_function deliver = nullptr;  // null once the environment is torn down
    LibraryDescriber describeLibrary;            // constant
    size_t pending = 0;                          // main thread only
  };

  void push(Napi::Env env, std::unique_ptr<Task> task);
  static void work(std::shared_ptr<Shared> shared);
  static void settle(napi_env env, napi_value, void* context, void* data);
  static void close(Shared& shared);

  std::shared_ptr<Shared> shared_;
};

}  // namespace addon_support
