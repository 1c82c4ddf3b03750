#include "task_queue.h"

#include <unistd.h>

#include <atomic>
#include <cstdlib>

namespace addon_support {
namespace {

std::atomic<int> running_tasks{0};

// process.exit() runs static destructors while a task may still use what they destroy. Leaving at once with the same
// status is then the only clean end; nothing is lost, files are renamed into place by the main thread.
void LeaveWhileTaskRuns(int status, void*) {
  if (running_tasks.load() > 0) _exit(status);
}

void RegisterExitHandler() {
#if defined(__GLIBC__)
  on_exit(LeaveWhileTaskRuns, nullptr);
#else
  std::atexit([] { LeaveWhileTaskRuns(130, nullptr); });
#endif
}

}  // namespace

TaskQueue::TaskQueue(Napi::Env env, LibraryDescriber describe_library) : shared_(std::make_shared<Shared>()) {
  shared_->describe_library = std::move(describe_library);
  const Napi::String name = Napi::String::New(env, "native task");
  auto kept = std::make_unique<std::shared_ptr<Shared>>(shared_);
  const auto finalize = [](napi_env, void* data, void*) {
    const std::unique_ptr<std::shared_ptr<Shared>> owned(static_cast<std::shared_ptr<Shared>*>(data));
    Close(**owned);
  };
  const napi_status status = napi_create_threadsafe_function(env, nullptr, nullptr, name, 0, 1, kept.get(), finalize,
                                                             shared_.get(), Settle, &shared_->deliver);
  if (status != napi_ok) throw CodedError("ERR_NATIVE", "cannot start the native task queue");
  kept.release();
  napi_unref_threadsafe_function(env, shared_->deliver);
  RegisterExitHandler();
  std::thread(Work, shared_).detach();
}

TaskQueue::~TaskQueue() { Close(*shared_); }

void TaskQueue::Close(Shared& shared) {
  const std::lock_guard lock(shared.mutex);
  shared.closed = true;
  shared.deliver = nullptr;
  shared.waiting.clear();
  shared.changed.notify_all();
}

void TaskQueue::Push(Napi::Env env, std::unique_ptr<Task> task) {
  // The loop must stay alive exactly while a promise is open.
  if (shared_->pending++ == 0) napi_ref_threadsafe_function(env, shared_->deliver);
  std::lock_guard lock(shared_->mutex);
  shared_->waiting.push_back(std::move(task));
  shared_->changed.notify_one();
}

void TaskQueue::Work(std::shared_ptr<Shared> shared) {
  while (true) {
    std::unique_ptr<Task> task;
    {
      std::unique_lock lock(shared->mutex);
      shared->changed.wait(lock, [&] { return shared->closed || !shared->waiting.empty(); });
      if (shared->closed) return;
      task = std::move(shared->waiting.front());
      shared->waiting.pop_front();
    }
    ++running_tasks;
    try {
      task->Execute();
    } catch (...) {
      task->failure = DescribeCurrentException(shared->describe_library);
    }
    --running_tasks;
    // Under the lock: Close, called while the environment goes, must not pull the function away in between.
    const std::lock_guard lock(shared->mutex);
    if (shared->closed) return;
    if (napi_call_threadsafe_function(shared->deliver, task.get(), napi_tsfn_nonblocking) != napi_ok) return;
    task.release();
  }
}

void TaskQueue::Settle(napi_env raw_env, napi_value, void* context, void* data) {
  std::unique_ptr<Task> task(static_cast<Task*>(data));
  if (raw_env == nullptr) return;
  Napi::Env env(raw_env);
  Napi::HandleScope scope(env);
  auto* shared = static_cast<Shared*>(context);
  if (--shared->pending == 0) napi_unref_threadsafe_function(env, shared->deliver);
  try {
    if (task->failure) {
      task->deferred.Reject(MakeError(env, *task->failure).Value());
    } else {
      task->deferred.Resolve(task->Complete(env));
    }
  } catch (const Napi::Error& error) {
    task->deferred.Reject(error.Value());
  } catch (...) {
    task->deferred.Reject(MakeError(env, DescribeCurrentException()).Value());
  }
}

}  // namespace addon_support
