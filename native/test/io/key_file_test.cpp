#include "ckks/io/key_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <functional>

#include "ckks/eval/key_set.h"
#include "support/error_kind.h"
#include "support/party.h"
#include "support/sealed_bytes.h"

namespace ckks {
namespace {

using Layout = KeyFileLayout;

class KeyFileTest : public testing::Test {
 protected:
  static constexpr int kLevel = 2;

  static void SetUpTestSuite() {
    party_ = std::make_unique<Party>(testLiteral(1024, 3, 2));
    path_ = party_->addRotation(3, kLevel).path();
    bytes_ = readBytes(path_);
  }
  static void TearDownTestSuite() { party_.reset(); }

  static std::optional<ErrorKind> openingFailure(const Bytes& bytes) {
    const std::string path = party_->folder().path("damaged");
    writeBytes(path, bytes);
    return errorKindOf([&] { KeyFile file(party_->parameters(), File::openForReading(path)); });
  }

  /// Opens the bytes, which must succeed, then reads all of them by verify().
  static std::optional<ErrorKind> verificationFailure(const Bytes& bytes) {
    const std::string path = party_->folder().path("damaged");
    writeBytes(path, bytes);
    const KeyFile file(party_->parameters(), File::openForReading(path));
    return errorKindOf([&] { file.verify(); });
  }

  /// The key with one field replaced, under a valid header hash.
  template <typename Value>
  static Bytes withField(std::size_t offset, const Value& value) {
    Bytes bytes = bytes_;
    putAt(bytes, offset, value);
    sealKeyFile(bytes, false);
    return bytes;
  }

