#include "ckks/client/public_encryption.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "ckks/io/ciphertext_codec.h"
#include "ckks/ring/kernels.h"
#include "support/error_kind.h"
#include "support/noise.h"
#include "support/party.h"

namespace ckks {
namespace {

class PublicEncryptionTest : public testing::Test {
 protected:
  static constexpr int kKeyLevel = 3;

  void SetUp() override {
    const std::string path = party_.folder().path("public");
    party_.generator().publicKey(path, kKeyLevel);
    key_ = std::make_shared<const PublicKey>(party_.parameters(), File::openForReading(path));
  }

  [[nodiscard]] PublicEncryption encryption() const { return PublicEncryption(key_); }
  [[nodiscard]] Ciphertext encrypt(const SlotVector& slots, int level, double scale) const {
    return readCiphertext(*party_.parameters(), party_.secret()->id(),
                          encryption().encrypt(slots.real, slots.imaginary, level, scale));
  }

  Party party_{testLiteral(2048, 4, 5)};
  std::shared_ptr<const PublicKey> key_;
  std::mt19937_64 generator_{1};
};

TEST_F(PublicEncryptionTest, NoiseIsAsPredictedAtEveryLevelOfTheKey) {
  const NoiseModel model(*party_.parameters());
  for (int level = 0; level <= kKeyLevel; ++level) {
    SCOPED_TRACE(level);
    const double scale = std::exp2(30);
    const SlotVector slots = randomSlots(party_.slots(), 4, generator_);
    const SlotVector decrypted =
        party_.client().decrypt(encryption().encrypt(slots.real, slots.imaginary, level, scale));
    const double measured = rootMeanSquareError(decrypted, complexOf(slots));
    EXPECT_NEAR(std::log2(measured), std::log2(std::sqrt(model.freshPublic()) / scale), 0.25);
  }
}

TEST_F(PublicEncryptionTest, EncryptionsOfTheSameSlotsShareNothing) {
  const SlotVector slots = randomSlots(party_.slots(), 1, generator_);
  const Ciphertext first = encrypt(slots, 1, 0x1p30);
  const Ciphertext second = encrypt(slots, 1, 0x1p30);
  EXPECT_FALSE(sameBits(first.c0, second.c0));
  EXPECT_FALSE(sameBits(first.c1, second.c1));
}

// Without the errors, c1 / a would be the same small mask modulo every prime, and give the message away.
TEST_F(PublicEncryptionTest, BothPolynomialsCarryErrorsOfTheirOwn) {
  const std::vector<std::int64_t> zero(2048);
  const Seed seed = Seed::fromSystem();
  const Ciphertext ciphertext = encryptPolynomial(*key_, zero, 1, 1, seed);
  const auto ternaryIsMaskOf = [&](const LimbMatrix& polynomial, const LimbMatrix& keyHalf) {
    const Modulus& modulus = party_.parameters()->modulus(0);
    AlignedWords quotient(2048);
    for (std::size_t i = 0; i < 2048; ++i) {
      quotient[i] = modulus.multiply(polynomial.limb(0)[i], modulus.inverse(keyHalf.limb(0)[i]));
    }
    kernels().inverseNtt(quotient.data(), party_.parameters()->table(0));
    std::size_t small = 0;
    for (std::size_t i = 0; i < 2048; ++i) small += quotient[i] <= 1 || quotient[i] == modulus.value - 1 ? 1 : 0;
    return small > 2048 / 2;
  };
  EXPECT_FALSE(ternaryIsMaskOf(ciphertext.c1, key_->a()));
  EXPECT_FALSE(ternaryIsMaskOf(ciphertext.c0, key_->b()));
}

TEST_F(PublicEncryptionTest, RandomnessFollowsFromTheSeedAlone) {
  std::vector<std::int64_t> message(2048, 12345);
  const Seed seed = Seed::fromSystem();
  EXPECT_TRUE(sameBits(encryptPolynomial(*key_, message, 2, 1, seed), encryptPolynomial(*key_, message, 2, 1, seed)));
}

TEST_F(PublicEncryptionTest, AnEmptyImaginaryPartIsZero) {
  const SlotVector slots = randomRealSlots(party_.slots(), 1, generator_);
  const SlotVector decrypted = party_.client().decrypt(encryption().encrypt(slots.real, {}, 1, 0x1p40));
  EXPECT_LT(rootMeanSquareError(decrypted, complexOf(slots)), std::exp2(-24));
}

TEST_F(PublicEncryptionTest, OnlyTheOwnerOfTheKeyDecrypts) {
  const std::vector<double> slots(party_.slots(), 1.0);
  const Client other(std::make_shared<const SecretKey>(party_.parameters(), Seed::fromSystem()));
  EXPECT_EQ(errorKindOf([&] { (void)other.decrypt(encryption().encrypt(slots, {}, 1, 0x1p30)); }),
            ErrorKind::kKeyMismatch);
}

TEST_F(PublicEncryptionTest, RefusesWrongInput) {
  const PublicEncryption encryption = this->encryption();
  const std::vector<double> slots(party_.slots(), 1.0);
  const std::vector<double> tooFew(party_.slots() - 1, 1.0);
  const std::vector<double> notANumber(party_.slots(), std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(errorKindOf([&] { (void)encryption.encrypt(slots, {}, kKeyLevel + 1, 0x1p30); }),
            ErrorKind::kLevelExhausted);
  EXPECT_EQ(errorKindOf([&] { (void)encryption.encrypt(slots, {}, -1, 0x1p30); }), ErrorKind::kLevelExhausted);
  EXPECT_EQ(errorKindOf([&] { (void)encryption.encrypt(tooFew, {}, 1, 0x1p30); }), ErrorKind::kInvalidParameter);
  EXPECT_EQ(errorKindOf([&] { (void)encryption.encrypt(slots, {}, 1, 0x1p62); }), ErrorKind::kRange);
  EXPECT_EQ(errorKindOf([&] { (void)encryption.encrypt(notANumber, {}, 1, 0x1p30); }), ErrorKind::kRange);
}

}  // namespace
}  // namespace ckks
