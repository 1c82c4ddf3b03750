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

using addon_support::argument;
using addon_support::field;
using addon_support::guarded;
using addon_support::unwrapHandle;

Napi::Value wrapCiphertext(Napi::Env env, ckks::Ciphertext& ciphertext) {
  Napi::Object result = Napi::Object::New(env);
  const std::size_t bytes = ciphertext.bytes();
  result.Set("level", Napi::Number::New(env, ciphertext.level));
  result.Set("scale", Napi::Number::New(env, ciphertext.scale));
  result.Set("bytes", Napi::Number::New(env, static_cast<double>(bytes)));
  result.Set("ciphertext",
             addon_support::wrapHandle(env, std::make_shared<ckks::Ciphertext>(std::move(ciphertext)), bytes));
  return result;
}

Napi::Value wrapBytes(Napi::Env env, std::vector<std::uint8_t>& bytes) {
  return addon_support::toUint8Array(env, std::move(bytes));
}

std::shared_ptr<ckks::Evaluator> evaluatorOf(const Napi::CallbackInfo& info) {
  return unwrapHandle<ckks::Evaluator>(info[0], "evaluator");
}

std::shared_ptr<ckks::Ciphertext> ciphertextAt(const Napi::CallbackInfo& info, std::size_t index) {
  return unwrapHandle<ckks::Ciphertext>(info[index], "ciphertext");
}

ckks::Cancellation cancellationAt(const Napi::CallbackInfo& info, std::size_t index) {
  if (info[index].IsUndefined()) return {};
  return ckks::Cancellation(unwrapHandle<CancelFlag>(info[index], "cancel flag")->flag);
}

template <class T>
std::vector<T> converted(const std::vector<int>& values) {
  return std::vector<T>(values.begin(), values.end());
}

// createKeys(context): keys
Napi::Value createKeys(const Napi::CallbackInfo& info) {
  auto context = unwrapHandle<Context>(info[0], "context");
  auto set = std::make_shared<ckks::KeySet>(context->parameters);
  return addon_support::wrapHandle(info.Env(), std::make_shared<Keys>(Keys{set}), 0);
}

// addKey(keys, path, sha256): Promise<void>; hashes the file and keeps it open
Napi::Value addKey(const Napi::CallbackInfo& info) {
  auto keys = unwrapHandle<Keys>(info[0], "key set");
  auto path = argument<std::string>(info, 1, "path");
  const ckks::Digest digest = digestArgument(info, 2);
  return run(
      info.Env(),
      [=] {
        keys->set->add(ckks::File::openVerified(path, digest));
        return std::monostate{};
      },
      [](Napi::Env env, std::monostate&) -> Napi::Value { return env.Undefined(); });
}

// createEvaluator(context, keys, partialSumBytes): evaluator
Napi::Value createEvaluator(const Napi::CallbackInfo& info) {
  auto context = unwrapHandle<Context>(info[0], "context");
  auto keys = unwrapHandle<Keys>(info[1], "key set");
  const auto partialSumBytes = argument<std::size_t>(info, 2, "partialSumBytes");
  return addon_support::wrapHandle(
      info.Env(), std::make_shared<ckks::Evaluator>(context->parameters, keys->set, partialSumBytes), 0);
}

ckks::LinearTermDescription termOf(const Napi::Object& object) {
  ckks::LinearTermDescription term;
  term.inputScale = field<double>(object, "inputScale");
  term.offsets = converted<long>(field<std::vector<int>>(object, "offsets"));
  term.diagonals = field<std::vector<double>>(object, "diagonals");
  const Napi::Value shifted = object.Get("shiftedDiagonals");
  if (!shifted.IsUndefined()) {
    term.shiftedDiagonals = addon_support::fromValue<std::vector<double>>(shifted, "shiftedDiagonals");
  }
  term.babyIndices = converted<std::size_t>(field<std::vector<int>>(object, "babyIndices"));
  term.giantIndices = converted<std::size_t>(field<std::vector<int>>(object, "giantIndices"));
  return term;
}

