#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "ckks/ring/automorphism.h"
#include "ckks/ring/base_converter.h"
#include "ckks/ring/modulus.h"
#include "ckks/ring/ntt.h"

namespace ckks {

/// Bytes past the end of a packed stream that unpackBits, maskAndCheck may read (and ignore): buffers that they read
/// from must be that much larger.
inline constexpr std::size_t kPackedPaddingBytes = 64;

/// Most terms of one call of Kernels::keyInnerProduct and of one sum of Kernels::plainInnerProducts.
inline constexpr std::size_t kMaxKeyDigits = 32;
inline constexpr std::size_t kMaxPlainTerms = 512;

/// What becomes of a product with keys: it replaces canonical words or is added to them, or it is stored as factors.
enum class ProductOutput { kStore, kAdd, kFactors };

/// One term of a sum of products with plaintexts: in0, in1 are block-local factors, `plain` is a whole vector of
/// weights.
struct PlainTerm {
  const Word* in0;
  const Word* in1;
  const Word* plain;
};

/// A sum of at most kMaxPlainTerms products with plaintexts, for both polynomials: it replaces canonical words at the
/// block-local outputs, or is added to them.
struct PlainSum {
  Word* out0;
  Word* out1;
  const PlainTerm* terms;
  std::size_t count;
  bool accumulate;
};

/// What a caller does with one block after the other of the polynomials that a transform works on, while the block is
/// in the cache. An interface and no std::function, whose code kernels must not bring along.
class BlockVisitor {
 public:
  /// Words [begin, end), a multiple of 128 of them or all, in ascending order.
  virtual void visit(std::size_t begin, std::size_t end) = 0;

 protected:
  ~BlockVisitor() = default;
};

/// A BlockVisitor of a lambda.
template <typename Work>
class BlockWork final : public BlockVisitor {
 public:
  explicit BlockWork(Work work) : work_(std::move(work)) {}
  void visit(std::size_t begin, std::size_t end) override { work_(begin, end); }

 private:
  Work work_;
};

/// The arithmetic of residues, as one table of functions for each instruction set. Every table returns the same bits.
///
/// Unless said otherwise: pointers to words are 64-byte aligned; counts, `begin` and `end` are multiples of 8; words
/// are canonical in and out; an output may be one of the inputs of the same index range, but may not overlap them
/// otherwise; [begin, end) are indices of the whole limb, so that callers can work in blocks that fit a cache.
struct Kernels {
  std::string_view name;

  /// Coefficients in natural order to evaluations in bit-reversed order and back, in place: N words.
  void (*forwardNtt)(Word* values, const NttTable& table);
  void (*inverseNtt)(Word* values, const NttTable& table);
  /// Of two polynomials, which share the table's way through the caches. Forwards `visitor` gets each block as soon as
  /// it is finished, and may change it; backwards before it is first read, and may write it. What it throws is passed
  /// on and leaves the polynomials unspecified. Backwards `first` and `second` are working memory, left unspecified,
  /// which a caller may use again and again; the outputs, other limbs, are written past the caches.
  void (*forwardNttPair)(Word* first, Word* second, const NttTable& table, BlockVisitor& visitor);
  void (*inverseNttPair)(Word* out0, Word* out1, Word* first, Word* second, const NttTable& table,
                         BlockVisitor& visitor);

  void (*add)(Word* out, const Word* a, const Word* b, std::size_t n, const Modulus& modulus);
  void (*subtract)(Word* out, const Word* a, const Word* b, std::size_t n, const Modulus& modulus);
  void (*negate)(Word* out, const Word* a, std::size_t n, const Modulus& modulus);
  void (*multiply)(Word* out, const Word* a, const Word* b, std::size_t n, const Modulus& modulus);
  /// out += a b.
  void (*multiplyAdd)(Word* out, const Word* a, const Word* b, std::size_t n, const Modulus& modulus);
  /// out = a constant; the constant canonical.
  void (*multiplyConstant)(Word* out, const Word* a, Word constant, std::size_t n, const Modulus& modulus);
  /// out += a constant.
  void (*multiplyConstantAdd)(Word* out, const Word* a, Word constant, std::size_t n, const Modulus& modulus);
  /// The lower degrees of a product of two ciphertexts: out0 += a0 b0, out1 += a0 b1 + a1 b0.
  void (*tensorAdd)(Word* out0, Word* out1, const Word* a0, const Word* a1, const Word* b0, const Word* b1,
                    std::size_t n, const Modulus& modulus);

