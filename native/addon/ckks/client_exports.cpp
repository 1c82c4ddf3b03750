// The secret's side: key generation, encryption, decryption.
#include <optional>
#include <string>

#include "arguments.h"
#include "ckks/io/secret_file.h"
#include "ckks/scheme/key_generator.h"
#include "exports.h"
#include "handle.h"
#include "objects.h"

namespace ckks_addon {
namespace {

using addon_support::Argument;
using addon_support::Field;
using addon_support::Guarded;
using addon_support::UnwrapHandle;

Napi::Value WrapSecret(Napi::Env env, std::shared_ptr<const ckks::SecretKey>& key) {
  const std::size_t bytes = key->main().bytes() + key->embeddedResult().bytes();
  return addon_support::WrapHandle(env, std::make_shared<Secret>(Secret{key, ckks::Client(key)}), bytes);
}

// generateSecret(context, path): Promise<secret>
Napi::Value GenerateSecret(const Napi::CallbackInfo& info) {
  auto context = UnwrapHandle<Context>(info[0], "context");
  auto path = Argument<std::string>(info, 1, "path");
  return Queue(info.Env())
      .Run(
          info.Env(),
          [context, path] {
            auto key = std::make_shared<const ckks::SecretKey>(context->parameters, ckks::Seed::fromSystem());
            ckks::writeSecretKey(*key, path);
            return key;
          },
          WrapSecret);
}

// openSecret(context, path): Promise<secret>
Napi::Value OpenSecret(const Napi::CallbackInfo& info) {
  auto context = UnwrapHandle<Context>(info[0], "context");
  auto path = Argument<std::string>(info, 1, "path");
  return Queue(info.Env())
      .Run(
          info.Env(), [context, path] { return ckks::readSecretKey(context->parameters, path); }, WrapSecret);
}

// generateKey(secret, {kind, rotation, level, path}): Promise<void>
Napi::Value GenerateKey(const Napi::CallbackInfo& info) {
  auto secret = UnwrapHandle<Secret>(info[0], "secret key");
  const Napi::Object request = addon_support::ObjectArgument(info, 1, "request");
  const auto kind = Field<std::string>(request, "kind");
  const auto rotation = Field<long>(request, "rotation");
  const auto level = Field<int>(request, "level");
  const auto path = Field<std::string>(request, "path");
  return Queue(info.Env())
      .Run(
          info.Env(),
          [=] {
            const ckks::KeyGenerator generator(secret->key);
            const std::size_t n = secret->key->parameters().ringDimension();
            if (kind == "relinearization") return generator.relinearizationKey(path, level);
            if (kind == "conjugation") return generator.rotationKey(path, 2 * n - 1, level);
            if (kind == "ring-switch") return generator.ringSwitchKey(path);
            if (kind == "rotation") return generator.rotationKey(path, ckks::rotationElement(n, rotation), level);
            throw addon_support::CodedError("ERR_NATIVE", "unknown kind of key: " + kind);
          },
          [](Napi::Env env, std::monostate&) -> Napi::Value { return env.Undefined(); });
}

// encrypt(secret, real, imaginary | undefined, level, scale): Promise<Uint8Array>
Napi::Value Encrypt(const Napi::CallbackInfo& info) {
  auto secret = UnwrapHandle<Secret>(info[0], "secret key");
  auto real = Argument<std::vector<double>>(info, 1, "real");
  auto imaginary = info[2].IsUndefined() ? std::vector<double>() : Argument<std::vector<double>>(info, 2, "imaginary");
  const auto level = Argument<int>(info, 3, "level");
  const auto scale = Argument<double>(info, 4, "scale");
  return Queue(info.Env())
      .Run(
          info.Env(),
          [=, real = std::move(real), imaginary = std::move(imaginary)] {
            return secret->client.encrypt(real, imaginary, level, scale);
          },
          [](Napi::Env env, std::vector<std::uint8_t>& bytes) -> Napi::Value {
            return addon_support::ToUint8Array(env, bytes.data(), bytes.size());
          });
}

// decrypt(secret, bytes): Promise<{real, imaginary}>
Napi::Value Decrypt(const Napi::CallbackInfo& info) {
  auto secret = UnwrapHandle<Secret>(info[0], "secret key");
  auto bytes = Argument<std::vector<std::uint8_t>>(info, 1, "bytes");
  return Queue(info.Env())
      .Run(
          info.Env(), [secret, bytes = std::move(bytes)] { return secret->client.decrypt(bytes); },
          [](Napi::Env env, ckks::SlotVector& slots) -> Napi::Value {
            Napi::Object result = Napi::Object::New(env);
            result.Set("real", addon_support::ToFloat64Array(env, slots.real));
            result.Set("imaginary", addon_support::ToFloat64Array(env, slots.imaginary));
            return result;
          });
}

}  // namespace

void ExportClient(Napi::Env env, Napi::Object exports) {
  exports.Set("generateSecret", Napi::Function::New<Guarded<GenerateSecret>>(env));
  exports.Set("openSecret", Napi::Function::New<Guarded<OpenSecret>>(env));
  exports.Set("generateKey", Napi::Function::New<Guarded<GenerateKey>>(env));
  exports.Set("encrypt", Napi::Function::New<Guarded<Encrypt>>(env));
  exports.Set("decrypt", Napi::Function::New<Guarded<Decrypt>>(env));
}

}  // namespace ckks_addon
