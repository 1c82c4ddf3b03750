// What the handles of ckks.node hold.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>

#include "ckks/client/client.h"
#include "ckks/client/public_encryption.h"
#include "ckks/eval/evaluator.h"
#include "ckks/scheme/parameters.h"
#include "ckks/scheme/secret_key.h"

namespace ckks_addon {

struct Context {
  std::shared_ptr<const ckks::Parameters> parameters;
};

struct Secret {
  std::shared_ptr<const ckks::SecretKey> key;
  ckks::Client client;
};

struct Keys {
  std::shared_ptr<ckks::KeySet> set;
};

struct CancelFlag {
  std::shared_ptr<std::atomic<bool>> flag = std::make_shared<std::atomic<bool>>(false);
};

}  // namespace ckks_addon
