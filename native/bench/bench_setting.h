#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "ckks/client/client.h"
#include "ckks/client/key_generator.h"
#include "ckks/eval/evaluator.h"
#include "support/temporary_folder.h"

namespace ckks {

/// Scale of activations and of their squares, as in the fast profile.
inline constexpr double kActivationScale = 0x1p24;
inline constexpr double kSquareScale = kActivationScale * kActivationScale;

/// At N = 2^16 the fast profile's chain; in smaller rings the longest chain of its proportions within the security cap.
/// A first prime of 50 bits, scaling primes of 41, special primes of 50 for one digit at every level.
[[nodiscard]] ParameterLiteral benchLiteral(int logDimension);

/// Secret, keys and ciphertexts in one ring. Keys are made for the top level when they are first needed, in a temporary
/// folder.
class BenchSetting {
 public:
  explicit BenchSetting(int logDimension);

  /// The one in use; another ring replaces it, so that only one's keys are held.
  static BenchSetting& of(int logDimension);
  /// Gives up the one in use; to be called before the program ends.
  static void release() { current().reset(); }

  [[nodiscard]] const std::shared_ptr<const Parameters>& parameters() const { return parameters_; }
  [[nodiscard]] const Client& client() const { return client_; }
  [[nodiscard]] const KeyGenerator& generator() const { return generator_; }
  [[nodiscard]] const KeySet& keys() const { return *keys_; }
  [[nodiscard]] Evaluator& evaluator() { return evaluator_; }
  [[nodiscard]] std::string path(const std::string& name) const { return folder_.path(name); }

  void needRelinearization();
  void needRotations(const std::vector<long>& steps);
  void needKeysOf(const LinearDescription& description);

  /// Uniform values in [-1, 1], real slots alone.
  [[nodiscard]] const std::vector<double>& slots() const { return slots_; }
  [[nodiscard]] Ciphertext encrypt(int level, double scale);

 private:
  static std::unique_ptr<BenchSetting>& current();
  void need(const std::string& name, const std::function<void(const std::string& path)>& make);

  TemporaryFolder folder_;
  std::shared_ptr<const Parameters> parameters_;
  std::shared_ptr<const SecretKey> secret_;
  Client client_;
  KeyGenerator generator_;
  std::shared_ptr<KeySet> keys_;
  Evaluator evaluator_;
  std::set<std::string> made_;
  std::vector<double> slots_;
};

enum class LinearMap : std::uint8_t {
  /// The 3 x 3 convolution of 16 channels in layout S: period 512, 189 offsets, 24 baby and 8 giant steps.
  kStageOneConvolution,
  /// 144 and 255 diagonals without a period: 16 baby steps and 9 or 16 giant steps.
  kDense144,
  kDense255,
};

/// A map of products of scale kSquareScale to kActivationScale, with uniform weights.
[[nodiscard]] LinearDescription describeLinearMap(LinearMap map, const Parameters& parameters, int level);

}  // namespace ckks
