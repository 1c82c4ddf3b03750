#include "ckks/client/client.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "ckks/io/ciphertext_codec.h"
#include "support/error_kind.h"
#include "support/noise.h"
#include "support/party.h"

namespace ckks {
namespace {

class ClientTest : public testing::Test {
 protected:
  Party party_{testLiteral(2048, 4, 5)};
  std::mt19937_64 generator_{1};
};

TEST_F(ClientTest, FreshNoiseIsAsPredictedAtEveryLevel) {
  const NoiseModel model(*party_.parameters());
  for (int level = 0; level <= 4; ++level) {
    SCOPED_TRACE(level);
    const double scale = std::exp2(30);
    const SlotVector slots = randomSlots(party_.slots(), 4, generator_);
    const SlotVector decrypted =
        party_.client().decrypt(party_.client().encrypt(slots.real, slots.imaginary, level, scale));
    const double measured = rootMeanSquareError(decrypted, complexOf(slots));
    EXPECT_NEAR(std::log2(measured), std::log2(std::sqrt(model.fresh()) / scale), 0.25);
  }
}

TEST_F(ClientTest, TwoPrimesHoldMessagesThatOneDoesNot) {
  // 2^56 is above q_0 = 2^50 and below q_0 q_1.
  const double scale = std::exp2(56);
  const SlotVector slots = randomSlots(party_.slots(), 1, generator_);
  const SlotVector decrypted = party_.client().decrypt(party_.client().encrypt(slots.real, slots.imaginary, 2, scale));
  EXPECT_LT(rootMeanSquareError(decrypted, complexOf(slots)), std::exp2(-46));
}

TEST_F(ClientTest, EncryptionsOfTheSameSlotsShareNothing) {
  const SlotVector slots = randomSlots(party_.slots(), 1, generator_);
  const Ciphertext first = party_.encrypt(slots, 1, 0x1p30);
  const Ciphertext second = party_.encrypt(slots, 1, 0x1p30);
  EXPECT_FALSE(sameBits(first.c0, second.c0));
  EXPECT_FALSE(sameBits(first.c1, second.c1));
}

TEST_F(ClientTest, AnEmptyImaginaryPartIsZero) {
  const SlotVector slots = randomRealSlots(party_.slots(), 1, generator_);
  const SlotVector decrypted = party_.client().decrypt(party_.client().encrypt(slots.real, {}, 1, 0x1p40));
  EXPECT_LT(rootMeanSquareError(decrypted, complexOf(slots)), std::exp2(-30));
}

TEST_F(ClientTest, RefusesWrongInput) {
  const Client& client = party_.client();
  const std::vector<double> slots(party_.slots(), 1.0);
  const std::vector<double> tooFew(party_.slots() - 1, 1.0);
  const std::vector<double> notANumber(party_.slots(), std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(errorKindOf([&] { (void)client.encrypt(slots, {}, 5, 0x1p30); }), ErrorKind::kLevelExhausted);
  EXPECT_EQ(errorKindOf([&] { (void)client.encrypt(slots, {}, -1, 0x1p30); }), ErrorKind::kLevelExhausted);
  EXPECT_EQ(errorKindOf([&] { (void)client.encrypt(tooFew, {}, 1, 0x1p30); }), ErrorKind::kInvalidParameter);
  EXPECT_EQ(errorKindOf([&] { (void)client.encrypt(slots, {}, 1, 0x1p62); }), ErrorKind::kRange);
  EXPECT_EQ(errorKindOf([&] { (void)client.encrypt(notANumber, {}, 1, 0x1p30); }), ErrorKind::kRange);
}

TEST_F(ClientTest, RefusesCiphertextsOfOtherSecretsAndParameters) {
  const std::vector<double> slots(party_.slots(), 1.0);
  const std::vector<std::uint8_t> bytes = party_.client().encrypt(slots, {}, 1, 0x1p30);
  const Client otherSecret(std::make_shared<const SecretKey>(party_.parameters(), Seed::fromSystem()));
  EXPECT_EQ(errorKindOf([&] { (void)otherSecret.decrypt(bytes); }), ErrorKind::kKeyMismatch);
  const Party otherParameters(testLiteral(2048, 3, 4));
  EXPECT_EQ(errorKindOf([&] { (void)otherParameters.client().decrypt(bytes); }), ErrorKind::kKeyMismatch);
}

TEST_F(ClientTest, TheSecretFollowsFromItsSeed) {
  const SecretKey again(party_.parameters(), party_.secret()->seed());
  EXPECT_TRUE(sameBits(again.main(), party_.secret()->main()));
  EXPECT_EQ(again.id(), party_.secret()->id());
  EXPECT_TRUE(std::ranges::equal(again.result(), party_.secret()->result()));
}

}  // namespace
}  // namespace ckks
