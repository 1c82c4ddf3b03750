// What of a secret stays in memory once the operation is over that used it: nothing, but in the secret key's own pages.

#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <memory>
#include <random>
#include <sstream>
#include <string>

#include "ckks/client/public_encryption.h"
#include "ckks/io/ciphertext_codec.h"
#include "ckks/io/secret_file.h"
#include "ckks/random/secret_buffer.h"
#include "ckks/ring/kernels.h"
#include "ckks/scheme/sampler.h"
#include "support/memory_search.h"
#include "support/party.h"

#if defined(__linux__)

namespace ckks {
namespace {

/// More than any register holds.
constexpr std::size_t kWords = 32;

template <typename T>
MemorySearch searchFor(const T* values) {
  return MemorySearch(std::as_bytes(std::span(values, kWords)));
}

class WipingTest : public testing::Test {
 protected:
  [[nodiscard]] const Parameters& parameters() const { return *party_.parameters(); }
  [[nodiscard]] std::size_t dimension() const { return parameters().ringDimension(); }
  [[nodiscard]] SlotVector slots() {
    std::mt19937_64 generator(1);
    return randomSlots(party_.slots(), 1, generator);
  }

  /// c1 s at limb 0, evaluation form.
  [[nodiscard]] SecretBuffer<Word> maskOf(const Ciphertext& ciphertext) const {
    SecretBuffer<Word> product(dimension());
    kernels().multiply(product.data(), ciphertext.c1.limb(0), party_.secret()->main().limb(0), dimension(),
                       parameters().modulus(0));
    return product;
  }

  /// c0 + c1 s at limb 0, evaluation form.
  [[nodiscard]] SecretBuffer<Word> messageOf(const Ciphertext& ciphertext) const {
    SecretBuffer<Word> sum = maskOf(ciphertext);
    kernels().add(sum.data(), sum.data(), ciphertext.c0.limb(0), dimension(), parameters().modulus(0));
    return sum;
  }

