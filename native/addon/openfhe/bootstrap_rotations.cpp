#include "bootstrap_rotations.h"

#include <set>

#include "scheme/ckksrns/ckksrns-utils.h"

namespace openfhe_addon {
namespace {

using lbcrypto::ReduceRotation;

// Rotations of one collapsed layer: baby steps around zero, then giant steps.
void AddLayer(std::set<uint32_t>& rotations, int32_t rotation_count, int32_t baby_steps, int32_t giant_steps,
              int32_t unit, uint32_t baby_modulus, uint32_t full) {
  const int32_t first = 1 - (rotation_count + 1) / 2;
  for (int32_t j = first; j < giant_steps + first; ++j) rotations.insert(ReduceRotation(j * unit, baby_modulus));
  for (int32_t i = 0; i < baby_steps; ++i) rotations.insert(ReduceRotation(giant_steps * i * unit, full));
}

}  // namespace

std::vector<uint32_t> BootstrapAutomorphisms(const Context& context) {
  using namespace lbcrypto::CKKS_BOOT_PARAMS;
  const uint32_t slots = context.slots();
  const uint32_t full = context.ring_dimension() / 2;
  const auto& budget = context.bootstrap_level_budget();
  const auto encode = lbcrypto::GetCollapsedFFTParams(slots, budget[0], 0);
  const auto decode = lbcrypto::GetCollapsedFFTParams(slots, budget[1], 0);
  std::set<uint32_t> rotations;

  const int32_t encode_rest = encode[LAYERS_REM] == 0 ? 0 : 1;
  for (int32_t layer = encode[LEVEL_BUDGET] - 1; layer >= encode_rest; --layer) {
    const int32_t unit = 1 << ((layer - encode_rest) * encode[LAYERS_COLL] + encode[LAYERS_REM]);
    AddLayer(rotations, encode[NUM_ROTATIONS], encode[BABY_STEP], encode[GIANT_STEP], unit, slots, full);
  }
  if (encode_rest != 0) {
    AddLayer(rotations, encode[NUM_ROTATIONS_REM], encode[BABY_STEP_REM], encode[GIANT_STEP_REM], 1, slots, full);
  }

  const int32_t decode_rest = decode[LAYERS_REM] == 0 ? 0 : 1;
  for (int32_t layer = 0; layer < decode[LEVEL_BUDGET] - decode_rest; ++layer) {
    const int32_t unit = 1 << (layer * decode[LAYERS_COLL]);
    AddLayer(rotations, decode[NUM_ROTATIONS], decode[BABY_STEP], decode[GIANT_STEP], unit, full, full);
  }
  if (decode_rest != 0) {
    const int32_t unit = 1 << ((decode[LEVEL_BUDGET] - decode_rest) * decode[LAYERS_COLL]);
    AddLayer(rotations, decode[NUM_ROTATIONS_REM], decode[BABY_STEP_REM], decode[GIANT_STEP_REM], unit, full, full);
  }

  // Fewer slots than the ring has: the packed values are summed over their copies.
  for (uint32_t copies = 1; copies < full / slots; copies <<= 1) rotations.insert(copies * slots);
  rotations.erase(0);
  rotations.erase(full);

  const uint32_t order = 2 * context.ring_dimension();
  std::set<uint32_t> automorphisms{order - 1};
  for (const uint32_t rotation : rotations) {
    automorphisms.insert(lbcrypto::FindAutomorphismIndex2nComplex(static_cast<int32_t>(rotation), order));
  }
  return {automorphisms.begin(), automorphisms.end()};
}

std::vector<uint32_t> LibraryBootstrapAutomorphisms(const Context& context) {
  using Crypto = lbcrypto::CryptoContextImpl<Poly>;
  const auto keys = context.crypto()->KeyGen();
  context.crypto()->EvalBootstrapSetup(context.bootstrap_level_budget(), {0, 0}, context.slots(), 0, false);
  context.crypto()->EvalBootstrapKeyGen(keys.secretKey, context.slots());
  const std::string tag = keys.secretKey->GetKeyTag();
  std::vector<uint32_t> result;
  for (const auto& [automorphism, key] : Crypto::GetEvalAutomorphismKeyMap(tag)) result.push_back(automorphism);
  Crypto::ClearEvalAutomorphismKeys(tag);
  Crypto::ClearEvalMultKeys(tag);
  return result;
}

}  // namespace openfhe_addon
