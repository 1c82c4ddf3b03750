#include "ckks/io/ciphertext_codec.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "support/error_kind.h"
#include "support/party.h"
#include "support/sealed_bytes.h"

namespace ckks {
namespace {

using Layout = CiphertextLayout;

class CiphertextCodecTest : public testing::Test {
 protected:
  static constexpr int kLevel = 1;
  static constexpr double kScale = 0x1p30;

  static void SetUpTestSuite() {
    party_ = std::make_unique<Party>(testLiteral(1024, 2, 3));
    std::mt19937_64 generator(1);
    const SlotVector slots = randomSlots(party_->slots(), 1, generator);
    seeded_ = party_->client().encrypt(slots.real, slots.imaginary, kLevel, kScale);
    full_ = writeCiphertext(*party_->parameters(), party_->secret()->id(), read(seeded_));
    const std::size_t m = party_->parameters()->resultRingDimension();
    ResultCiphertext result{AlignedWords(m), AlignedWords(m), kScale};
    for (std::size_t i = 0; i < m; ++i) {
      result.c0[i] = generator() % party_->parameters()->modulus(0).value;
      result.c1[i] = generator() % party_->parameters()->modulus(0).value;
    }
    result_ = writeResult(*party_->parameters(), party_->secret()->id(), result);
  }
  static void TearDownTestSuite() { party_.reset(); }

  static Ciphertext read(const Bytes& bytes) {
    return readCiphertext(*party_->parameters(), party_->secret()->id(), bytes);
  }
  static ResultCiphertext readAsResult(const Bytes& bytes) {
    return readResult(*party_->parameters(), party_->secret()->id(), bytes);
  }
  /// Failure of the reader for the form that the bytes had before the damage.
  static std::optional<ErrorKind> failure(const Bytes& original, const Bytes& damaged) {
    return errorKindOf([&] {
      if (&original == &result_) {
        (void)readAsResult(damaged);
      } else {
        (void)read(damaged);
      }
    });
  }
  template <typename Value>
  static std::optional<ErrorKind> failureWithField(const Bytes& original, std::size_t offset, const Value& value) {
    Bytes damaged = original;
    putAt(damaged, offset, value);
    return failure(original, damaged);
  }
  static std::vector<const Bytes*> forms() { return {&seeded_, &full_, &result_}; }