  Party party_{testLiteral(1024, 2, 3)};
};

TEST_F(WipingTest, TheSearchFindsWhatIsThere) {
  const MemorySearch search = searchFor(party_.secret()->main().limb(0));
  EXPECT_EQ(search.occurrences(), 1u);
  std::vector<Word> copy(party_.secret()->main().limb(0), party_.secret()->main().limb(0) + kWords);
  EXPECT_EQ(search.occurrences(), 2u);
  wipe(std::as_writable_bytes(std::span(copy)));
  EXPECT_EQ(search.occurrences(), 1u);
}

TEST_F(WipingTest, ASecretKeyGoesWithItsObject) {
  const std::string path = party_.folder().path("secret");
  auto made = std::make_unique<const SecretKey>(party_.parameters(), Seed::fromSystem());
  writeSecretKey(*made, path);
  auto opened = readSecretKey(party_.parameters(), File::openForReading(path));
  const MemorySearch seed(std::as_bytes(made->seed().bytes()));
  const MemorySearch main = searchFor(made->main().limb(1));
  const MemorySearch embedded = searchFor(made->embeddedResult().limb(0));
  const MemorySearch result = searchFor(made->result().data());
  EXPECT_TRUE(sameBits(opened->main(), made->main()));
  EXPECT_TRUE(sameBits(opened->embeddedResult(), made->embeddedResult()));
  for (const MemorySearch* search : {&seed, &main, &embedded, &result}) EXPECT_EQ(search->occurrences(), 2u);
  made.reset();
  for (const MemorySearch* search : {&seed, &main, &embedded, &result}) EXPECT_EQ(search->occurrences(), 1u);
  opened.reset();
  for (const MemorySearch* search : {&seed, &main, &embedded, &result}) EXPECT_EQ(search->occurrences(), 0u);
}

TEST_F(WipingTest, EncryptionLeavesNeitherTheMaskNorTheMessage) {
  const SlotVector values = slots();
  const std::vector<std::uint8_t> bytes = party_.client().encrypt(values.real, values.imaginary, 2, 0x1p30);
  const Ciphertext ciphertext = readCiphertext(parameters(), party_.secret()->id(), bytes);
  const MemorySearch mask = searchFor(maskOf(ciphertext).data());
  const MemorySearch masked = searchFor(messageOf(ciphertext).data());
  EXPECT_EQ(mask.occurrences(), 0u);
  EXPECT_EQ(masked.occurrences(), 0u);
  std::vector<std::int64_t> encoded(dimension());
  const Encoder encoder(dimension());
  encoder.encodeSecret(encoded, values.real, values.imaginary, 0x1p30);
  const MemorySearch message = searchFor(encoded.data());
  wipe(std::as_writable_bytes(std::span(encoded)));
  EXPECT_EQ(message.occurrences(), 0u);
}

TEST_F(WipingTest, DecryptionLeavesNeitherTheMaskNorTheMessage) {
  const SlotVector values = slots();
  for (const int level : {0, 1, 2}) {
    const Ciphertext ciphertext = party_.encrypt(values, level, 0x1p30);
    const std::vector<std::uint8_t> bytes = writeCiphertext(parameters(), party_.secret()->id(), ciphertext);
    (void)party_.client().decrypt(bytes);
    const MemorySearch mask = searchFor(maskOf(ciphertext).data());
    EXPECT_EQ(mask.occurrences(), 0u);
    SecretBuffer<Word> message = messageOf(ciphertext);
    const MemorySearch evaluations = searchFor(message.data());
    kernels().inverseNtt(message.data(), parameters().table(0));
    const MemorySearch coefficients = searchFor(message.data());
    message = {};
    EXPECT_EQ(evaluations.occurrences(), 0u);
    EXPECT_EQ(coefficients.occurrences(), 0u);
  }
}

TEST_F(WipingTest, DecryptionOfAResultLeavesNeitherTheMaskNorTheMessage) {
  party_.addRingSwitch();
  const Ciphertext input = party_.encrypt(slots(), 1, 0x1p30);
  const std::vector<std::uint8_t> bytes = party_.evaluator().writeResult(input);
  (void)party_.client().decrypt(bytes);

  const std::size_t m = parameters().resultRingDimension();
  const Modulus& modulus = parameters().modulus(0);
  const NttTable table(modulus, m);
  ResultCiphertext result = readResult(parameters(), party_.secret()->id(), bytes);
  SecretBuffer<Word> sum(m);
  kernels().liftSigned(sum.data(), party_.secret()->result().data(), m, modulus);
  kernels().forwardNtt(sum.data(), table);
  const MemorySearch secret = searchFor(sum.data());
  kernels().forwardNtt(result.c1.data(), table);
  kernels().multiply(sum.data(), sum.data(), result.c1.data(), m, modulus);
  const MemorySearch product = searchFor(sum.data());
  kernels().inverseNtt(sum.data(), table);
  const MemorySearch mask = searchFor(sum.data());
  kernels().add(sum.data(), sum.data(), result.c0.data(), m, modulus);
  const MemorySearch message = searchFor(sum.data());
  sum = {};
  for (const MemorySearch* search : {&secret, &product, &mask, &message}) EXPECT_EQ(search->occurrences(), 0u);
}

TEST_F(WipingTest, PublicEncryptionLeavesNothingOfItsRandomness) {
  const std::string path = party_.folder().path("public");
  party_.generator().publicKey(path, 1);
  const PublicKey key(party_.parameters(), File::openForReading(path));
  const Seed randomness = Seed::fromSystem();
  const std::vector<std::int64_t> message(dimension(), 1);
  (void)encryptPolynomial(key, message, 1, 0x1p30, randomness);

  SecretBuffer<std::int64_t> mask(dimension());
  RandomStream maskStream(randomness, "public encryption mask");
  sampleTernary(mask, maskStream, 0);
  const MemorySearch coefficients = searchFor(mask.data());
  SecretBuffer<Word> lifted(dimension());
  kernels().liftSigned(lifted.data(), mask.data(), dimension(), parameters().modulus(0));
  kernels().forwardNtt(lifted.data(), parameters().table(0));
  const MemorySearch residues = searchFor(lifted.data());
  mask = {};
  lifted = {};
  EXPECT_EQ(coefficients.occurrences(), 0u);
  EXPECT_EQ(residues.occurrences(), 0u);
}

TEST_F(WipingTest, AKeysMaskGoesWhenTheKeyIsMade) {
  const KeyFile& key = party_.addRotation(1, 2);
  SecretBuffer<Word> first(dimension());
  SecretBuffer<Word> second(dimension());
  std::vector<RandomStream> streams = key.uniformStreams();
  std::vector<std::uint8_t> scratch(KeyFile::scratchBytes(dimension()));
  key.read(first.data(), second.data(), 0, 0, 0, dimension(), streams[0], scratch);
  kernels().multiply(second.data(), second.data(), party_.secret()->main().limb(0), dimension(),
                     parameters().modulus(0));
  const MemorySearch mask = searchFor(second.data());
  // -a s + e + g s'
  kernels().add(first.data(), first.data(), second.data(), dimension(), parameters().modulus(0));
  const MemorySearch unmasked = searchFor(first.data());
  first = {};
  second = {};
  EXPECT_EQ(mask.occurrences(), 0u);
  EXPECT_EQ(unmasked.occurrences(), 0u);
}

TEST(SecretBufferTest, IsLeftOutOfCoreDumps) {
  const SecretBuffer<Word> secret(1000);
  const auto place = reinterpret_cast<std::uintptr_t>(secret.data());
  std::ifstream maps("/proc/self/smaps");
  bool inside = false;
  std::string flags;
  for (std::string line; std::getline(maps, line);) {
    std::uintptr_t begin = 0;
    std::uintptr_t end = 0;
    char dash = 0;
    std::istringstream fields(line);
    if (fields >> std::hex >> begin >> dash >> end && dash == '-') inside = begin <= place && place < end;
    if (inside && line.starts_with("VmFlags:")) flags = line + " ";
  }
  EXPECT_NE(flags.find(" dd "), std::string::npos) << flags;
}

TEST(SecretBufferTest, StartsAsZerosAndMoves) {
  SecretBuffer<Word> first(3);
  EXPECT_EQ(std::vector<Word>(first.begin(), first.end()), std::vector<Word>(3));
  first[1] = 7;
  const Word* place = first.data();
  const SecretBuffer<Word> second = std::move(first);
  EXPECT_EQ(second.data(), place);
  EXPECT_EQ(second[1], 7u);
  EXPECT_EQ(SecretBuffer<Word>(0).data(), nullptr);
}

}  // namespace
}  // namespace ckks

#endif
