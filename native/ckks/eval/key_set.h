#pragma once

#include <map>
#include <memory>
#include <string>

#include "ckks/io/key_file.h"
#include "ckks/ring/automorphism.h"

namespace ckks {

/** An evaluation key with the automorphism it undoes. */
struct EvaluationKey {
  KeyFile file;
  Automorphism automorphism;
};

/** The evaluation keys at hand. Residues stay on disk and are read where they are used. */
class KeySet {
 public:
  explicit KeySet(std::shared_ptr<const Parameters> parameters);

  /**
   * Takes a key's file and checks its header; all files must belong to one secret. Throws Error as KeyFile does, and
   * kKeyMismatch for a key of another secret. Returns the key, for verification.
   */
  const KeyFile& add(File file);

  /** Id of the secret that the keys belong to; Error(kKeyMissing) when there are none. */
  const KeyId& id() const;

  /** Throw Error(kKeyMissing) where there is no such key or it does not reach the level. */
  const EvaluationKey& relinearization(int level) const;
  const EvaluationKey& rotation(long step, int level) const;
  const EvaluationKey& conjugation(int level) const;
  const EvaluationKey& ringSwitch() const;

 private:
  const EvaluationKey& find(KeyKind kind, Word galoisElement, int level, const std::string& what) const;

  std::shared_ptr<const Parameters> parameters_;
  std::map<std::pair<KeyKind, Word>, std::unique_ptr<EvaluationKey>> keys_;
};

}  // namespace ckks