// encodeLinear(context, description): Promise<{encoded, bytes}>
Napi::Value encodeLinear(const Napi::CallbackInfo& info) {
  auto context = unwrapHandle<Context>(info[0], "context");
  const Napi::Object object = addon_support::objectArgument(info, 1, "description");
  ckks::LinearDescription description;
  description.level = field<int>(object, "level");
  description.outputScale = field<double>(object, "outputScale");
  description.period = field<std::size_t>(object, "period");
  description.babySteps = converted<long>(field<std::vector<int>>(object, "babySteps"));
  description.giantSteps = converted<long>(field<std::vector<int>>(object, "giantSteps"));
  description.giantParents = field<std::vector<int>>(object, "giantParents");
  description.folds = converted<long>(field<std::vector<int>>(object, "folds"));
  description.bias = field<std::vector<double>>(object, "bias");
  description.conjugate = field<bool>(object, "conjugate");
  description.imaginaryShift = field<long>(object, "imaginaryShift");
  const auto terms = object.Get("terms").As<Napi::Array>();
  for (std::uint32_t i = 0; i < terms.Length(); ++i) {
    description.terms.push_back(termOf(terms.Get(i).As<Napi::Object>()));
  }
  return run(
      info.Env(),
      [context, description = std::move(description)] {
        return std::make_shared<ckks::EncodedLinear>(*context->parameters, description);
      },
      [](Napi::Env env, std::shared_ptr<ckks::EncodedLinear>& encoded) -> Napi::Value {
        Napi::Object result = Napi::Object::New(env);
        result.Set("bytes", Napi::Number::New(env, static_cast<double>(encoded->bytes())));
        result.Set("encoded", addon_support::wrapHandle(env, encoded, encoded->bytes()));
        return result;
      });
}

// linear(evaluator, encoded, ciphertexts, cancelFlag | undefined): Promise<ciphertext>
Napi::Value linear(const Napi::CallbackInfo& info) {
  auto evaluator = evaluatorOf(info);
  auto encoded = unwrapHandle<ckks::EncodedLinear>(info[1], "encoded linear step");
  const auto array = info[2].As<Napi::Array>();
  std::vector<std::shared_ptr<ckks::Ciphertext>> inputs;
  for (std::uint32_t i = 0; i < array.Length(); ++i) {
    inputs.push_back(unwrapHandle<ckks::Ciphertext>(array.Get(i), "ciphertext"));
  }
  auto cancellation = cancellationAt(info, 3);
  return run(
      info.Env(),
      [=] {
        std::vector<const ckks::Ciphertext*> pointers;
        for (const auto& input : inputs) pointers.push_back(input.get());
        return evaluator->linear(*encoded, pointers, cancellation);
      },
      wrapCiphertext);
}

// square(evaluator, ciphertext, componentwise, cancelFlag | undefined): Promise<ciphertext>
Napi::Value square(const Napi::CallbackInfo& info) {
  auto evaluator = evaluatorOf(info);
  auto input = ciphertextAt(info, 1);
  const auto componentwise = argument<bool>(info, 2, "componentwise");
  auto cancellation = cancellationAt(info, 3);
  return run(
      info.Env(), [=] { return evaluator->square(*input, componentwise, cancellation); }, wrapCiphertext);
}

// polynomial(evaluator, ciphertext, coefficients, bound, level, outputScale, cancelFlag | undefined):
// Promise<ciphertext>
Napi::Value polynomial(const Napi::CallbackInfo& info) {
  auto evaluator = evaluatorOf(info);
  auto input = ciphertextAt(info, 1);
  auto coefficients = argument<std::vector<double>>(info, 2, "coefficients");
  const auto bound = argument<double>(info, 3, "bound");
  const auto level = argument<int>(info, 4, "level");
  const auto outputScale = argument<double>(info, 5, "outputScale");
  auto cancellation = cancellationAt(info, 6);
  return run(
      info.Env(),
      [=, coefficients = std::move(coefficients)] {
        return evaluator->polynomial(*input, coefficients, bound, level, outputScale, cancellation);
      },
      wrapCiphertext);
}

// add(evaluator, ciphertext, ciphertext): Promise<ciphertext>
Napi::Value add(const Napi::CallbackInfo& info) {
  auto evaluator = evaluatorOf(info);
  auto left = ciphertextAt(info, 1);
  auto right = ciphertextAt(info, 2);
  return run(
      info.Env(), [=] { return evaluator->add(*left, *right); }, wrapCiphertext);
}

