#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "ckks/io/file.h"
#include "ckks/random/stream.h"
#include "ckks/scheme/parameters.h"
#include "ckks/scheme/secret_key.h"

namespace ckks {

enum class KeyKind : std::uint32_t { kRelinearization = 1, kRotation = 2, kRingSwitch = 3, kPublic = 4 };

/** What a key file holds: everything but the residues. */
struct KeyHeader {
  KeyKind kind = KeyKind::kRotation;
  KeyId keyId{};
  /** Element k of the automorphism X -> X^k; 1 where none is involved. */
  Word galoisElement = 1;
  /** Highest level at which the key can be used. */
  int level = 0;
  std::size_t digits = 0;
  std::size_t specialPrimes = 0;
  /** Expands to the uniform half. */
  Seed seed;
};

/**
 * One evaluation key, or the public key, on disk: a header bound to the parameters by their hash, then for each row of
 * the extended basis at the key's level (prime-major, so that a key for a high level serves lower ones by skipping
 * rows) and each digit the first half packed to the prime's bits. The uniform half is a seed. The payload's SHA-256 is
 * in the header, the header's own at its end. A public key has one digit and no special primes: (b, a) modulo the
 * primes of its level.
 */
class KeyFile {
 public:
  /**
   * Checks the header against the parameters and the file's length; reads no payload. Throws Error: kKeyVersion
   * (another format), kKeyMismatch (other parameters), kKeyCorrupt.
   */
  KeyFile(std::shared_ptr<const Parameters> parameters, File file);

  const KeyHeader& header() const { return header_; }
  const std::string& path() const { return file_.path(); }

  /** Reads the whole payload: hash, and every residue below its prime. Throws Error(kKeyCorrupt). Runs on all threads.
   */
  void verify() const;

  /**
   * Residues [begin, begin + count) of the key at limb `limb` (extended order of the top level) and digit `digit`:
   * first half into `first`, uniform half into `second`. `stream` is RandomStream(header().seed, kUniformDomain);
   * `scratch` has at least scratchBytes(count). begin and count are multiples of 128. Thread-safe. Throws
   * Error(kKeyCorrupt) for a residue that is not below its prime.
   */
  void read(Word* first, Word* second, std::size_t limb, std::size_t digit, std::size_t begin, std::size_t count,
            RandomStream& stream, std::vector<std::uint8_t>& scratch) const;
  static std::size_t scratchBytes(std::size_t count);

  /**
   * The two halves of read, so that one reading of the file serves several blocks. readPacked: residues [begin, begin +
   * count) of the first half as the file has them, into the first packedBytes(limb, count) of `packed`. expand: the
   * same residues of both halves; `packed` points to their bytes of the first half, with kPackedPaddingBytes after
   * them.
   */
  void readPacked(std::span<std::uint8_t> packed, std::size_t limb, std::size_t digit, std::size_t begin,
                  std::size_t count) const;
  void expand(Word* first, Word* second, const std::uint8_t* packed, std::size_t limb, std::size_t digit,
              std::size_t begin, std::size_t count, RandomStream& stream, std::span<std::uint8_t> scratch) const;
  std::size_t packedBytes(std::size_t limb, std::size_t count) const;

  static constexpr std::string_view kUniformDomain = "key uniform half";
  /** Streams to expand with, one for each digit: each of them then goes on from block to block of a row. */
  std::vector<RandomStream> uniformStreams() const;

 private:
  std::size_t rowOf(std::size_t limb) const;
  std::size_t rows() const { return rowOffsets_.size() - 1; }
  std::size_t limbOfRow(std::size_t row) const;

  std::shared_ptr<const Parameters> parameters_;
  File file_;
  Digest payloadHash_{};  // before the header: parsing that fills it
  KeyHeader header_;
  std::vector<std::uint64_t> rowOffsets_;  // in the file, of digit 0 of each row, and the end
};

/** Stream index of the uniform half at a limb and digit. */
std::uint32_t uniformStreamIndex(std::size_t limb, std::size_t digit);

/** Digits and special primes of a key of this kind for use up to `level`. */
std::size_t keyDigits(const Parameters& parameters, KeyKind kind, int level);
std::size_t keySpecialPrimes(const Parameters& parameters, KeyKind kind, int level);

/** Bytes of a key file, its header included. */
std::uint64_t keyFileBytes(const Parameters& parameters, int level, std::size_t digits, std::size_t specialPrimes);

/** Writes packed rows and seals the file with its hash. */
class KeyFileWriter {
 public:
  KeyFileWriter(const Parameters& parameters, const std::string& path, const KeyHeader& header);
  /** Rows and digits ascending. `residues` holds N canonical words of limb `limb`. */
  void append(std::size_t limb, const Word* residues);
  /** Writes hash and header and syncs. A file without it is refused by KeyFile. */
  void finish();

 private:
  const Parameters& parameters_;
  File file_;
  KeyHeader header_;
  Sha256 hash_;
  std::uint64_t offset_;
  std::vector<std::uint8_t> packed_;
};

}  // namespace ckks
