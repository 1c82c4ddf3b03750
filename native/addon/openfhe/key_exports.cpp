#include "addon_common.h"

namespace openfhe_addon {
namespace {

Value WrapSecret(Napi::Env env, const SecretKey& key) {
  Napi::Object result = Napi::Object::New(env);
  const Poly& poly = key->GetPrivateElement();
  const size_t bytes = size_t{poly.GetRingDimension()} * poly.GetNumOfElements() * sizeof(uint64_t);
  result.Set("handle", WrapHandle<SecretKey>(env, std::make_shared<SecretKey>(key), bytes));
  result.Set("keyTag", Napi::String::New(env, key->GetKeyTag()));
  return result;
}

Value GenerateSecret(const CallbackInfo& info) {
  const EnginePointer engine = EngineArgument(info);
  return Run(
      info, [engine] { return GenerateSecretKey(engine->context); },
      [](Napi::Env env, SecretKey& key) -> Value { return WrapSecret(env, key); });
}

Value ReadSecret(const CallbackInfo& info) {
  const EnginePointer engine = EngineArgument(info);
  const auto path = Argument<std::string>(info, 1, "path");
  return Run(
      info, [engine, path] { return ReadSecretKey(engine->context, path); },
      [](Napi::Env env, SecretKey& key) -> Value { return WrapSecret(env, key); });
}

Value WriteSecret(const CallbackInfo& info) {
  const EnginePointer engine = EngineArgument(info);
  const SecretKey secret = SecretArgument(info, 1);
  const auto path = Argument<std::string>(info, 2, "path");
  return Run(
      info, [engine, secret, path] { WriteSecretKey(engine->context, secret, path); }, Nothing);
}

Value WriteRelinearization(const CallbackInfo& info) {
  const EnginePointer engine = EngineArgument(info);
  const SecretKey secret = SecretArgument(info, 1);
  const auto path = Argument<std::string>(info, 2, "path");
  return Run(
      info, [engine, secret, path] { WriteRelinearizationKey(engine->context, secret, path); }, Nothing);
}

Value WriteAutomorphisms(const CallbackInfo& info) {
  const EnginePointer engine = EngineArgument(info);
  const SecretKey secret = SecretArgument(info, 1);
  const auto automorphisms = IndexArgument(info, 2, "automorphisms");
  const auto level = Argument<uint32_t>(info, 3, "level");
  const auto path = Argument<std::string>(info, 4, "path");
  return Run(
      info,
      [engine, secret, automorphisms, level, path] {
        WriteAutomorphismKeys(engine->context, secret, automorphisms, level, path);
      },
      Nothing);
}

Value LoadRelinearization(const CallbackInfo& info) {
  const EnginePointer engine = EngineArgument(info);
  const auto path = Argument<std::string>(info, 1, "path");
  const auto tag = Argument<std::string>(info, 2, "keyTag");
  const auto holder = Argument<std::string>(info, 3, "holder");
  return Run(
      info, [engine, path, tag, holder] { LoadRelinearizationKey(engine->context, path, tag, holder); }, Nothing);
}

Value LoadAutomorphisms(const CallbackInfo& info) {
  const EnginePointer engine = EngineArgument(info);
  const auto path = Argument<std::string>(info, 1, "path");
  const auto tag = Argument<std::string>(info, 2, "keyTag");
  const auto holder = Argument<std::string>(info, 3, "holder");
  const auto level = Argument<uint32_t>(info, 4, "level");
  return Run(
      info, [engine, path, tag, holder, level] { LoadAutomorphismKeys(engine->context, path, tag, holder, level); },
      Nothing);
}

Value KeepAutomorphisms(const CallbackInfo& info) {
  const auto holder = Argument<std::string>(info, 0, "holder");
  const auto kept = IndexArgument(info, 1, "automorphisms");
  return Run(
      info, [holder, kept] { KeepAutomorphismKeys(holder, kept); }, Nothing);
}

Value Forget(const CallbackInfo& info) {
  const auto holder = Argument<std::string>(info, 0, "holder");
  return Run(
      info, [holder] { ForgetKeys(holder); }, Nothing);
}

}  // namespace

void SetKeyExports(Napi::Object& exports) {
  Set<GenerateSecret>(exports, "generateSecretKey");
  Set<ReadSecret>(exports, "readSecretKey");
  Set<WriteSecret>(exports, "writeSecretKey");
  Set<WriteRelinearization>(exports, "writeRelinearizationKey");
  Set<WriteAutomorphisms>(exports, "writeAutomorphismKeys");
  Set<LoadRelinearization>(exports, "loadRelinearizationKey");
  Set<LoadAutomorphisms>(exports, "loadAutomorphismKeys");
  Set<KeepAutomorphisms>(exports, "keepAutomorphismKeys");
  Set<Forget>(exports, "forgetKeys");
}

}  // namespace openfhe_addon
