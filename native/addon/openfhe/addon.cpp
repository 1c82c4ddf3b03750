// openfhe.node: what src/engine/openfhe/binding.ts types. Arguments become plain values here, tasks run in order on one
// queue, because OpenFHE keeps keys and contexts in process-wide state; for the same reason one environment (JavaScript
// thread) may hold the addon at a time.
#include <napi.h>
#include <omp.h>

#include <atomic>
#include <memory>

#include "arguments.h"
#include "bootstrap_rotations.h"
#include "ciphertext_codec.h"
#include "context.h"
#include "errors.h"
#include "evaluation.h"
#include "handle.h"
#include "key_files.h"
#include "linear_transform.h"
#include "plaintext_encoder.h"
#include "task_queue.h"

namespace openfhe_addon {
namespace {

using addon_support::Argument;
using addon_support::CodedError;
using addon_support::Failure;
using addon_support::Field;
using addon_support::Guarded;
using addon_support::ObjectArgument;
using addon_support::TaskQueue;
using addon_support::ToFloat64Array;
using addon_support::ToUint8Array;
using addon_support::UnwrapHandle;
using addon_support::WrapHandle;
using Napi::CallbackInfo;
using Napi::Value;

// What one open engine holds.
struct Engine {
  explicit Engine(const ContextParameters& parameters) : context(parameters), encoder(context) {}
  Context context;
  PlaintextEncoder encoder;
};

using EnginePointer = std::shared_ptr<Engine>;
using SecretPointer = std::shared_ptr<SecretKey>;
using CiphertextPointer = std::shared_ptr<Ciphertext>;

// OpenFHE's messages begin with "file:l.N:function(): ", which belongs in the cause.
Failure DescribeOpenFheException(const std::exception& error) {
  const std::string text = error.what();
  const size_t end = text.find("(): ");
  const bool located = text.find(":l.") < end && end != std::string::npos;
  return {"ERR_NATIVE", "OpenFHE: " + (located ? text.substr(end + 4) : text), text};
}

template <class Execute, class Complete>
Value Run(const CallbackInfo& info, Execute execute, Complete complete) {
  return info.Env().GetInstanceData<TaskQueue>()->Run(info.Env(), std::move(execute), std::move(complete));
}

Value Nothing(Napi::Env env, std::monostate&) { return env.Undefined(); }

EnginePointer EngineArgument(const CallbackInfo& info) { return UnwrapHandle<Engine>(info[0], "engine"); }
SecretKey SecretArgument(const CallbackInfo& info, size_t index) {
  return *UnwrapHandle<SecretKey>(info[index], "secret key");
}
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

Napi::Value ToUint32Array(Napi::Env env, const std::vector<uint32_t>& values) {
  Napi::Uint32Array result = Napi::Uint32Array::New(env, values.size());
  std::copy(values.begin(), values.end(), result.Data());
  return result;
}

std::vector<uint32_t> IndexArgument(const CallbackInfo& info, size_t index, const char* name) {
  const auto values = Argument<std::vector<int32_t>>(info, index, name);
  return {values.begin(), values.end()};
}

// --- engine ---

Value Version(const CallbackInfo& info) { return Napi::String::New(info.Env(), GetOPENFHEVersion()); }

Value Open(const CallbackInfo& info) {
  const Napi::Object object = ObjectArgument(info, 0, "parameters");
  ContextParameters parameters{
      Field<uint32_t>(object, "ringDimension"),
      Field<uint32_t>(object, "slots"),
      Field<uint32_t>(object, "firstModulusBits"),
      Field<uint32_t>(object, "scalingModulusBits"),
      Field<uint32_t>(object, "largeDigits"),
      Field<std::string>(object, "securityLevel"),
      Field<std::string>(object, "secret"),
      Field<std::string>(object, "scalingTechnique"),
      Field<uint32_t>(object, "levels"),
      {},
  };
  for (const int32_t levels : Field<std::vector<int32_t>>(object, "bootstrapLevelBudget")) {
    parameters.bootstrap_level_budget.push_back(static_cast<uint32_t>(levels));
  }
  return Run(
      info, [parameters] { return std::make_shared<Engine>(parameters); },
      [](Napi::Env env, EnginePointer& engine) -> Value {
        Napi::Object result = Napi::Object::New(env);
        const Context& context = engine->context;
        result.Set("handle", WrapHandle<Engine>(env, engine, 0));
        result.Set("depth", Napi::Number::New(env, context.depth()));
        result.Set("logQP", Napi::Number::New(env, context.LogQP()));
        result.Set("evaluationKeyBytes", Napi::Number::New(env, static_cast<double>(context.EvaluationKeyBytes())));
        return result;
      });
}

Value SetThreads(const CallbackInfo& info) {
  const auto threads = Argument<int32_t>(info, 0, "threads");
  // The setting belongs to the calling thread, which is the queue's.
  return Run(info, [threads] { omp_set_num_threads(threads > 0 ? threads : omp_get_num_procs()); }, Nothing);
}

Value RotationAutomorphisms(const CallbackInfo& info) {
  const EnginePointer engine = EngineArgument(info);
  const uint32_t order = 2 * engine->context.ring_dimension();
  std::vector<uint32_t> result;
  for (const int32_t rotation : Argument<std::vector<int32_t>>(info, 1, "rotations")) {
    result.push_back(lbcrypto::FindAutomorphismIndex2nComplex(rotation, order));
  }
  return ToUint32Array(info.Env(), result);
}

Value BootstrapAutomorphismsOf(const CallbackInfo& info) {
  return ToUint32Array(info.Env(), BootstrapAutomorphisms(EngineArgument(info)->context));
}

Value LibraryBootstrapAutomorphismsOf(const CallbackInfo& info) {
  const EnginePointer engine = EngineArgument(info);
  return Run(
      info, [engine] { return LibraryBootstrapAutomorphisms(engine->context); },
      [](Napi::Env env, std::vector<uint32_t>& result) -> Value { return ToUint32Array(env, result); });
}

// --- keys ---

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
  return Run(info, [engine, secret, path] { WriteSecretKey(engine->context, secret, path); }, Nothing);
}

Value WriteRelinearization(const CallbackInfo& info) {
  const EnginePointer engine = EngineArgument(info);
  const SecretKey secret = SecretArgument(info, 1);
  const auto path = Argument<std::string>(info, 2, "path");
  return Run(info, [engine, secret, path] { WriteRelinearizationKey(engine->context, secret, path); }, Nothing);
}

Value WriteAutomorphisms(const CallbackInfo& info) {
  const EnginePointer engine = EngineArgument(info);
  const SecretKey secret = SecretArgument(info, 1);
  const auto automorphisms = IndexArgument(info, 2, "automorphisms");
  const auto path = Argument<std::string>(info, 3, "path");
  return Run(
      info,
      [engine, secret, automorphisms, path] { WriteAutomorphismKeys(engine->context, secret, automorphisms, path); },
      Nothing);
}

Value LoadRelinearization(const CallbackInfo& info) {
  const EnginePointer engine = EngineArgument(info);
  const auto path = Argument<std::string>(info, 1, "path");
  const auto tag = Argument<std::string>(info, 2, "keyTag");
  return Run(info, [engine, path, tag] { LoadRelinearizationKey(engine->context, path, tag); }, Nothing);
}

Value LoadAutomorphisms(const CallbackInfo& info) {
  const EnginePointer engine = EngineArgument(info);
  const auto path = Argument<std::string>(info, 1, "path");
  const auto tag = Argument<std::string>(info, 2, "keyTag");
  return Run(info, [engine, path, tag] { LoadAutomorphismKeys(engine->context, path, tag); }, Nothing);
}

Value KeepAutomorphisms(const CallbackInfo& info) {
  const auto tag = Argument<std::string>(info, 0, "keyTag");
  const auto kept = IndexArgument(info, 1, "automorphisms");
  return Run(info, [tag, kept] { KeepAutomorphismKeys(tag, kept); }, Nothing);
}

Value Forget(const CallbackInfo& info) {
  const auto tag = Argument<std::string>(info, 0, "keyTag");
  return Run(info, [tag] { ForgetKeys(tag); }, Nothing);
}

// --- ciphertexts ---

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
        return WriteCiphertext(context, crypto->Encrypt(secret, plaintext));
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
        const Ciphertext ciphertext = ReadCiphertext(engine->context, payload, secret->GetKeyTag());
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
  return RunOnCiphertexts(info,
                          [payload, tag](const Engine& engine) { return ReadCiphertext(engine.context, payload, tag); });
}

