// The exports of ckks.node by subject, and the queue that all of them share. The contract is
// src/engine/ckks/binding.ts.
#pragma once

#include <napi.h>

#include "task_queue.h"

namespace ckks_addon {

addon_support::TaskQueue& queue(Napi::Env env);
addon_support::Failure describeFailure(const std::exception& error);

void exportContext(Napi::Env env, Napi::Object exports);
void exportClient(Napi::Env env, Napi::Object exports);
void exportEvaluator(Napi::Env env, Napi::Object exports);

}  // namespace ckks_addon
