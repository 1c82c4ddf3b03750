// The evaluating side: no secret ever reaches this file.
#include <string>
#include <vector>

#include "arguments.h"
#include "ckks/eval/evaluator.h"
#include "exports.h"
#include "handle.h"
#include "objects.h"

namespace ckks_addon {
namespace {

using addon_support::Argument;
using addon_support::Field;
using addon_support::Guarded;
using addon_support::UnwrapHandle;

Napi::Value WrapCiphertext(Napi::Env env, ckks::Ciphertext& ciphertext) {
  Napi::Object result = Napi::Object::New(env);
  const std::size_t bytes = ciphertext.bytes();
  result.Set("level", Napi::Number::New(env, ciphertext.level));
  result.Set("scale", Napi::Number::New(env, ciphertext.scale));
  result.Set("bytes", Napi::Number::New(env, static_cast<double>(bytes)));
  result.Set("ciphertext",
             addon_support::WrapHandle(env, std::make_shared<ckks::Ciphertext>(std::move(ciphertext)), bytes));
  return result;
}

Napi::Value WrapBytes(Napi::Env env, std::vector<std::uint8_t>& bytes) {
  return addon_support::ToUint8Array(env, bytes.data(), bytes.size());
}

std::shared_ptr<ckks::Evaluator> EvaluatorOf(const Napi::CallbackInfo& info) {
  return UnwrapHandle<ckks::Evaluator>(info[0], "evaluator");
}

std::shared_ptr<ckks::Ciphertext> CiphertextAt(const Napi::CallbackInfo& info, std::size_t index) {
  return UnwrapHandle<ckks::Ciphertext>(info[index], "ciphertext");
}

ckks::Cancellation CancellationAt(const Napi::CallbackInfo& info, std::size_t index) {
  if (info[index].IsUndefined()) return {};
  return ckks::Cancellation(UnwrapHandle<CancelFlag>(info[index], "cancel flag")->flag);
}

template <class T>
std::vector<T> Converted(const std::vector<int>& values) {
  return std::vector<T>(values.begin(), values.end());
}

// openKeys(context, paths, verify): Promise<keys>; verify reads every byte
Napi::Value OpenKeys(const Napi::CallbackInfo& info) {
  auto context = UnwrapHandle<Context>(info[0], "context");
  auto paths = Argument<std::vector<std::string>>(info, 1, "paths");
  const auto verify = Argument<bool>(info, 2, "verify");
  return Queue(info.Env())
      .Run(
          info.Env(),
          [=] {
            auto set = std::make_shared<ckks::KeySet>(context->parameters);
            for (const std::string& path : paths) {
              const ckks::KeyFile& file = set->add(path);
              if (verify) file.verify();
            }
            return set;
          },
          [](Napi::Env env, std::shared_ptr<ckks::KeySet>& set) -> Napi::Value {
            return addon_support::WrapHandle(env, std::make_shared<Keys>(Keys{set}), 0);
          });
}

// createEvaluator(context, keys, partialSumBytes): evaluator
Napi::Value CreateEvaluator(const Napi::CallbackInfo& info) {
  auto context = UnwrapHandle<Context>(info[0], "context");
  auto keys = UnwrapHandle<Keys>(info[1], "key set");
  const auto partialSumBytes = Argument<std::size_t>(info, 2, "partialSumBytes");
  return addon_support::WrapHandle(
      info.Env(), std::make_shared<ckks::Evaluator>(context->parameters, keys->set, partialSumBytes), 0);
}

ckks::LinearTermDescription TermOf(const Napi::Object& object) {
  ckks::LinearTermDescription term;
  term.inputScale = Field<double>(object, "inputScale");
  term.offsets = Converted<long>(Field<std::vector<int>>(object, "offsets"));
  term.diagonals = Field<std::vector<double>>(object, "diagonals");
  const Napi::Value shifted = object.Get("shiftedDiagonals");
  if (!shifted.IsUndefined()) {
    term.shiftedDiagonals = addon_support::FromValue<std::vector<double>>(shifted, "shiftedDiagonals");
  }
  term.babyIndices = Converted<std::size_t>(Field<std::vector<int>>(object, "babyIndices"));
  term.giantIndices = Converted<std::size_t>(Field<std::vector<int>>(object, "giantIndices"));
  return term;
}

// encodeLinear(context, description): Promise<{encoded, bytes}>
Napi::Value EncodeLinear(const Napi::CallbackInfo& info) {
  auto context = UnwrapHandle<Context>(info[0], "context");
  const Napi::Object object = addon_support::ObjectArgument(info, 1, "description");
  ckks::LinearDescription description;
  description.level = Field<int>(object, "level");
  description.outputScale = Field<double>(object, "outputScale");
  description.period = Field<std::size_t>(object, "period");
  description.babySteps = Converted<long>(Field<std::vector<int>>(object, "babySteps"));
  description.giantSteps = Converted<long>(Field<std::vector<int>>(object, "giantSteps"));
  description.giantParents = Field<std::vector<int>>(object, "giantParents");
  description.folds = Converted<long>(Field<std::vector<int>>(object, "folds"));
  description.bias = Field<std::vector<double>>(object, "bias");
  description.conjugate = Field<bool>(object, "conjugate");
  description.imaginaryShift = Field<long>(object, "imaginaryShift");
  const auto terms = object.Get("terms").As<Napi::Array>();
  for (std::uint32_t i = 0; i < terms.Length(); ++i) {
    description.terms.push_back(TermOf(terms.Get(i).As<Napi::Object>()));
  }
  return Queue(info.Env())
      .Run(
          info.Env(),
          [context, description = std::move(description)] {
            return std::make_shared<ckks::EncodedLinear>(*context->parameters, description);
          },
          [](Napi::Env env, std::shared_ptr<ckks::EncodedLinear>& encoded) -> Napi::Value {
            Napi::Object result = Napi::Object::New(env);
            result.Set("bytes", Napi::Number::New(env, static_cast<double>(encoded->bytes())));
            result.Set("encoded", addon_support::WrapHandle(env, encoded, encoded->bytes()));
            return result;
          });
}

// linear(evaluator, encoded, ciphertexts, cancelFlag | undefined): Promise<ciphertext>
Napi::Value Linear(const Napi::CallbackInfo& info) {
  auto evaluator = EvaluatorOf(info);
  auto encoded = UnwrapHandle<ckks::EncodedLinear>(info[1], "encoded linear step");
  const auto array = info[2].As<Napi::Array>();
  std::vector<std::shared_ptr<ckks::Ciphertext>> inputs;
  for (std::uint32_t i = 0; i < array.Length(); ++i) {
    inputs.push_back(UnwrapHandle<ckks::Ciphertext>(array.Get(i), "ciphertext"));
  }
  auto cancellation = CancellationAt(info, 3);
  return Queue(info.Env())
      .Run(
          info.Env(),
          [=] {
            std::vector<const ckks::Ciphertext*> pointers;
            for (const auto& input : inputs) pointers.push_back(input.get());
            return evaluator->linear(*encoded, pointers, cancellation);
          },
          WrapCiphertext);
}

// square(evaluator, ciphertext, componentwise, cancelFlag | undefined): Promise<ciphertext>
Napi::Value Square(const Napi::CallbackInfo& info) {
  auto evaluator = EvaluatorOf(info);
  auto input = CiphertextAt(info, 1);
  const auto componentwise = Argument<bool>(info, 2, "componentwise");
  auto cancellation = CancellationAt(info, 3);
  return Queue(info.Env())
      .Run(
          info.Env(), [=] { return evaluator->square(*input, componentwise, cancellation); }, WrapCiphertext);
}

// polynomial(evaluator, ciphertext, coefficients, bound, level, outputScale, cancelFlag | undefined):
// Promise<ciphertext>
Napi::Value Polynomial(const Napi::CallbackInfo& info) {
  auto evaluator = EvaluatorOf(info);
  auto input = CiphertextAt(info, 1);
  auto coefficients = Argument<std::vector<double>>(info, 2, "coefficients");
  const auto bound = Argument<double>(info, 3, "bound");
  const auto level = Argument<int>(info, 4, "level");
  const auto outputScale = Argument<double>(info, 5, "outputScale");
  auto cancellation = CancellationAt(info, 6);
  return Queue(info.Env())
      .Run(
          info.Env(),
          [=, coefficients = std::move(coefficients)] {
            return evaluator->polynomial(*input, coefficients, bound, level, outputScale, cancellation);
          },
          WrapCiphertext);
}

// add(evaluator, ciphertext, ciphertext): Promise<ciphertext>
Napi::Value Add(const Napi::CallbackInfo& info) {
  auto evaluator = EvaluatorOf(info);
  auto left = CiphertextAt(info, 1);
  auto right = CiphertextAt(info, 2);
  return Queue(info.Env())
      .Run(
          info.Env(), [=] { return evaluator->add(*left, *right); }, WrapCiphertext);
}

// multiplyPlain(evaluator, ciphertext, real, imaginary | undefined): Promise<ciphertext>
Napi::Value MultiplyPlain(const Napi::CallbackInfo& info) {
  auto evaluator = EvaluatorOf(info);
  auto input = CiphertextAt(info, 1);
  auto real = Argument<std::vector<double>>(info, 2, "real");
  auto imaginary = info[3].IsUndefined() ? std::vector<double>() : Argument<std::vector<double>>(info, 3, "imaginary");
  return Queue(info.Env())
      .Run(
          info.Env(),
          [=, real = std::move(real), imaginary = std::move(imaginary)] {
            return evaluator->multiplyPlain(*input, real, imaginary);
          },
          WrapCiphertext);
}

// rotate(evaluator, ciphertext, step): Promise<ciphertext>
Napi::Value Rotate(const Napi::CallbackInfo& info) {
  auto evaluator = EvaluatorOf(info);
  auto input = CiphertextAt(info, 1);
  const auto step = Argument<long>(info, 2, "step");
  return Queue(info.Env())
      .Run(
          info.Env(), [=] { return evaluator->rotate(*input, step); }, WrapCiphertext);
}

// dropToLevel(evaluator, ciphertext, level): Promise<ciphertext>
Napi::Value DropToLevel(const Napi::CallbackInfo& info) {
  auto evaluator = EvaluatorOf(info);
  auto input = CiphertextAt(info, 1);
  const auto level = Argument<int>(info, 2, "level");
  return Queue(info.Env())
      .Run(
          info.Env(), [=] { return evaluator->dropToLevel(*input, level); }, WrapCiphertext);
}

// readCiphertext(evaluator, bytes): Promise<ciphertext>
Napi::Value ReadCiphertext(const Napi::CallbackInfo& info) {
  auto evaluator = EvaluatorOf(info);
  auto bytes = Argument<std::vector<std::uint8_t>>(info, 1, "bytes");
  return Queue(info.Env())
      .Run(
          info.Env(), [evaluator, bytes = std::move(bytes)] { return evaluator->read(bytes); }, WrapCiphertext);
}

// writeCiphertext(evaluator, ciphertext): Promise<Uint8Array>
Napi::Value WriteCiphertext(const Napi::CallbackInfo& info) {
  auto evaluator = EvaluatorOf(info);
  auto input = CiphertextAt(info, 1);
  return Queue(info.Env())
      .Run(
          info.Env(), [=] { return evaluator->write(*input); }, WrapBytes);
}

// writeResult(evaluator, ciphertext): Promise<Uint8Array>, in the result ring
Napi::Value WriteResult(const Napi::CallbackInfo& info) {
  auto evaluator = EvaluatorOf(info);
  auto input = CiphertextAt(info, 1);
  return Queue(info.Env())
      .Run(
          info.Env(), [=] { return evaluator->writeResult(*input); }, WrapBytes);
}

}  // namespace

void ExportEvaluator(Napi::Env env, Napi::Object exports) {
  exports.Set("openKeys", Napi::Function::New<Guarded<OpenKeys>>(env));
  exports.Set("createEvaluator", Napi::Function::New<Guarded<CreateEvaluator>>(env));
  exports.Set("encodeLinear", Napi::Function::New<Guarded<EncodeLinear>>(env));
  exports.Set("linear", Napi::Function::New<Guarded<Linear>>(env));
  exports.Set("square", Napi::Function::New<Guarded<Square>>(env));
  exports.Set("polynomial", Napi::Function::New<Guarded<Polynomial>>(env));
  exports.Set("add", Napi::Function::New<Guarded<Add>>(env));
  exports.Set("multiplyPlain", Napi::Function::New<Guarded<MultiplyPlain>>(env));
  exports.Set("rotate", Napi::Function::New<Guarded<Rotate>>(env));
  exports.Set("dropToLevel", Napi::Function::New<Guarded<DropToLevel>>(env));
  exports.Set("readCiphertext", Napi::Function::New<Guarded<ReadCiphertext>>(env));
  exports.Set("writeCiphertext", Napi::Function::New<Guarded<WriteCiphertext>>(env));
  exports.Set("writeResult", Napi::Function::New<Guarded<WriteResult>>(env));
}

}  // namespace ckks_addon
