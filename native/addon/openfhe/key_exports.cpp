#include "addon_common.h"

namespace openfhe_addon {
namespace {

Value wrapSecret(Napi::Env env, const SecretKey& key) {
  Napi::Object result = Napi::Object::New(env);
  const Poly& poly = key->GetPrivateElement();
  const size_t bytes = size_t{poly.GetRingDimension()} * poly.GetNumOfElements() * sizeof(uint64_t);
  result.Set("handle", wrapHandle<SecretKey>(env, std::make_shared<SecretKey>(key), bytes));
  result.Set("keyTag", Napi::String::New(env, key->GetKeyTag()));
  return result;
}

Value wrapPublic(Napi::Env env, const PublicKey& key) {
  Napi::Object result = Napi::Object::New(env);
  const Poly& poly = key->GetPublicElements().at(0);
  const size_t bytes = 2 * size_t{poly.GetRingDimension()} * poly.GetNumOfElements() * sizeof(uint64_t);
  result.Set("handle", wrapHandle<PublicKey>(env, std::make_shared<PublicKey>(key), bytes));
  result.Set("level", Napi::Number::New(env, levelOf(key)));
  return result;
}

Value generatePair(const CallbackInfo& info) {
  const EnginePointer engine = engineArgument(info);
  return run(
      info, [engine] { return generateKeyPair(engine->context); },
      [](Napi::Env env, KeyPair& pair) -> Value {
        Napi::Object result = Napi::Object::New(env);
        result.Set("secret", wrapSecret(env, pair.secretKey));
        result.Set("publicKey", wrapPublic(env, pair.publicKey));
        return result;
      });
}

Value writePublic(const CallbackInfo& info) {
  const EnginePointer engine = engineArgument(info);
  const PublicKey key = publicArgument(info, 1);
  const auto level = argument<uint32_t>(info, 2, "level");
  const auto path = argument<std::string>(info, 3, "path");
  return run(
      info, [engine, key, level, path] { writePublicKey(engine->context, key, level, path); }, nothing);
}

Value readPublic(const CallbackInfo& info) {
  const EnginePointer engine = engineArgument(info);
  const auto path = argument<std::string>(info, 1, "path");
  return run(
      info, [engine, path] { return readPublicKey(engine->context, path); },
      [](Napi::Env env, PublicKey& key) -> Value { return wrapPublic(env, key); });
}

Value readSecret(const CallbackInfo& info) {
  const EnginePointer engine = engineArgument(info);
  const auto path = argument<std::string>(info, 1, "path");
  return run(
      info, [engine, path] { return readSecretKey(engine->context, path); },
      [](Napi::Env env, SecretKey& key) -> Value { return wrapSecret(env, key); });
}

Value writeSecret(const CallbackInfo& info) {
  const EnginePointer engine = engineArgument(info);
  const SecretKey secret = secretArgument(info, 1);
  const auto path = argument<std::string>(info, 2, "path");
  return run(
      info, [engine, secret, path] { writeSecretKey(engine->context, secret, path); }, nothing);
}

Value writeRelinearization(const CallbackInfo& info) {
  const EnginePointer engine = engineArgument(info);
  const SecretKey secret = secretArgument(info, 1);
  const auto path = argument<std::string>(info, 2, "path");
  return run(
      info, [engine, secret, path] { writeRelinearizationKey(engine->context, secret, path); }, nothing);
}

Value writeAutomorphisms(const CallbackInfo& info) {
  const EnginePointer engine = engineArgument(info);
  const SecretKey secret = secretArgument(info, 1);
  const auto automorphisms = indexArgument(info, 2, "automorphisms");
  const auto level = argument<uint32_t>(info, 3, "level");
  const auto path = argument<std::string>(info, 4, "path");
  return run(
      info,
      [engine, secret, automorphisms, level, path] {
        writeAutomorphismKeys(engine->context, secret, automorphisms, level, path);
      },
      nothing);
}

Value loadRelinearization(const CallbackInfo& info) {
  const EnginePointer engine = engineArgument(info);
  const auto path = argument<std::string>(info, 1, "path");
  const auto tag = argument<std::string>(info, 2, "keyTag");
  const auto holder = argument<std::string>(info, 3, "holder");
  return run(
      info, [engine, path, tag, holder] { loadRelinearizationKey(engine->context, path, tag, holder); }, nothing);
}

Value readAutomorphisms(const CallbackInfo& info) {
  const EnginePointer engine = engineArgument(info);
  const auto path = argument<std::string>(info, 1, "path");
  const auto tag = argument<std::string>(info, 2, "keyTag");
  const auto holder = argument<std::string>(info, 3, "holder");
  const auto level = argument<uint32_t>(info, 4, "level");
  return runReading(
      info,
      [engine, path, tag, holder, level] { return readAutomorphismKeys(engine->context, path, tag, holder, level); },
      [engine, level](Napi::Env env, AutomorphismKeys& keys) -> Value {
        const size_t bytes = keys->size() * engine->context.keyBytes(level);
        return wrapHandle<AutomorphismKeys>(env, std::make_shared<AutomorphismKeys>(keys), bytes);
      });
}

Value holdAutomorphisms(const CallbackInfo& info) {
  const AutomorphismKeys keys = *unwrapHandle<AutomorphismKeys>(info[0], "automorphism keys");
  const auto holder = argument<std::string>(info, 1, "holder");
  return run(
      info, [keys, holder] { holdAutomorphismKeys(keys, holder); }, nothing);
}

Value keepAutomorphisms(const CallbackInfo& info) {
  const auto holder = argument<std::string>(info, 0, "holder");
  const auto kept = indexArgument(info, 1, "automorphisms");
  return run(
      info, [holder, kept] { keepAutomorphismKeys(holder, kept); }, nothing);
}

Value forget(const CallbackInfo& info) {
  const auto holder = argument<std::string>(info, 0, "holder");
  return run(
      info, [holder] { forgetKeys(holder); }, nothing);
}

}  // namespace

void setKeyExports(Napi::Object& exports) {
  addExport<generatePair>(exports, "generateKeyPair");
  addExport<writePublic>(exports, "writePublicKey");
  addExport<readPublic>(exports, "readPublicKey");
  addExport<readSecret>(exports, "readSecretKey");
  addExport<writeSecret>(exports, "writeSecretKey");
  addExport<writeRelinearization>(exports, "writeRelinearizationKey");
  addExport<writeAutomorphisms>(exports, "writeAutomorphismKeys");
  addExport<loadRelinearization>(exports, "loadRelinearizationKey");
  addExport<readAutomorphisms>(exports, "readAutomorphismKeys");
  addExport<holdAutomorphisms>(exports, "holdAutomorphismKeys");
  addExport<keepAutomorphisms>(exports, "keepAutomorphismKeys");
  addExport<forget>(exports, "forgetKeys");
}

}  // namespace openfhe_addon
