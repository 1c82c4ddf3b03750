// The exports of ckks.node by subject, and the queue that all of them share. The contract is
// src/engine/ckks/binding.ts.
#pragma once

#include <napi.h>

#include "task_queue.h"

namespace ckks_addon {

addon_support::TaskQueue& Queue(Napi::Env env);
addon_support::Failure DescribeFailure(const std::exception& error);

void ExportContext(Napi::Env env, Napi::Object exports);
void ExportClient(Napi::Env env, Napi::Object exports);
void ExportEvaluator(Napi::Env env, Napi::Object exports);

}  // namespace ckks_addon
