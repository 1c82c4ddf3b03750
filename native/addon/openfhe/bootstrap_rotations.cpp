#include "bootstrap_rotations.h"

#include <algorithm>
#include <map>
#include <string>

#include "scheme/ckksrns/ckksrns-utils.h"

namespace openfhe_addon {
namespace {

using lbcrypto::ReduceRotation;

// CoeffsToSlots begins at the top; SlotsToCoeffs ends at the profile's levels, and so begins its own budget above them.
// The margin allows for rescalings that OpenFHE puts off.
constexpr uint32_t kLevelMargin = 2;

// Rotations and the highest level at which each is used.
class Rotations {
 public:
  Rotations(uint32_t slots, uint32_t full) : slots_(slots), full_(full) {}

  void add(uint32_t rotation, uint32_t level) {
    if (rotation == 0 || rotation == full_) return;
    uint32_t& highest = levels_[rotation];
    highest = std::max(highest, level);
  }

  // One collapsed layer: baby steps around zero, then giant steps. CoeffsToSlots reduces its baby steps by the slots.
  void addLayer(int32_t rotationCount, int32_t babyCount, int32_t giantCount, int32_t unit, bool encoding,
                uint32_t level) {
    const int32_t first = 1 - (rotationCount + 1) / 2;
    for (int32_t j = first; j < giantCount + first; ++j) {
      add(ReduceRotation(j * unit, encoding ? slots_ : full_), level);
    }
    for (int32_t i = 0; i < babyCount; ++i) add(ReduceRotation(giantCount * i * unit, full_), level);
  }

  const std::map<uint32_t, uint32_t>& levels() const { return levels_; }

 private:
  uint32_t slots_;
  uint32_t full_;
  std::map<uint32_t, uint32_t> levels_;
};

}  // namespace

std::vector<BootstrapAutomorphism> bootstrapAutomorphisms(const Context& context) {
  using namespace lbcrypto::CKKS_BOOT_PARAMS;
  const uint32_t slots = context.slots();
  const uint32_t full = context.ringDimension() / 2;
  const auto& budget = context.bootstrapLevelBudget();
  const auto encode = lbcrypto::GetCollapsedFFTParams(slots, budget[0], 0);
  const auto decode = lbcrypto::GetCollapsedFFTParams(slots, budget[1], 0);
  const uint32_t top = context.depth();
  const uint32_t decodeLevel = std::min(top, context.levels() + budget[1] + kLevelMargin);
  Rotations rotations(slots, full);

  const int32_t encodeRest = encode[LAYERS_REM] == 0 ? 0 : 1;
  for (int32_t layer = encode[LEVEL_BUDGET] - 1; layer >= encodeRest; --layer) {
    const int32_t unit = 1 << ((layer - encodeRest) * encode[LAYERS_COLL] + encode[LAYERS_REM]);
    rotations.addLayer(encode[NUM_ROTATIONS], encode[BABY_STEP], encode[GIANT_STEP], unit, true, top);
  }
  if (encodeRest != 0) {
    rotations.addLayer(encode[NUM_ROTATIONS_REM], encode[BABY_STEP_REM], encode[GIANT_STEP_REM], 1, true, top);
  }

  const int32_t decodeRest = decode[LAYERS_REM] == 0 ? 0 : 1;
  for (int32_t layer = 0; layer < decode[LEVEL_BUDGET] - decodeRest; ++layer) {
    const int32_t unit = 1 << (layer * decode[LAYERS_COLL]);
    rotations.addLayer(decode[NUM_ROTATIONS], decode[BABY_STEP], decode[GIANT_STEP], unit, false, decodeLevel);
  }
  if (decodeRest != 0) {
    const int32_t unit = 1 << ((decode[LEVEL_BUDGET] - decodeRest) * decode[LAYERS_COLL]);
    rotations.addLayer(decode[NUM_ROTATIONS_REM], decode[BABY_STEP_REM], decode[GIANT_STEP_REM], unit, false,
                       decodeLevel);
  }

  // Fewer slots than the ring has: the packed values are summed over their copies, first of all.
  for (uint32_t copies = 1; copies < full / slots; copies <<= 1) rotations.add(copies * slots, top);

  const uint32_t order = 2 * context.ringDimension();
  std::vector<BootstrapAutomorphism> result{{order - 1, top}};
  for (const auto& [rotation, level] : rotations.levels()) {
    result.push_back({lbcrypto::FindAutomorphismIndex2nComplex(static_cast<int32_t>(rotation), order), level});
  }
  std::sort(result.begin(), result.end(), [](const auto& left, const auto& right) { return left.index < right.index; });
  return result;
}

std::vector<uint32_t> libraryBootstrapAutomorphisms(const Context& context) {
  using Crypto = lbcrypto::CryptoContextImpl<Poly>;
  const auto keys = context.crypto()->KeyGen();
  context.crypto()->EvalBootstrapSetup(context.bootstrapLevelBudget(), {0, 0}, context.slots(), 0, false);
  context.crypto()->EvalBootstrapKeyGen(keys.secretKey, context.slots());
  const std::string tag = keys.secretKey->GetKeyTag();
  std::vector<uint32_t> result;
  for (const auto& [automorphism, key] : Crypto::GetEvalAutomorphismKeyMap(tag)) result.push_back(automorphism);
  Crypto::ClearEvalAutomorphismKeys(tag);
  Crypto::ClearEvalMultKeys(tag);
  return result;
}

}  // namespace openfhe_addon