  static inline std::unique_ptr<Party> party_;
  static inline std::string path_;
  static inline Bytes bytes_;
};

TEST_F(KeyFileTest, KeepsItsHeader) {
  const KeyFile file(party_->parameters(), File::openForReading(path_));
  EXPECT_EQ(file.header().kind, KeyKind::kRotation);
  EXPECT_EQ(file.header().keyId, party_->secret()->id());
  EXPECT_EQ(file.header().galoisElement, 125u);
  EXPECT_EQ(file.header().level, kLevel);
  EXPECT_EQ(file.header().digits, 2u);
  EXPECT_EQ(errorKindOf([&] { file.verify(); }), std::nullopt);
}

TEST_F(KeyFileTest, KeepsItsResidues) {
  const Parameters& parameters = *party_->parameters();
  const std::size_t n = parameters.ringDimension();
  const std::string path = party_->folder().path("written");
  KeyHeader header = KeyFile(party_->parameters(), File::openForReading(path_)).header();
  header.level = 0;
  header.digits = 1;
  header.specialPrimes = 1;
  std::mt19937_64 generator(1);
  LimbMatrix residues(2, n);
  const std::size_t limbs[] = {0, parameters.specialLimb(0)};
  KeyFileWriter writer(parameters, path, header);
  for (std::size_t row = 0; row < 2; ++row) {
    for (std::size_t i = 0; i < n; ++i) residues.limb(row)[i] = generator() % parameters.modulus(limbs[row]).value;
    residues.limb(row)[0] = parameters.modulus(limbs[row]).value - 1;
    residues.limb(row)[n - 1] = 0;
    writer.append(limbs[row], residues.limb(row));
  }
  writer.finish();

  const KeyFile file(party_->parameters(), File::openForReading(path));
  RandomStream stream(file.header().seed, KeyFile::kUniformDomain);
  constexpr std::size_t kBlockOf = 256;
  std::vector<std::uint8_t> scratch(KeyFile::scratchBytes(kBlockOf));
  AlignedWords first(kBlockOf);
  AlignedWords second(kBlockOf);
  for (std::size_t row = 0; row < 2; ++row) {
    for (std::size_t begin = 0; begin < n; begin += kBlockOf) {
      file.read(first.data(), second.data(), limbs[row], 0, begin, kBlockOf, stream, scratch);
      EXPECT_TRUE(std::equal(first.data(), first.data() + kBlockOf, residues.limb(row) + begin));
    }
  }
}

TEST_F(KeyFileTest, BlocksAreThePartsOfTheWhole) {
  const std::size_t n = party_->parameters()->ringDimension();
  const KeyFile file(party_->parameters(), File::openForReading(path_));
  RandomStream stream(file.header().seed, KeyFile::kUniformDomain);
  std::vector<std::uint8_t> scratch(KeyFile::scratchBytes(n));
  AlignedWords first(n);
  AlignedWords second(n);
  AlignedWords firstPart(128);
  AlignedWords secondPart(128);
  const std::size_t limb = party_->parameters()->specialLimb(1);
  file.read(first.data(), second.data(), limb, 1, 0, n, stream, scratch);
  for (std::size_t begin = 0; begin < n; begin += 128) {
    file.read(firstPart.data(), secondPart.data(), limb, 1, begin, 128, stream, scratch);
    EXPECT_TRUE(std::equal(firstPart.data(), firstPart.data() + 128, first.data() + begin));
    EXPECT_TRUE(std::equal(secondPart.data(), secondPart.data() + 128, second.data() + begin));
  }
}

TEST_F(KeyFileTest, OneReadingServesSeveralBlocks) {
  constexpr std::size_t kBegin = 128;
  constexpr std::size_t kWindow = 512;
  const KeyFile file(party_->parameters(), File::openForReading(path_));
  RandomStream stream(file.header().seed, KeyFile::kUniformDomain);
  std::vector<std::uint8_t> scratch(KeyFile::scratchBytes(kWindow));
  std::vector<std::uint8_t> packed(KeyFile::scratchBytes(kWindow));
  AlignedWords first(kWindow);
  AlignedWords second(kWindow);
  AlignedWords firstPart(128);
  AlignedWords secondPart(128);
  const std::size_t limb = party_->parameters()->specialLimb(1);
  file.read(first.data(), second.data(), limb, 1, kBegin, kWindow, stream, scratch);
  file.readPacked(packed, limb, 1, kBegin, kWindow);
  for (std::size_t at = 0; at < kWindow; at += 128) {
    file.expand(firstPart.data(), secondPart.data(), packed.data() + file.packedBytes(limb, at), limb, 1, kBegin + at,
                128, stream, scratch);
    EXPECT_TRUE(std::equal(firstPart.data(), firstPart.data() + 128, first.data() + at));
    EXPECT_TRUE(std::equal(secondPart.data(), secondPart.data() + 128, second.data() + at));
  }
}

TEST_F(KeyFileTest, RefusesLimbsThatTheKeyDoesNotHold) {
  const KeyFile file(party_->parameters(), File::openForReading(path_));
  RandomStream stream(file.header().seed, KeyFile::kUniformDomain);
  std::vector<std::uint8_t> scratch(KeyFile::scratchBytes(128));
  AlignedWords first(128);
  AlignedWords second(128);
  EXPECT_EQ(errorKindOf([&] { file.read(first.data(), second.data(), 3, 0, 0, 128, stream, scratch); }),
            ErrorKind::kKeyMissing);
}

TEST_F(KeyFileTest, DamageToAnyHeaderByteIsNoticed) {
  for (std::size_t at = 0; at < Layout::kPayload; ++at) {
    for (const int flip : {0x01, 0x80, 0xff}) {
      Bytes bytes = bytes_;
      bytes[at] = static_cast<std::uint8_t>(bytes[at] ^ flip);
      const bool version = at >= Layout::kFormat && at < Layout::kKind;
      EXPECT_EQ(openingFailure(bytes), version ? ErrorKind::kKeyVersion : ErrorKind::kKeyCorrupt) << "byte " << at;
    }
  }
}

TEST_F(KeyFileTest, ImpossibleFieldsUnderAValidSealAreRefused) {
  for (const std::uint32_t kind : {0u, 4u, 0xffffffffu}) {
    EXPECT_EQ(openingFailure(withField(Layout::kKind, kind)), ErrorKind::kKeyCorrupt) << "kind " << kind;
  }
  for (const std::uint64_t element : {std::uint64_t{0}, std::uint64_t{2}, std::uint64_t{2049}, ~std::uint64_t{0}}) {
    EXPECT_EQ(openingFailure(withField(Layout::kGaloisElement, element)), ErrorKind::kKeyCorrupt) << element;
  }
  for (const std::uint32_t level : {0u, 1u, 3u, 4u, 0x7fffffffu, 0xffffffffu}) {
    EXPECT_EQ(openingFailure(withField(Layout::kLevel, level)), ErrorKind::kKeyCorrupt) << "level " << level;
  }
  for (const std::uint32_t digits : {0u, 1u, 3u, 0xffffffffu}) {
    EXPECT_EQ(openingFailure(withField(Layout::kDigits, digits)), ErrorKind::kKeyCorrupt) << "digits " << digits;
  }
  for (const std::uint32_t count : {0u, 1u, 3u, 0xffffffffu}) {
    EXPECT_EQ(openingFailure(withField(Layout::kSpecialPrimes, count)), ErrorKind::kKeyCorrupt) << "specials " << count;
  }
}

TEST_F(KeyFileTest, RefusesOtherParameters) {
  EXPECT_EQ(openingFailure(withField(Layout::kParameterHash, Digest{})), ErrorKind::kKeyMismatch);
  const Party other(testLiteral(1024, 3, 3));
  EXPECT_EQ(errorKindOf([&] { KeyFile file(other.parameters(), File::openForReading(path_)); }),
            ErrorKind::kKeyMismatch);
}

TEST_F(KeyFileTest, RefusesEveryOtherLength) {
  for (const std::size_t length :
       {std::size_t{0}, std::size_t{7}, std::size_t{255}, std::size_t{256}, bytes_.size() / 2, bytes_.size() - 1}) {
    EXPECT_EQ(openingFailure(Bytes(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(length))),
              ErrorKind::kKeyCorrupt)
        << length;
  }
  Bytes longer = bytes_;
  longer.push_back(0);
  EXPECT_EQ(openingFailure(longer), ErrorKind::kKeyCorrupt);
}

TEST_F(KeyFileTest, VerificationNoticesAnyFlippedBit) {
  for (const std::size_t at : {Layout::kPayload, bytes_.size() / 2, bytes_.size() - 1}) {
    for (int bit = 0; bit < 8; ++bit) {
      Bytes bytes = bytes_;
      bytes[at] = static_cast<std::uint8_t>(bytes[at] ^ (1 << bit));
      EXPECT_EQ(verificationFailure(bytes), ErrorKind::kKeyCorrupt) << "byte " << at << ", bit " << bit;
    }
  }
}

TEST_F(KeyFileTest, VerificationComparesTheHash) {
  EXPECT_EQ(verificationFailure(withField(Layout::kPayloadHash, Digest{})), ErrorKind::kKeyCorrupt);
}

TEST_F(KeyFileTest, ResiduesNotBelowTheirPrimeAreRefusedUnderAValidSeal) {
  Bytes bytes = bytes_;
  // The first residue of q_0, of 50 bits: all ones.
  std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(Layout::kPayload), 7, std::uint8_t{0xff});
  sealKeyFile(bytes, true);
  EXPECT_EQ(verificationFailure(bytes), ErrorKind::kKeyCorrupt);