  static inline std::unique_ptr<Party> party_;
  static inline Bytes seeded_;
  static inline Bytes full_;
  static inline Bytes result_;
};

TEST_F(CiphertextCodecTest, RoundTripsAreExact) {
  const Ciphertext fromSeeded = read(seeded_);
  const Ciphertext fromFull = read(full_);
  EXPECT_EQ(fromSeeded.level, kLevel);
  EXPECT_EQ(fromSeeded.scale, kScale);
  EXPECT_TRUE(sameBits(fromSeeded, fromFull));
  EXPECT_EQ(writeCiphertext(*party_->parameters(), party_->secret()->id(), fromFull), full_);
  EXPECT_EQ(writeResult(*party_->parameters(), party_->secret()->id(), readAsResult(result_)), result_);
}

TEST_F(CiphertextCodecTest, SizesAreThoseOfThePackedResidues) {
  const std::size_t polynomial = 1024 * (50 + 41) / 8;
  EXPECT_EQ(seeded_.size(), Layout::kPayload + Seed::kBytes + polynomial);
  EXPECT_EQ(full_.size(), Layout::kPayload + 2 * polynomial);
  EXPECT_EQ(result_.size(), Layout::kPayload + 2 * 256 * 50 / 8);
}

TEST_F(CiphertextCodecTest, TellsResultsFromCiphertexts) {
  EXPECT_FALSE(isResult(seeded_));
  EXPECT_FALSE(isResult(full_));
  EXPECT_TRUE(isResult(result_));
  EXPECT_FALSE(isResult({}));
  EXPECT_EQ(errorKindOf([&] { (void)read(result_); }), ErrorKind::kCiphertext);
  EXPECT_EQ(errorKindOf([&] { (void)readAsResult(full_); }), ErrorKind::kCiphertext);
}

TEST_F(CiphertextCodecTest, DamageToTheHeaderIsRefused) {
  for (const Bytes* form : forms()) {
    for (std::size_t at = 0; at < Layout::kLevel; ++at) {
      Bytes damaged = *form;
      damaged[at] = static_cast<std::uint8_t>(damaged[at] ^ 0x40);
      EXPECT_EQ(failure(*form, damaged), ErrorKind::kCiphertext) << "byte " << at;
    }
    for (std::size_t at = Layout::kKeyId; at < Layout::kPayload; ++at) {
      Bytes damaged = *form;
      damaged[at] = static_cast<std::uint8_t>(damaged[at] ^ 0x01);
      EXPECT_EQ(failure(*form, damaged), ErrorKind::kKeyMismatch) << "byte " << at;
    }
  }
}

TEST_F(CiphertextCodecTest, ImpossibleFieldsAreRefused) {
  for (const Bytes* form : forms()) {
    for (const std::uint32_t kind : {0u, 4u, 0xffffffffu}) {
      EXPECT_EQ(failureWithField(*form, Layout::kForm, kind), ErrorKind::kCiphertext) << "form " << kind;
    }
    // Other levels than its own give other lengths, or none at all.
    for (const std::uint32_t level : {2u, 3u, 0x7fffffffu, 0xffffffffu}) {
      EXPECT_EQ(failureWithField(*form, Layout::kLevel, level), ErrorKind::kCiphertext) << "level " << level;
    }
    for (const double scale :
         {0.0, -1.0, 0.5, 0x1p120, std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
      EXPECT_EQ(failureWithField(*form, Layout::kScale, scale), ErrorKind::kCiphertext) << "scale " << scale;
    }
  }
  EXPECT_EQ(failureWithField(seeded_, Layout::kLevel, std::uint32_t{0}), ErrorKind::kCiphertext);
  EXPECT_EQ(failureWithField(seeded_, Layout::kForm, std::uint32_t{2}), ErrorKind::kCiphertext);
  EXPECT_EQ(failureWithField(full_, Layout::kForm, std::uint32_t{1}), ErrorKind::kCiphertext);
}

TEST_F(CiphertextCodecTest, RefusesEveryOtherLength) {
  for (const Bytes* form : forms()) {
    std::vector<std::size_t> lengths = {form->size() / 3, form->size() / 2, form->size() - 1};
    for (std::size_t length = 0; length <= Layout::kPayload + Seed::kBytes; ++length) lengths.push_back(length);
    for (const std::size_t length : lengths) {
      EXPECT_EQ(failure(*form, Bytes(form->begin(), form->begin() + static_cast<std::ptrdiff_t>(length))),
                ErrorKind::kCiphertext)
          << length;
    }
    Bytes longer = *form;
    longer.push_back(0);
    EXPECT_EQ(failure(*form, longer), ErrorKind::kCiphertext);
  }
}

TEST_F(CiphertextCodecTest, ResiduesNotBelowTheirPrimeAreRefused) {
  // The last residue of each form, all ones.
  for (const Bytes* form : forms()) {
    Bytes damaged = *form;
    std::fill(damaged.end() - 7, damaged.end(), std::uint8_t{0xff});
    EXPECT_EQ(failure(*form, damaged), ErrorKind::kCiphertext);
  }
  // The prime itself, as the first residue of c0 (q_0 has 50 bits; the two above belong to the next residue).
  const Word prime = party_->parameters()->modulus(0).value;
  Word word = 0;
  std::memcpy(&word, full_.data() + Layout::kPayload, sizeof word);
  word = (word >> 50 << 50) | prime;
  EXPECT_EQ(failureWithField(full_, Layout::kPayload, word), ErrorKind::kCiphertext);
  EXPECT_EQ(failureWithField(full_, Layout::kPayload, word - 1), std::nullopt);
}

TEST_F(CiphertextCodecTest, RefusesOtherSecretsAndParameters) {
  const KeyId otherId{};
  EXPECT_EQ(errorKindOf([&] { (void)readCiphertext(*party_->parameters(), otherId, full_); }), ErrorKind::kKeyMismatch);
  const Party other(testLiteral(1024, 2, 2));
  EXPECT_EQ(errorKindOf([&] { (void)readCiphertext(*other.parameters(), party_->secret()->id(), full_); }),
            ErrorKind::kKeyMismatch);
}

}  // namespace
}  // namespace ckks
