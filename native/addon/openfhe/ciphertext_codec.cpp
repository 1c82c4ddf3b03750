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

std::vector<uint8_t> writeCiphertext(const Context& context, const Ciphertext& ciphertext, const std::string& keyTag) {
  const Ciphertext rescaled = rescale(context, ciphertext);
  MemoryWriter writer;
  writer.number(kMagic);
  writer.number(context.ringDimension());
  writer.number(context.slots());
  writer.text(keyTag);
  writer.number(levelOf(rescaled));
  writer.real(rescaled->GetScalingFactor());
  for (const Poly& poly : rescaled->GetElements()) writer.residues(poly);
  return writer.data();
}

Ciphertext readCiphertext(const Context& context, const std::vector<uint8_t>& payload, const std::string& keyTag,
                          const std::string& holder) {
  MemoryReader reader(payload, "ciphertext", "ERR_CIPHERTEXT");
  if (reader.number() != kMagic) reader.fail("it was not written by the openfhe engine");
  const uint64_t ringDimension = reader.number();
  const uint64_t slots = reader.number();
  if (ringDimension != context.ringDimension() || slots != context.slots()) {
    throw addon_support::CodedError(
        "ERR_KEY_MISMATCH", "ciphertext: expected ring dimension " + std::to_string(context.ringDimension()) + " and " +
                                std::to_string(context.slots()) + " slots, found " + std::to_string(ringDimension) +
                                " and " + std::to_string(slots));
  }
  if (reader.text() != keyTag) {
    throw addon_support::CodedError("ERR_KEY_MISMATCH", "ciphertext: it was encrypted under another key set");
  }
  const uint64_t level = reader.number();
  if (level > context.depth()) reader.fail("its level is above the profile's");
  const double scale = reader.real();
  const double expected = context.scale(static_cast<uint32_t>(level));
  if (!(std::abs(scale / expected - 1) < kScaleTolerance)) reader.fail("its scale is not the profile's");

  const auto params = context.paramsQ(static_cast<uint32_t>(level));
  auto result =
      std::make_shared<lbcrypto::CiphertextImpl<Poly>>(context.crypto(), holder, lbcrypto::CKKS_PACKED_ENCODING);
  Poly first = reader.residues(params);
  Poly second = reader.residues(params);
  reader.end();
  result->SetElements({std::move(first), std::move(second)});
  result->SetLevel(context.depth() - level);
  result->SetNoiseScaleDeg(1);
  result->SetScalingFactor(scale);
  result->SetSlots(context.slots());
  return result;
}

}  // namespace openfhe_addon