  /// out[i - begin] = in[source(i)] for i in [begin, end); the input is a whole limb, and another one.
  void (*permute)(Word* out, const Word* in, const Automorphism& automorphism, std::size_t begin, std::size_t end);

  /// Digits of a product with keys are residues times 2^digitRadixBits: 52 where dividing a sum by 2^52 (Montgomery) is
  /// its cheapest reduction, else 0.
  int digitRadixBits;

  /// Factors of plainInnerProducts, inputs and weights, are residues in whatever form these kernels multiply fastest, a
  /// word each. This makes them from canonical words, n of them, in place or not.
  void (*toFactors)(Word* out, const Word* in, std::size_t n, const Modulus& modulus);

  /// outK[i - begin] = sum_d digits[d][source(i)] keysK[d][i - begin] / 2^digitRadixBits for i in [begin, end),
  /// K = 0, 1 and 1 to 32 digits; out0 with added0[source(i)] as well. Digits and summand are whole limbs; a null
  /// summand is zero, a null automorphism the identity. The outputs are not among the inputs.
  void (*keyInnerProduct)(Word* out0, Word* out1, const Word* const* digits, const Word* const* keys0,
                          const Word* const* keys1, std::size_t digitCount, const Word* added0,
                          const Automorphism* automorphism, std::size_t begin, std::size_t end, ProductOutput output,
                          const Modulus& modulus);

  /// For each sum outK[i - begin] = sum_k terms[k].inK[i - begin] terms[k].plain[i >> blockShift] for i in [begin,
  /// end), K = 0, 1. Inputs and weights are factors, outputs canonical words and not among the inputs, which sums may
  /// share. Plains have N >> blockShift words (no alignment needed unless blockShift is 0). blockShift is 0, or 3 and
  /// more: weights that are constant on 2^blockShift evaluations. Outputs may be written past the caches.
  void (*plainInnerProducts)(const PlainSum* sums, std::size_t sumCount, unsigned blockShift, std::size_t begin,
                             std::size_t end, const Modulus& modulus);

  /// Most bytes of inputs for which a call of plainInnerProducts is fast: what it reads anew for every sum has to stay
  /// in a cache. Longer blocks save calls for reading and expanding keys.
  std::size_t plainInputBytes;

  /// Converts coefficients [begin, end) of the limbs in[0 .. from-1] to out[0 .. to-1]; all whole limbs. An output
  /// limb may not be an input.
  void (*baseConvert)(Word* const* out, const Word* const* in, const BaseConverter& converter, std::size_t begin,
                      std::size_t end);

  /// Word i's lowest `bits` bits become bits [i bits, (i + 1) bits) of a little-endian bit stream of n bits / 8 bytes.
  /// n a multiple of 64, bits in [8, 50], words below 2^bits. The stream needs no alignment; exactly its bytes are
  /// written.
  void (*packBits)(std::uint8_t* out, const Word* in, std::size_t n, int bits);
  /// The reverse; `in` must be followed by kPackedPaddingBytes readable bytes.
  void (*unpackBits)(Word* out, const std::uint8_t* in, std::size_t n, int bits);
  /// Whether every word is below the bound.
  bool (*allBelow)(const Word* words, std::size_t n, Word bound);
  /// unpackBits; returns how many of the words are *not* below `bound`: of a key's damaged, of a random stream's
  /// rejected.
  std::size_t (*maskAndCheck)(Word* out, const std::uint8_t* in, std::size_t n, int bits, Word bound);

  /// Signed integers, above -2^63, to residues. The integers need no alignment.
  void (*liftSigned)(Word* out, const std::int64_t* in, std::size_t n, const Modulus& modulus);
};

/// The names that kernelsNamed takes on this machine, the best one first.
[[nodiscard]] std::vector<std::string_view> availableKernels();

/// "scalar", "avx2" or "avx512". Throws std::invalid_argument for any other name and for kernels that this processor
/// (or this build) doesn't have.
[[nodiscard]] const Kernels& kernelsNamed(std::string_view name);

/// The kernels in use, chosen at the first call: those named by the environment variable RESNET20_FHE_KERNEL, if it
/// is set, or else the best available. Throws as kernelsNamed does.
[[nodiscard]] const Kernels& kernels();

}  // namespace ckks