// multiplyPlain(evaluator, ciphertext, real, imaginary | undefined): Promise<ciphertext>
Napi::Value multiplyPlain(const Napi::CallbackInfo& info) {
  auto evaluator = evaluatorOf(info);
  auto input = ciphertextAt(info, 1);
  auto real = argument<std::vector<double>>(info, 2, "real");
  auto imaginary = info[3].IsUndefined() ? std::vector<double>() : argument<std::vector<double>>(info, 3, "imaginary");
  return run(
      info.Env(),
      [=, real = std::move(real), imaginary = std::move(imaginary)] {
        return evaluator->multiplyPlain(*input, real, imaginary);
      },
      wrapCiphertext);
}

// rotate(evaluator, ciphertext, step): Promise<ciphertext>
Napi::Value rotate(const Napi::CallbackInfo& info) {
  auto evaluator = evaluatorOf(info);
  auto input = ciphertextAt(info, 1);
  const auto step = argument<long>(info, 2, "step");
  return run(
      info.Env(), [=] { return evaluator->rotate(*input, step); }, wrapCiphertext);
}

// dropToLevel(evaluator, ciphertext, level): Promise<ciphertext>
Napi::Value dropToLevel(const Napi::CallbackInfo& info) {
  auto evaluator = evaluatorOf(info);
  auto input = ciphertextAt(info, 1);
  const auto level = argument<int>(info, 2, "level");
  return run(
      info.Env(), [=] { return evaluator->dropToLevel(*input, level); }, wrapCiphertext);
}

// readCiphertext(evaluator, bytes): Promise<ciphertext>
Napi::Value readCiphertext(const Napi::CallbackInfo& info) {
  auto evaluator = evaluatorOf(info);
  auto bytes = argument<std::vector<std::uint8_t>>(info, 1, "bytes");
  return run(
      info.Env(), [evaluator, bytes = std::move(bytes)] { return evaluator->read(bytes); }, wrapCiphertext);
}

// writeCiphertext(evaluator, ciphertext): Promise<Uint8Array>
Napi::Value writeCiphertext(const Napi::CallbackInfo& info) {
  auto evaluator = evaluatorOf(info);
  auto input = ciphertextAt(info, 1);
  return run(
      info.Env(), [=] { return evaluator->write(*input); }, wrapBytes);
}

// writeResult(evaluator, ciphertext): Promise<Uint8Array>, in the result ring
Napi::Value writeResult(const Napi::CallbackInfo& info) {
  auto evaluator = evaluatorOf(info);
  auto input = ciphertextAt(info, 1);
  return run(
      info.Env(), [=] { return evaluator->writeResult(*input); }, wrapBytes);
}

}  // namespace

void exportEvaluator(Napi::Env env, Napi::Object exports) {
  exports.Set("createKeys", Napi::Function::New<guarded<createKeys>>(env));
  exports.Set("addKey", Napi::Function::New<guarded<addKey>>(env));
  exports.Set("createEvaluator", Napi::Function::New<guarded<createEvaluator>>(env));
  exports.Set("encodeLinear", Napi::Function::New<guarded<encodeLinear>>(env));
  exports.Set("linear", Napi::Function::New<guarded<linear>>(env));
  exports.Set("square", Napi::Function::New<guarded<square>>(env));
  exports.Set("polynomial", Napi::Function::New<guarded<polynomial>>(env));
  exports.Set("add", Napi::Function::New<guarded<add>>(env));
  exports.Set("multiplyPlain", Napi::Function::New<guarded<multiplyPlain>>(env));
  exports.Set("rotate", Napi::Function::New<guarded<rotate>>(env));
  exports.Set("dropToLevel", Napi::Function::New<guarded<dropToLevel>>(env));
  exports.Set("readCiphertext", Napi::Function::New<guarded<readCiphertext>>(env));
  exports.Set("writeCiphertext", Napi::Function::New<guarded<writeCiphertext>>(env));
  exports.Set("writeResult", Napi::Function::New<guarded<writeResult>>(env));
}

}  // namespace ckks_addon