Value WriteCiphertextPayload(const CallbackInfo& info) {
  const EnginePointer engine = EngineArgument(info);
  const Ciphertext ciphertext = CiphertextArgument(info, 1);
  return Run(
      info, [engine, ciphertext] { return WriteCiphertext(engine->context, ciphertext); },
      [](Napi::Env env, std::vector<uint8_t>& payload) -> Value {
        return ToUint8Array(env, payload.data(), payload.size());
      });
}

Value DropToLevelOf(const CallbackInfo& info) {
  const Ciphertext input = CiphertextArgument(info, 1);
  const auto level = Argument<uint32_t>(info, 2, "level");
  return RunOnCiphertexts(info, [input, level](const Engine& engine) { return DropToLevel(engine.context, input, level); });
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
  return RunOnCiphertexts(info, [input, step](const Engine& engine) { return Rotate(engine.context, input, step); });
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
  return Run(info, [engine] { PrepareBootstrap(engine->context); }, Nothing);
}

Value DropBootstrapOf(const CallbackInfo& info) {
  const EnginePointer engine = EngineArgument(info);
  return Run(info, [engine] { DropBootstrap(engine->context); }, Nothing);
}

Value BootstrapOf(const CallbackInfo& info) {
  const Ciphertext input = CiphertextArgument(info, 1);
  const auto bound = Argument<double>(info, 2, "bound");
  return RunOnCiphertexts(info, [input, bound](const Engine& engine) { return Bootstrap(engine.context, input, bound); });
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

std::atomic<bool> loaded{false};

template <Value (*Export)(const CallbackInfo&)>
void Set(Napi::Object& exports, const char* name) {
  exports.Set(name, Napi::Function::New<Guarded<Export>>(exports.Env(), name));
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  if (loaded.exchange(true)) {
    throw addon_support::MakeError(
        env, {"ERR_ENGINE_UNAVAILABLE", "the openfhe engine is in use by another thread of this process", {}});
  }
  env.AddCleanupHook([] { loaded = false; });
  env.SetInstanceData(new TaskQueue(env, DescribeOpenFheException));
  Set<Version>(exports, "version");
  Set<Open>(exports, "open");
  Set<SetThreads>(exports, "setThreads");
  Set<RotationAutomorphisms>(exports, "rotationAutomorphisms");
  Set<BootstrapAutomorphismsOf>(exports, "bootstrapAutomorphisms");
  Set<LibraryBootstrapAutomorphismsOf>(exports, "libraryBootstrapAutomorphisms");
  Set<GenerateSecret>(exports, "generateSecretKey");
  Set<ReadSecret>(exports, "readSecretKey");
  Set<WriteSecret>(exports, "writeSecretKey");
  Set<WriteRelinearization>(exports, "writeRelinearizationKey");
  Set<WriteAutomorphisms>(exports, "writeAutomorphismKeys");
  Set<LoadRelinearization>(exports, "loadRelinearizationKey");
  Set<LoadAutomorphisms>(exports, "loadAutomorphismKeys");
  Set<KeepAutomorphisms>(exports, "keepAutomorphismKeys");
  Set<Forget>(exports, "forgetKeys");
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
  Set<addon_support::DisposeHandle>(exports, "dispose");
  return exports;
}

NODE_API_MODULE(openfhe, Init)

}  // namespace
}  // namespace openfhe_addon
