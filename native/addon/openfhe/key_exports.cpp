#include "addon_common.h"

namespace openfhe_addon {
namespace {

ckks::Digest digestArgument(const CallbackInfo& info, size_t index) {
  return ckks::digestFromHex(argument<std::string>(info, index, "sha256"));
}

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
  const ckks::Digest digest = digestArgument(info, 2);
  return run(
      info, [engine, path, digest] { return readPublicKey(engine->context, ckks::File::openVerified(path, digest)); },
      [](Napi::Env env, PublicKey& key) -> Value { return wrapPublic(env, key); });
}

Value readSecret(const CallbackInfo& info) {
  const EnginePointer engine = engineArgument(info);
  const auto path = argument<std::string>(info, 1, "path");
  const ckks::Digest digest = digestArgument(info, 2);
  return run(
      info, [engine, path, digest] { return readSecretKey(engine->context, ckks::File::openVerified(path, digest)); },
      [](Napi::Env env, SecretKey& key) -> Value { return wrapSecret(env, key); });
}

Value writeSecret(const CallbackInfo& info) {
  const EnginePointer engine = engineArgument(info);
  const SecretKey secret = secretArgument(info, 1);
  const auto path = argument<std::string>(info, 2, "path");
  return run(
      info, [engine, secret, path] { return writeSecretKey(engine->context, secret, path); },
      [](Napi::Env env, std::string& digest) -> Value { return Napi::String::New(env, digest); });
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

Value openFile(const CallbackInfo& info) {
  const auto path = argument<std::string>(info, 0, "path");
  const ckks::Digest digest = digestArgument(info, 1);
  return runReading(
      info, [path, digest] { return std::make_shared<ckks::File>(ckks::File::openVerified(path, digest)); },
      [](Napi::Env env, std::shared_ptr<ckks::File>& file) -> Value { return wrapHandle<ckks::File>(env, file, 0); });
}

Value loadRelinearization(const CallbackInfo& info) {
  const EnginePointer engine = engineArgument(info);
  const std::shared_ptr<ckks::File> file = unwrapHandle<ckks::File>(info[1], "key file");
  const auto tag = argument<std::string>(info, 2, "keyTag");
  const auto holder = argument<std::string>(info, 3, "holder");
  return run(
      info, [engine, file, tag, holder] { loadRelinearizationKey(engine->context, *file, tag, holder); }, nothing);
}

Value readAutomorphisms(const CallbackInfo& info) {
  const EnginePointer engine = engineArgument(info);
  const std::shared_ptr<ckks::File> file = unwrapHandle<ckks::File>(info[1], "key file");
  const auto tag = argument<std::string>(info, 2, "keyTag");
  const auto holder = argument<std::string>(info, 3, "holder");
  const auto level = argument<uint32_t>(info, 4, "level");
  return runReading(
      info,
      [engine, file, tag, holder, level] { return readAutomorphismKeys(engine->context, *file, tag, holder, level); },
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
  addExport<openFile>(exports, "openKeyFile");
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
