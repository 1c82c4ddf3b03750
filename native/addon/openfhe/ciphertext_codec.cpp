#include "ciphertext_codec.h"

#include <cmath>

#include "errors.h"
#include "evaluation.h"
#include "rns_stream.h"

namespace openfhe_addon {
namespace {

constexpr uint64_t kMagic = 0x314354454846504f;  // "OPFHETC1"
// Bootstrapping and polynomials leave scales a little off OpenFHE's table.
constexpr double kScaleTolerance = 0.01;

}  // namespace

std::vector<uint8_t> WriteCiphertext(const Context& context, const Ciphertext& ciphertext, const std::string& key_tag) {
  const Ciphertext rescaled = Rescaled(context, ciphertext);
  MemoryWriter writer;
  writer.Number(kMagic);
  writer.Number(context.ring_dimension());
  writer.Number(context.slots());
  writer.Text(key_tag);
  writer.Number(Level(rescaled));
  writer.Real(rescaled->GetScalingFactor());
  for (const Poly& poly : rescaled->GetElements()) writer.Residues(poly);
  return writer.data();
}

Ciphertext ReadCiphertext(const Context& context, const std::vector<uint8_t>& payload, const std::string& key_tag,
                          const std::string& holder) {
  MemoryReader reader(payload, "ciphertext", "ERR_CIPHERTEXT");
  if (reader.Number() != kMagic) reader.Fail("it was not written by the openfhe engine");
  const uint64_t ring_dimension = reader.Number();
  const uint64_t slots = reader.Number();
  if (ring_dimension != context.ring_dimension() || slots != context.slots()) {
    throw addon_support::CodedError("ERR_KEY_MISMATCH",
                                    "ciphertext: expected ring dimension " + std::to_string(context.ring_dimension()) +
                                        " and " + std::to_string(context.slots()) + " slots, found " +
                                        std::to_string(ring_dimension) + " and " + std::to_string(slots));
  }
  if (reader.Text() != key_tag) {
    throw addon_support::CodedError("ERR_KEY_MISMATCH", "ciphertext: it was encrypted under another key set");
  }
  const uint64_t level = reader.Number();
  if (level > context.depth()) reader.Fail("its level is above the profile's");
  const double scale = reader.Real();
  const double expected = context.Scale(static_cast<uint32_t>(level));
  if (!(std::abs(scale / expected - 1) < kScaleTolerance)) reader.Fail("its scale is not the profile's");

  const auto params = context.ParamsQ(static_cast<uint32_t>(level));
  auto result =
      std::make_shared<lbcrypto::CiphertextImpl<Poly>>(context.crypto(), holder, lbcrypto::CKKS_PACKED_ENCODING);
  Poly first = reader.Residues(params);
  Poly second = reader.Residues(params);
  reader.End();
  result->SetElements({std::move(first), std::move(second)});
  result->SetLevel(context.depth() - level);
  result->SetNoiseScaleDeg(1);
  result->SetScalingFactor(scale);
  result->SetSlots(context.slots());
  return result;
}

}  // namespace openfhe_addon
