// The client's side: key generation, encryption with the secret and with the public key, decryption.
#include <optional>
#include <string>

#include "arguments.h"
#include "ckks/client/key_generator.h"
#include "ckks/io/secret_file.h"
#include "exports.h"
#include "handle.h"
#include "objects.h"

namespace ckks_addon {
namespace {

using addon_support::argument;
using addon_support::field;
using addon_support::guarded;
using addon_support::unwrapHandle;

Napi::Value wrapSecret(Napi::Env env, std::shared_ptr<const ckks::SecretKey>& key) {
  const std::size_t bytes = key->main().limbs() * key->main().words() * sizeof(ckks::Word);
  return addon_support::wrapHandle(env, std::make_shared<Secret>(Secret{key, ckks::Client(key)}), bytes);
}

Napi::Value bytesOf(Napi::Env env, std::vector<std::uint8_t>& bytes) {
  return addon_support::toUint8Array(env, std::move(bytes));
}

// generateSecret(context, path): Promise<{secret, sha256}>
Napi::Value generateSecret(const Napi::CallbackInfo& info) {
  struct Generated {
    std::shared_ptr<const ckks::SecretKey> key;
    ckks::Digest digest;  // of the file
  };
  auto context = unwrapHandle<Context>(info[0], "context");
  auto path = argument<std::string>(info, 1, "path");
  return run(
      info.Env(),
      [context, path] {
        auto key = std::make_shared<const ckks::SecretKey>(context->parameters, ckks::Seed::fromSystem());
        const ckks::Digest digest = ckks::writeSecretKey(*key, path);
        return Generated{std::move(key), digest};
      },
      [](Napi::Env env, Generated& generated) -> Napi::Value {
        Napi::Object result = Napi::Object::New(env);
        result.Set("secret", wrapSecret(env, generated.key));
        result.Set("sha256", Napi::String::New(env, ckks::hexOf(generated.digest)));
        return result;
      });
}

// openSecret(context, path, sha256): Promise<secret>
Napi::Value openSecret(const Napi::CallbackInfo& info) {
  auto context = unwrapHandle<Context>(info[0], "context");
  auto path = argument<std::string>(info, 1, "path");
  const ckks::Digest digest = digestArgument(info, 2);
  return run(
      info.Env(), [=] { return ckks::readSecretKey(context->parameters, ckks::File::openVerified(path, digest)); },
      wrapSecret);
}

// generateKey(secret, {kind, rotation, level, path}): Promise<void>
Napi::Value generateKey(const Napi::CallbackInfo& info) {
  auto secret = unwrapHandle<Secret>(info[0], "secret key");
  const Napi::Object request = addon_support::objectArgument(info, 1, "request");
  const auto kind = field<std::string>(request, "kind");
  const auto rotation = field<long>(request, "rotation");
  const auto level = field<int>(request, "level");
  const auto path = field<std::string>(request, "path");
  return run(
      info.Env(),
      [=] {
        const ckks::KeyGenerator generator(secret->key);
        const std::size_t n = secret->key->parameters().ringDimension();
        if (kind == "relinearization") return generator.relinearizationKey(path, level);
        if (kind == "conjugation") return generator.rotationKey(path, 2 * n - 1, level);
        if (kind == "ring-switch") return generator.ringSwitchKey(path);
        if (kind == "public") return generator.publicKey(path, level);
        if (kind == "rotation") return generator.rotationKey(path, ckks::rotationElement(n, rotation), level);
        throw addon_support::CodedError("ERR_NATIVE", "unknown kind of key: " + kind);
      },
      [](Napi::Env env, std::monostate&) -> Napi::Value { return env.Undefined(); });
}

// The values, level and scale to encrypt, arguments 1 to 4, by `encryption`, which `holder` keeps alive.
template <typename Holder, typename Encryption>
Napi::Value encryptArguments(const Napi::CallbackInfo& info, std::shared_ptr<Holder> holder,
                             const Encryption& encryption) {
  auto real = argument<std::vector<double>>(info, 1, "real");
  auto imaginary = info[2].IsUndefined() ? std::vector<double>() : argument<std::vector<double>>(info, 2, "imaginary");
  const auto level = argument<int>(info, 3, "level");
  const auto scale = argument<double>(info, 4, "scale");
  return run(
      info.Env(),
      [holder = std::move(holder), &encryption, real = std::move(real), imaginary = std::move(imaginary), level,
       scale] { return encryption.encrypt(real, imaginary, level, scale); },
      bytesOf);
}

// encrypt(secret, real, imaginary | undefined, level, scale): Promise<Uint8Array>
Napi::Value encrypt(const Napi::CallbackInfo& info) {
  auto secret = unwrapHandle<Secret>(info[0], "secret key");
  return encryptArguments(info, secret, secret->client);
}

// openPublicKey(context, path, sha256): Promise<public key>
Napi::Value openPublicKey(const Napi::CallbackInfo& info) {
  auto context = unwrapHandle<Context>(info[0], "context");
  auto path = argument<std::string>(info, 1, "path");
  const ckks::Digest digest = digestArgument(info, 2);
  return run(
      info.Env(),
      [=] {
        return std::make_shared<const ckks::PublicKey>(context->parameters, ckks::File::openVerified(path, digest));
      },
      [](Napi::Env env, std::shared_ptr<const ckks::PublicKey>& key) -> Napi::Value {
        const std::size_t bytes = key->b().bytes() + key->a().bytes();
        return addon_support::wrapHandle(env, std::make_shared<ckks::PublicEncryption>(key), bytes);
      });
}

// encryptPublic(public key, real, imaginary | undefined, level, scale): Promise<Uint8Array>
Napi::Value encryptPublic(const Napi::CallbackInfo& info) {
  auto key = unwrapHandle<ckks::PublicEncryption>(info[0], "public key");
  return encryptArguments(info, key, *key);
}

// decrypt(secret, bytes): Promise<{real, imaginary}>
Napi::Value decrypt(const Napi::CallbackInfo& info) {
  auto secret = unwrapHandle<Secret>(info[0], "secret key");
  auto bytes = argument<std::vector<std::uint8_t>>(info, 1, "bytes");
  return run(
      info.Env(), [secret, bytes = std::move(bytes)] { return secret->client.decrypt(bytes); },
      [](Napi::Env env, ckks::SlotVector& slots) -> Napi::Value {
        Napi::Object result = Napi::Object::New(env);
        result.Set("real", addon_support::toFloat64Array(env, slots.real));
        result.Set("imaginary", addon_support::toFloat64Array(env, slots.imaginary));
        // From here on the caller's copy is the only one.
        ckks::wipe(std::as_writable_bytes(std::span(slots.real)));
        ckks::wipe(std::as_writable_bytes(std::span(slots.imaginary)));
        return result;
      });
}

}  // namespace

void exportClient(Napi::Env env, Napi::Object exports) {
  exports.Set("generateSecret", Napi::Function::New<guarded<generateSecret>>(env));
  exports.Set("openSecret", Napi::Function::New<guarded<openSecret>>(env));
  exports.Set("generateKey", Napi::Function::New<guarded<generateKey>>(env));
  exports.Set("encrypt", Napi::Function::New<guarded<encrypt>>(env));
  exports.Set("openPublicKey", Napi::Function::New<guarded<openPublicKey>>(env));
  exports.Set("encryptPublic", Napi::Function::New<guarded<encryptPublic>>(env));
  exports.Set("decrypt", Napi::Function::New<guarded<decrypt>>(env));
}

}  // namespace ckks_addon
