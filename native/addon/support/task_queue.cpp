#include "task_queue.h"

#include <unistd.h>

#include <atomic>
#include <cstdlib>

namespace addon_support {
namespace {

std::atomic<int> runningTasks{0};

// process.exit() runs static destructors while a task may still use what they destroy. Leaving at once with the same
// status is then the only clean end; nothing is lost, files are renamed into place by the main thread.
void leaveWhileTaskRuns(int status, void*) {
  if (runningTasks.load() > 0) _exit(status);
}

void registerExitHandler() {
  static std::once_flag registered;
  std::call_once(registered, [] {
#if defined(__GLIBC__)
    on_exit(leaveWhileTaskRuns, nullptr);
#else
    std::atexit([] { leaveWhileTaskRuns(130, nullptr); });
#endif
  });
}

}  // namespace

TaskQueue::TaskQueue(Napi::Env env, LibraryDescriber describeLibrary) : shared_(std::make_shared<Shared>()) {
  shared_->describeLibrary = std::move(describeLibrary);
  const Napi::String name = Napi::String::New(env, "native task");
  auto kept = std::make_unique<std::shared_ptr<Shared>>(shared_);
  const auto finalize = [](napi_env, void* data, void*) {
    const std::unique_ptr<std::shared_ptr<Shared>> owned(static_cast<std::shared_ptr<Shared>*>(data));
    close(**owned);
  };
  const napi_status status = napi_create_threadsafe_function(env, nullptr, nullptr, name, 0, 1, kept.get(), finalize,
                                                             shared_.get(), settle, &shared_->deliver);
  if (status != napi_ok) throw CodedError("ERR_NATIVE", "cannot start the native task queue");
  kept.release();
  napi_unref_threadsafe_function(env, shared_->deliver);
  registerExitHandler();
  std::thread(work, shared_).detach();
}

TaskQueue::~TaskQueue() { close(*shared_); }

void TaskQueue::close(Shared& shared) {
  const std::lock_guard lock(shared.mutex);
  shared.closed = true;
  shared.deliver = nullptr;
  shared.waiting.clear();
  shared.changed.notify_all();
}

void TaskQueue::push(Napi::Env env, std::unique_ptr<Task> task) {
  // The loop must stay alive exactly while a promise is open.
  if (shared_->pending++ == 0) napi_ref_threadsafe_function(env, shared_->deliver);
  std::lock_guard lock(shared_->mutex);
  shared_->waiting.push_back(std::move(task));
  shared_->changed.notify_one();
}

void TaskQueue::work(std::shared_ptr<Shared> shared) {
  while (true) {
    std::unique_ptr<Task> task;
    {
      std::unique_lock lock(shared->mutex);
      shared->changed.wait(lock, [&] { return shared->closed || !shared->waiting.empty(); });
      if (shared->closed) return;
      task = std::move(shared->waiting.front());
      shared->waiting.pop_front();
    }
    ++runningTasks;
    try {
      task->execute();
    } catch (...) {
      task->failure = describeCurrentException(shared->describeLibrary);
    }
    --runningTasks;
    // Under the lock: close, called while the environment goes, must not pull the function away in between.
    const std::lock_guard lock(shared->mutex);
    if (shared->closed) return;
    if (napi_call_threadsafe_function(shared->deliver, task.get(), napi_tsfn_nonblocking) != napi_ok) return;
    task.release();
  }
}

void TaskQueue::settle(napi_env rawEnv, napi_value, void* context, void* data) {
  std::unique_ptr<Task> task(static_cast<Task*>(data));
  if (rawEnv == nullptr) return;
  Napi::Env env(rawEnv);
  Napi::HandleScope scope(env);
  auto* shared = static_cast<Shared*>(context);
  if (--shared->pending == 0) napi_unref_threadsafe_function(env, shared->deliver);
  try {
    if (task->failure) {
      task->deferred.Reject(makeError(env, *task->failure).Value());
    } else {
      task->deferred.Resolve(task->complete(env));
    }
  } catch (const Napi::Error& error) {
    task->deferred.Reject(error.Value());
  } catch (...) {
    task->deferred.Reject(makeError(env, describeCurrentException()).Value());
  }
}

}  // namespace addon_support
