#include "ckks/ring/scalar_bits.h"

#include <cstring>

namespace ckks::scalar {
namespace {

/// Words in streams are little-endian, whatever the machine is.
Word loadLittleEndian(const std::uint8_t* bytes) {
  Word word;
  std::memcpy(&word, bytes, sizeof(word));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  word = __builtin_bswap64(word);
#endif
  return word;
}

void storeLittleEndian(std::uint8_t* bytes, Word word) {
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  word = __builtin_bswap64(word);
#endif
  std::memcpy(bytes, &word, sizeof(word));
}

}  // namespace

void packBits(std::uint8_t* out, const Word* in, std::size_t n, int bits) {
  Word pending = 0;  // its lowest `filled` bits are still to be written
  int filled = 0;
  for (std::size_t i = 0; i < n; ++i) {
    pending |= in[i] << filled;
    filled += bits;
    if (filled >= 64) {
      storeLittleEndian(out, pending);
      out += sizeof(Word);
      filled -= 64;
      // bits - filled of this word's bits are written, 1 to 50.
      pending = in[i] >> (bits - filled);
    }
  }
  // 64 words of any size fill whole words of the stream, so that nothing is pending here.
}

void unpackBits(Word* out, const std::uint8_t* in, std::size_t n, int bits) {
  const Word mask = (Word{1} << bits) - 1;
  std::size_t position = 0;
  for (std::size_t i = 0; i < n; ++i) {
    out[i] = (loadLittleEndian(in + position / 8) >> (position % 8)) & mask;
    position += static_cast<std::size_t>(bits);
  }
}

bool allBelow(const Word* words, std::size_t n, Word bound) {
  Word exceeding = 0;
  for (std::size_t i = 0; i < n; ++i) exceeding |= static_cast<Word>(words[i] >= bound);
  return exceeding == 0;
}

std::size_t maskAndCheck(Word* out, const std::uint8_t* random, std::size_t n, int bits, Word bound) {
  unpackBits(out, random, n, bits);
  std::size_t rejected = 0;
  for (std::size_t i = 0; i < n; ++i) rejected += static_cast<std::size_t>(out[i] >= bound);
  return rejected;
}

}  // namespace ckks::scalar