  const KeyFile file(party_->parameters(), File::openForReading(party_->folder().path("damaged")));
  RandomStream stream(file.header().seed, KeyFile::kUniformDomain);
  std::vector<std::uint8_t> scratch(KeyFile::scratchBytes(128));
  AlignedWords first(128);
  AlignedWords second(128);
  EXPECT_EQ(errorKindOf([&] { file.read(first.data(), second.data(), 0, 0, 0, 128, stream, scratch); }),
            ErrorKind::kKeyCorrupt);
}

TEST_F(KeyFileTest, NoticesAFileCutWhileOpen) {
  const std::string path = party_->folder().path("damaged");
  writeBytes(path, bytes_);
  const KeyFile file(party_->parameters(), File::openForReading(path));
  std::filesystem::resize_file(path, bytes_.size() - 1);
  EXPECT_EQ(errorKindOf([&] { file.verify(); }), ErrorKind::kKeyCorrupt);
}

TEST_F(KeyFileTest, AnUnfinishedFileIsRefused) {
  const std::string path = party_->folder().path("unfinished");
  const KeyFile original(party_->parameters(), File::openForReading(path_));
  {
    KeyFileWriter writer(*party_->parameters(), path, original.header());
    const AlignedWords zeros(party_->parameters()->ringDimension());
    writer.append(0, zeros.data());
  }
  EXPECT_EQ(errorKindOf([&] { KeyFile file(party_->parameters(), File::openForReading(path)); }),
            ErrorKind::kKeyCorrupt);
}

TEST_F(KeyFileTest, AMissingFileIsAMissingKey) {
  EXPECT_EQ(
      errorKindOf([&] { KeyFile file(party_->parameters(), File::openForReading(party_->folder().path("nowhere"))); }),
      ErrorKind::kKeyMissing);
}

TEST_F(KeyFileTest, DoesNotOverwrite) {
  EXPECT_EQ(errorKindOf([&] { party_->generator().rotationKey(path_, 5, 0); }), ErrorKind::kFile);
  EXPECT_EQ(readBytes(path_), bytes_);
}

TEST_F(KeyFileTest, AKeySetHoldsTheKeysOfOneSecretOnly) {
  KeySet keys(party_->parameters());
  EXPECT_EQ(errorKindOf([&] { (void)keys.id(); }), ErrorKind::kKeyMissing);
  keys.add(File::openForReading(path_));
  EXPECT_EQ(keys.id(), party_->secret()->id());

  const KeyGenerator stranger(std::make_shared<const SecretKey>(party_->parameters(), Seed::fromSystem()));
  const std::string path = party_->folder().path("stranger");
  stranger.relinearizationKey(path, 1);
  EXPECT_EQ(errorKindOf([&] { keys.add(File::openForReading(path)); }), ErrorKind::kKeyMismatch);
  EXPECT_EQ(errorKindOf([&] { (void)keys.relinearization(1); }), ErrorKind::kKeyMissing);
}

TEST_F(KeyFileTest, AKeySetFindsKeysByKindStepAndLevel) {
  KeySet keys(party_->parameters());
  keys.add(File::openForReading(path_));
  const long slots = static_cast<long>(party_->slots());
  EXPECT_EQ(&keys.rotation(3, kLevel), &keys.rotation(3 - slots, 0));
  EXPECT_EQ(errorKindOf([&] { (void)keys.rotation(3, kLevel + 1); }), ErrorKind::kKeyMissing);
  EXPECT_EQ(errorKindOf([&] { (void)keys.rotation(-3, 0); }), ErrorKind::kKeyMissing);
  EXPECT_EQ(errorKindOf([&] { (void)keys.conjugation(0); }), ErrorKind::kKeyMissing);
  EXPECT_EQ(errorKindOf([&] { (void)keys.relinearization(0); }), ErrorKind::kKeyMissing);
  EXPECT_EQ(errorKindOf([&] { (void)keys.ringSwitch(); }), ErrorKind::kKeyMissing);
}

}  // namespace
}  // namespace ckks
