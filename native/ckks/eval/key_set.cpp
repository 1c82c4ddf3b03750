#include "ckks/eval/key_set.h"

#include "ckks/client/key_generator.h"
#include "ckks/error.h"

namespace ckks {

KeySet::KeySet(std::shared_ptr<const Parameters> parameters) : parameters_(std::move(parameters)) {}

const KeyFile& KeySet::add(File opened) {
  KeyFile file(parameters_, std::move(opened));
  if (!keys_.empty() && file.header().keyId != id()) {
    throw Error(ErrorKind::kKeyMismatch, file.path() + ": belongs to another secret key than the keys beside it");
  }
  const KeyHeader& header = file.header();
  Automorphism automorphism(parameters_->ringDimension(), header.galoisElement);
  const auto name = std::pair(header.kind, header.galoisElement);
  auto key = std::make_unique<EvaluationKey>(EvaluationKey{std::move(file), std::move(automorphism)});
  return (keys_[name] = std::move(key))->file;
}

const KeyId& KeySet::id() const {
  if (keys_.empty()) throw Error(ErrorKind::kKeyMissing, "no evaluation keys are loaded");
  return keys_.begin()->second->file.header().keyId;
}

const EvaluationKey& KeySet::find(KeyKind kind, Word galoisElement, int level, const std::string& what) const {
  const auto found = keys_.find({kind, galoisElement});
  if (found == keys_.end()) throw Error(ErrorKind::kKeyMissing, "missing key: " + what);
  const int keyLevel = found->second->file.header().level;
  if (keyLevel < level) {
    throw Error(ErrorKind::kKeyMissing, "missing key: " + what + " at level " + std::to_string(level) +
                                            "; the one at hand reaches level " + std::to_string(keyLevel));
  }
  return *found->second;
}

const EvaluationKey& KeySet::relinearization(int level) const {
  return find(KeyKind::kRelinearization, 1, level, "relinearization");
}

const EvaluationKey& KeySet::rotation(long step, int level) const {
  return find(KeyKind::kRotation, rotationElement(parameters_->ringDimension(), step), level,
              "rotation by " + std::to_string(step));
}

const EvaluationKey& KeySet::conjugation(int level) const {
  return find(KeyKind::kRotation, 2 * parameters_->ringDimension() - 1, level, "conjugation");
}

const EvaluationKey& KeySet::ringSwitch() const { return find(KeyKind::kRingSwitch, 1, 0, "ring switch"); }

}  // namespace ckks
