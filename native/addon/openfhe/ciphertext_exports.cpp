#include "addon_common.h"
#include "ciphertext_codec.h"
#include "evaluation.h"
#include "linear_transform.h"

namespace openfhe_addon {
namespace {

using addon_support::CodedError;

Ciphertext ciphertextArgument(const CallbackInfo& info, size_t index) {
  return *unwrapHandle<Ciphertext>(info[index], "ciphertext");
}

Napi::Object wrapCiphertext(Napi::Env env, const Context& context, const Ciphertext& ciphertext) {
  Napi::Object result = Napi::Object::New(env);
  const size_t bytes = bytesOf(ciphertext);
  result.Set("handle", wrapHandle<Ciphertext>(env, std::make_shared<Ciphertext>(ciphertext), bytes));
  result.Set("level", Napi::Number::New(env, levelOf(ciphertext)));
  result.Set("scale", Napi::Number::New(env, scaleOf(context, ciphertext)));
  result.Set("bytes", Napi::Number::New(env, static_cast<double>(bytes)));
  return result;
}

// Runs operation(engine) -> Ciphertext.
template <class Operation>
Value runOnCiphertexts(const CallbackInfo& info, Operation operation) {
  const EnginePointer engine = engineArgument(info);
  return run(
      info, [engine, operation] { return operation(*engine); },
      [engine](Napi::Env env, Ciphertext& result) -> Value { return wrapCiphertext(env, engine->context, result); });
}

// `key`: SecretKey or PublicKey.
template <class Key>
Value encryptUnder(const CallbackInfo& info, const Key& key) {
  const EnginePointer engine = engineArgument(info);
  const auto values = argument<std::vector<double>>(info, 2, "values");
  const auto level = argument<uint32_t>(info, 3, "level");
  return run(
      info,
      [engine, key, values, level] {
        const Context& context = engine->context;
        const auto& crypto = context.crypto();
        const auto plaintext =
            crypto->MakeCKKSPackedPlaintext(values, 1, context.depth() - level, nullptr, context.slots());
        return writeCiphertext(context, crypto->Encrypt(key, plaintext), key->GetKeyTag());
      },
      [](Napi::Env env, std::vector<uint8_t>& payload) -> Value { return toUint8Array(env, std::move(payload)); });
}

Value encrypt(const CallbackInfo& info) { return encryptUnder(info, secretArgument(info, 1)); }
Value encryptPublic(const CallbackInfo& info) { return encryptUnder(info, publicArgument(info, 1)); }

Value decrypt(const CallbackInfo& info) {
  const EnginePointer engine = engineArgument(info);
  const SecretKey secret = secretArgument(info, 1);
  const auto payload = argument<std::vector<uint8_t>>(info, 2, "payload");
  return run(
      info,
      [engine, secret, payload] {
        const std::string& tag = secret->GetKeyTag();
        const Ciphertext ciphertext = readCiphertext(engine->context, payload, tag, tag);
        lbcrypto::Plaintext plaintext;
        try {
          engine->context.crypto()->Decrypt(secret, ciphertext, &plaintext);
        } catch (const std::exception& error) {
          throw CodedError("ERR_RANGE",
                           "ciphertext: it decrypts to noise; a value left the range that the profile allows, or the "
                           "ciphertext was altered",
                           error.what());
        }
        plaintext->SetLength(engine->context.slots());
        return plaintext->GetRealPackedValue();
      },
      [](Napi::Env env, std::vector<double>& values) -> Value { return toFloat64Array(env, values); });
}

Value readCiphertextPayload(const CallbackInfo& info) {
  const auto payload = argument<std::vector<uint8_t>>(info, 1, "payload");
  const auto tag = argument<std::string>(info, 2, "keyTag");
  const auto holder = argument<std::string>(info, 3, "holder");
  return runOnCiphertexts(info, [payload, tag, holder](const Engine& engine) {
    return readCiphertext(engine.context, payload, tag, holder);
  });
}

Value writeCiphertextPayload(const CallbackInfo& info) {
  const EnginePointer engine = engineArgument(info);
  const Ciphertext ciphertext = ciphertextArgument(info, 1);
  const auto tag = argument<std::string>(info, 2, "keyTag");
  return run(
      info, [engine, ciphertext, tag] { return writeCiphertext(engine->context, ciphertext, tag); },
      [](Napi::Env env, std::vector<uint8_t>& payload) -> Value { return toUint8Array(env, std::move(payload)); });
}

Value dropToLevelOf(const CallbackInfo& info) {
  const Ciphertext input = ciphertextArgument(info, 1);
  const auto level = argument<uint32_t>(info, 2, "level");
  return runOnCiphertexts(info,
                          [input, level](const Engine& engine) { return dropToLevel(engine.context, input, level); });
}

Value addOf(const CallbackInfo& info) {
  const Ciphertext left = ciphertextArgument(info, 1);
  const Ciphertext right = ciphertextArgument(info, 2);
  return runOnCiphertexts(info, [left, right](const Engine& engine) { return add(engine.context, left, right); });
}

Value squareOf(const CallbackInfo& info) {
  const Ciphertext input = ciphertextArgument(info, 1);
  return runOnCiphertexts(info, [input](const Engine& engine) { return square(engine.context, input); });
}

Value rotateOf(const CallbackInfo& info) {
  const Ciphertext input = ciphertextArgument(info, 1);
  const auto step = argument<int32_t>(info, 2, "step");
  return runOnCiphertexts(info, [input, step](const Engine& engine) {
    return rotate(engine.context, rescale(engine.context, input), step);
  });
}

Value polynomialOf(const CallbackInfo& info) {
  const Ciphertext input = ciphertextArgument(info, 1);
  const auto coefficients = argument<std::vector<double>>(info, 2, "coefficients");
  const auto bound = argument<double>(info, 3, "bound");
  return runOnCiphertexts(info, [input, coefficients, bound](const Engine& engine) {
    return polynomial(engine.context, input, coefficients, bound);
  });
}

Value polynomialDepthOf(const CallbackInfo& info) {
  return Napi::Number::New(info.Env(), polynomialDepth(argument<uint32_t>(info, 0, "degree")));
}

Value prepareBootstrapOf(const CallbackInfo& info) {
  const EnginePointer engine = engineArgument(info);
  return run(
      info, [engine] { prepareBootstrap(engine->context); }, nothing);
}

Value dropBootstrapOf(const CallbackInfo& info) {
  const EnginePointer engine = engineArgument(info);
  return run(
      info, [engine] { dropBootstrap(engine->context); }, nothing);
}

Value bootstrapOf(const CallbackInfo& info) {
  const Ciphertext input = ciphertextArgument(info, 1);
  const auto bound = argument<double>(info, 2, "bound");
  return runOnCiphertexts(info,
                          [input, bound](const Engine& engine) { return bootstrap(engine.context, input, bound); });
}

Value makeLinear(const CallbackInfo& info) {
  const Napi::Object object = objectArgument(info, 0, "step");
  auto step = std::make_shared<LinearStep>();
  step->level = field<uint32_t>(object, "level");
  step->sources = field<uint32_t>(object, "sources");
  step->period = field<uint32_t>(object, "period");
  step->diagonals = field<std::vector<double>>(object, "diagonals");
  step->babySteps = field<std::vector<int32_t>>(object, "babySteps");
  step->giantSteps = field<std::vector<int32_t>>(object, "giantSteps");
  step->giantParents = field<std::vector<int32_t>>(object, "giantParents");
  step->hops = field<std::vector<int32_t>>(object, "hops");
  step->folds = field<std::vector<int32_t>>(object, "folds");
  step->bias = field<std::vector<double>>(object, "bias");
  // Four numbers per entry: source, baby, giant, diagonal.
  const auto entries = field<std::vector<int32_t>>(object, "entries");
  for (size_t i = 0; i + 3 < entries.size(); i += 4) {
    step->entries.push_back({static_cast<uint32_t>(entries[i]), static_cast<uint32_t>(entries[i + 1]),
                             static_cast<uint32_t>(entries[i + 2]), static_cast<uint32_t>(entries[i + 3])});
  }
  const size_t bytes = step->bytes();
  return wrapHandle<LinearStep>(info.Env(), step, bytes);
}

Value linear(const CallbackInfo& info) {
  const auto step = unwrapHandle<LinearStep>(info[1], "encoded linear step");
  std::vector<Ciphertext> inputs;
  for (size_t i = 0; i < step->sources; ++i) inputs.push_back(ciphertextArgument(info, 2 + i));
  return runOnCiphertexts(
      info, [step, inputs](Engine& engine) { return applyLinear(engine.context, engine.encoder, *step, inputs); });
}

}  // namespace

void setCiphertextExports(Napi::Object& exports) {
  addExport<encrypt>(exports, "encrypt");
  addExport<encryptPublic>(exports, "encryptPublic");
  addExport<decrypt>(exports, "decrypt");
  addExport<readCiphertextPayload>(exports, "readCiphertext");
  addExport<writeCiphertextPayload>(exports, "writeCiphertext");
  addExport<dropToLevelOf>(exports, "dropToLevel");
  addExport<addOf>(exports, "add");
  addExport<squareOf>(exports, "square");
  addExport<rotateOf>(exports, "rotate");
  addExport<polynomialOf>(exports, "polynomial");
  addExport<polynomialDepthOf>(exports, "polynomialDepth");
  addExport<prepareBootstrapOf>(exports, "prepareBootstrap");
  addExport<dropBootstrapOf>(exports, "dropBootstrap");
  addExport<bootstrapOf>(exports, "bootstrap");
  addExport<makeLinear>(exports, "makeLinear");
  addExport<linear>(exports, "linear");
}

}  // namespace openfhe_addon
