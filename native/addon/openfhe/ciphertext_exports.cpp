#include "addon_common.h"
#include "ciphertext_codec.h"
#include "evaluation.h"
#include "linear_transform.h"

namespace openfhe_addon {
namespace {

using addon_support::CodedError;

Ciphertext CiphertextArgument(const CallbackInfo& info, size_t index) {
  return *UnwrapHandle<Ciphertext>(info[index], "ciphertext");
}

Napi::Object WrapCiphertext(Napi::Env env, const Context& context, const Ciphertext& ciphertext) {
  Napi::Object result = Napi::Object::New(env);
  const size_t bytes = Bytes(ciphertext);
  result.Set("handle", WrapHandle<Ciphertext>(env, std::make_shared<Ciphertext>(ciphertext), bytes));
  result.Set("level", Napi::Number::New(env, Level(ciphertext)));
  result.Set("scale", Napi::Number::New(env, Scale(context, ciphertext)));
  result.Set("bytes", Napi::Number::New(env, static_cast<double>(bytes)));
  return result;
}

// Runs operation(engine) -> Ciphertext.
template <class Operation>
Value RunOnCiphertexts(const CallbackInfo& info, Operation operation) {
  const EnginePointer engine = EngineArgument(info);
  return Run(
      info, [engine, operation] { return operation(*engine); },
      [engine](Napi::Env env, Ciphertext& result) -> Value { return WrapCiphertext(env, engine->context, result); });
}

Value Encrypt(const CallbackInfo& info) {
  const EnginePointer engine = EngineArgument(info);
  const SecretKey secret = SecretArgument(info, 1);
  const auto values = Argument<std::vector<double>>(info, 2, "values");
  const auto level = Argument<uint32_t>(info, 3, "level");
  return Run(
      info,
      [engine, secret, values, level] {
        const Context& context = engine->context;
        const auto& crypto = context.crypto();
        const auto plaintext =
            crypto->MakeCKKSPackedPlaintext(values, 1, context.depth() - level, nullptr, context.slots());
        return WriteCiphertext(context, crypto->Encrypt(secret, plaintext), secret->GetKeyTag());
      },
      [](Napi::Env env, std::vector<uint8_t>& payload) -> Value {
        return ToUint8Array(env, payload.data(), payload.size());
      });
}

Value Decrypt(const CallbackInfo& info) {
  const EnginePointer engine = EngineArgument(info);
  const SecretKey secret = SecretArgument(info, 1);
  const auto payload = Argument<std::vector<uint8_t>>(info, 2, "payload");
  return Run(
      info,
      [engine, secret, payload] {
        const std::string& tag = secret->GetKeyTag();
        const Ciphertext ciphertext = ReadCiphertext(engine->context, payload, tag, tag);
        lbcrypto::Plaintext plaintext;
        try {
          engine->context.crypto()->Decrypt(secret, ciphertext, &plaintext);
        } catch (const std::exception& error) {
          throw CodedError("ERR_CIPHERTEXT",
                           "ciphertext: it decrypts to noise; a value left the range that the profile allows, or the "
                           "ciphertext was altered",
                           error.what());
        }
        plaintext->SetLength(engine->context.slots());
        return plaintext->GetRealPackedValue();
      },
      [](Napi::Env env, std::vector<double>& values) -> Value { return ToFloat64Array(env, values); });
}

Value ReadCiphertextPayload(const CallbackInfo& info) {
  const auto payload = Argument<std::vector<uint8_t>>(info, 1, "payload");
  const auto tag = Argument<std::string>(info, 2, "keyTag");
  const auto holder = Argument<std::string>(info, 3, "holder");
  return RunOnCiphertexts(info, [payload, tag, holder](const Engine& engine) {
    return ReadCiphertext(engine.context, payload, tag, holder);
  });
}

Value WriteCiphertextPayload(const CallbackInfo& info) {
  const EnginePointer engine = EngineArgument(info);
  const Ciphertext ciphertext = CiphertextArgument(info, 1);
  const auto tag = Argument<std::string>(info, 2, "keyTag");
  return Run(
      info, [engine, ciphertext, tag] { return WriteCiphertext(engine->context, ciphertext, tag); },
      [](Napi::Env env, std::vector<uint8_t>& payload) -> Value {
        return ToUint8Array(env, payload.data(), payload.size());
      });
}

Value DropToLevelOf(const CallbackInfo& info) {
  const Ciphertext input = CiphertextArgument(info, 1);
  const auto level = Argument<uint32_t>(info, 2, "level");
  return RunOnCiphertexts(info,
                          [input, level](const Engine& engine) { return DropToLevel(engine.context, input, level); });
}

Value AddOf(const CallbackInfo& info) {
  const Ciphertext left = CiphertextArgument(info, 1);
  const Ciphertext right = CiphertextArgument(info, 2);
  return RunOnCiphertexts(info, [left, right](const Engine& engine) { return Add(engine.context, left, right); });
}

Value SquareOf(const CallbackInfo& info) {
  const Ciphertext input = CiphertextArgument(info, 1);
  return RunOnCiphertexts(info, [input](const Engine& engine) { return Square(engine.context, input); });
}

Value RotateOf(const CallbackInfo& info) {
  const Ciphertext input = CiphertextArgument(info, 1);
  const auto step = Argument<int32_t>(info, 2, "step");
  return RunOnCiphertexts(info, [input, step](const Engine& engine) {
    return Rotate(engine.context, Rescaled(engine.context, input), step);
  });
}

Value PolynomialOf(const CallbackInfo& info) {
  const Ciphertext input = CiphertextArgument(info, 1);
  const auto coefficients = Argument<std::vector<double>>(info, 2, "coefficients");
  const auto bound = Argument<double>(info, 3, "bound");
  return RunOnCiphertexts(info, [input, coefficients, bound](const Engine& engine) {
    return Polynomial(engine.context, input, coefficients, bound);
  });
}

Value PolynomialDepthOf(const CallbackInfo& info) {
  return Napi::Number::New(info.Env(), PolynomialDepth(Argument<uint32_t>(info, 0, "degree")));
}

Value PrepareBootstrapOf(const CallbackInfo& info) {
  const EnginePointer engine = EngineArgument(info);
  return Run(
      info, [engine] { PrepareBootstrap(engine->context); }, Nothing);
}

Value DropBootstrapOf(const CallbackInfo& info) {
  const EnginePointer engine = EngineArgument(info);
  return Run(
      info, [engine] { DropBootstrap(engine->context); }, Nothing);
}

Value BootstrapOf(const CallbackInfo& info) {
  const Ciphertext input = CiphertextArgument(info, 1);
  const auto bound = Argument<double>(info, 2, "bound");
  return RunOnCiphertexts(info,
                          [input, bound](const Engine& engine) { return Bootstrap(engine.context, input, bound); });
}

Value MakeLinear(const CallbackInfo& info) {
  const Napi::Object object = ObjectArgument(info, 0, "step");
  auto step = std::make_shared<LinearStep>();
  step->level = Field<uint32_t>(object, "level");
  step->sources = Field<uint32_t>(object, "sources");
  step->period = Field<uint32_t>(object, "period");
  step->diagonals = Field<std::vector<double>>(object, "diagonals");
  step->baby_steps = Field<std::vector<int32_t>>(object, "babySteps");
  step->giant_steps = Field<std::vector<int32_t>>(object, "giantSteps");
  step->giant_parents = Field<std::vector<int32_t>>(object, "giantParents");
  step->hops = Field<std::vector<int32_t>>(object, "hops");
  step->folds = Field<std::vector<int32_t>>(object, "folds");
  step->bias = Field<std::vector<double>>(object, "bias");
  // Four numbers per entry: source, baby, giant, diagonal.
  const auto entries = Field<std::vector<int32_t>>(object, "entries");
  for (size_t i = 0; i + 3 < entries.size(); i += 4) {
    step->entries.push_back({static_cast<uint32_t>(entries[i]), static_cast<uint32_t>(entries[i + 1]),
                             static_cast<uint32_t>(entries[i + 2]), static_cast<uint32_t>(entries[i + 3])});
  }
  const size_t bytes = step->Bytes();
  return WrapHandle<LinearStep>(info.Env(), step, bytes);
}

Value Linear(const CallbackInfo& info) {
  const auto step = UnwrapHandle<LinearStep>(info[1], "encoded linear step");
  std::vector<Ciphertext> inputs;
  for (size_t i = 0; i < step->sources; ++i) inputs.push_back(CiphertextArgument(info, 2 + i));
  return RunOnCiphertexts(
      info, [step, inputs](Engine& engine) { return ApplyLinear(engine.context, engine.encoder, *step, inputs); });
}

}  // namespace

void SetCiphertextExports(Napi::Object& exports) {
  Set<Encrypt>(exports, "encrypt");
  Set<Decrypt>(exports, "decrypt");
  Set<ReadCiphertextPayload>(exports, "readCiphertext");
  Set<WriteCiphertextPayload>(exports, "writeCiphertext");
  Set<DropToLevelOf>(exports, "dropToLevel");
  Set<AddOf>(exports, "add");
  Set<SquareOf>(exports, "square");
  Set<RotateOf>(exports, "rotate");
  Set<PolynomialOf>(exports, "polynomial");
  Set<PolynomialDepthOf>(exports, "polynomialDepth");
  Set<PrepareBootstrapOf>(exports, "prepareBootstrap");
  Set<DropBootstrapOf>(exports, "dropBootstrap");
  Set<BootstrapOf>(exports, "bootstrap");
  Set<MakeLinear>(exports, "makeLinear");
  Set<Linear>(exports, "linear");
}

}  // namespace openfhe_addon
