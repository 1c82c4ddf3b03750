#include "ckks/ring/avx2_arithmetic.h"
#include "ckks/ring/avx2_bits.h"
#include "ckks/ring/avx2_ntt.h"
#include "ckks/ring/avx2_products.h"
#include "ckks/ring/kernel_tables.h"

namespace ckks {
namespace avx2 {
namespace {

/// out[i] = operation(i), a vector at a time.
template <typename Operation>
CKKS_INLINE void forEachVector(Word* out, std::size_t n, const Operation& operation) {
  for (std::size_t i = 0; i < n; i += kLanes) store(out + i, operation(i));
}

void add(Word* out, const Word* a, const Word* b, std::size_t n, const Modulus& q) {
  const Vector modulus = broadcast(q.value);
  forEachVector(out, n, [=](std::size_t i) { return reduceOnce(_mm256_add_epi64(load(a + i), load(b + i)), modulus); });
}

void subtract(Word* out, const Word* a, const Word* b, std::size_t n, const Modulus& q) {
  const Vector modulus = broadcast(q.value);
  forEachVector(out, n, [=](std::size_t i) {
    const Vector difference = _mm256_sub_epi64(load(a + i), load(b + i));
    return selectNegative(difference, _mm256_add_epi64(difference, modulus), difference);
  });
}

void negate(Word* out, const Word* a, std::size_t n, const Modulus& q) {
  const Vector modulus = broadcast(q.value);
  forEachVector(out, n, [=](std::size_t i) { return reduceOnce(_mm256_sub_epi64(modulus, load(a + i)), modulus); });
}

/// The product of words as words, by a factor or a vector of residues.
template <typename Right>
CKKS_INLINE Vector productOf(Vector a, const Right& b, const RealModulus& modulus) {
  // Within 3/4 q.
  return toWords(modulus.nonNegative(modulus.multiply(toReals(a), b)));
}

template <typename Right>
CKKS_INLINE Vector productPlus(Vector sum, Vector a, const Right& b, const RealModulus& modulus) {
  return toWords(modulus.multiplyAdd(toReals(a), b, toReals(sum)));
}

void multiply(Word* out, const Word* a, const Word* b, std::size_t n, const Modulus& q) {
  const RealModulus modulus(q);
  forEachVector(out, n, [=](std::size_t i) { return productOf(load(a + i), toReals(load(b + i)), modulus); });
}

void multiplyAdd(Word* out, const Word* a, const Word* b, std::size_t n, const Modulus& q) {
  const RealModulus modulus(q);
  forEachVector(out, n,
                [=](std::size_t i) { return productPlus(load(out + i), load(a + i), toReals(load(b + i)), modulus); });
}

void multiplyConstant(Word* out, const Word* a, Word constant, std::size_t n, const Modulus& q) {
  const RealModulus modulus(q);
  const Factor factor = modulus.factor(constant);
  forEachVector(out, n, [=](std::size_t i) { return productOf(load(a + i), factor, modulus); });
}

void multiplyConstantAdd(Word* out, const Word* a, Word constant, std::size_t n, const Modulus& q) {
  const RealModulus modulus(q);
  const Factor factor = modulus.factor(constant);
  forEachVector(out, n, [=](std::size_t i) { return productPlus(load(out + i), load(a + i), factor, modulus); });
}

void tensorAdd(Word* out0, Word* out1, const Word* a0, const Word* a1, const Word* b0, const Word* b1, std::size_t n,
               const Modulus& q) {
  const RealModulus modulus(q);
  for (std::size_t i = 0; i < n; i += kLanes) {
    const Reals left0 = toReals(load(a0 + i));
    const Reals left1 = toReals(load(a1 + i));
    const Reals right0 = toReals(load(b0 + i));
    const Reals right1 = toReals(load(b1 + i));
    const Reals sum1 = _mm256_add_pd(toReals(load(out1 + i)), modulus.multiply(left1, right0));
    store(out0 + i, toWords(modulus.multiplyAdd(left0, right0, toReals(load(out0 + i)))));
    store(out1 + i, toWords(modulus.multiplyAdd(left0, right1, sum1)));
  }
}

void liftSigned(Word* out, const std::int64_t* in, std::size_t n, const Modulus& q) {
  const RealModulus modulus(q);
  const Factor radixFactor = modulus.factor(modulus.reduce(radix()));
  const Vector mask = broadcast(kRadixMask);
  forEachVector(out, n, [=](std::size_t i) {
    const Vector words = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(in + i));
    // In two's complement, highs 2^52 + lows - 2^63 with the sign bit turned round.
    const Vector turned = _mm256_xor_si256(words, broadcast(Word{1} << 63));
    const Reals highs = _mm256_sub_pd(toReals(_mm256_srli_epi64(turned, kRadixBits)), _mm256_set1_pd(0x1p11));
    const Reals folded = modulus.multiply(highs, radixFactor);
    return toWords(modulus.canonical(_mm256_add_pd(folded, toReals(_mm256_and_si256(words, mask)))));
  });
}

}  // namespace
}  // namespace avx2

const Kernels& avx2Kernels() {
  static constexpr Kernels table = {
      .name = "avx2",
      .forwardNtt = avx2::forwardNtt,
      .inverseNtt = avx2::inverseNtt,
      .forwardNttPair = forwardInTurn<avx2::forwardNtt>,
      .inverseNttPair = inverseInTurn<avx2::inverseNtt>,
      .add = avx2::add,
      .subtract = avx2::subtract,
      .negate = avx2::negate,
      .multiply = avx2::multiply,
      .multiplyAdd = avx2::multiplyAdd,
      .multiplyConstant = avx2::multiplyConstant,
      .multiplyConstantAdd = avx2::multiplyConstantAdd,
      .tensorAdd = avx2::tensorAdd,
      .permute = avx2::permute,
      .digitRadixBits = 0,
      .toFactors = avx2::toFactors,
      .keyInnerProduct = avx2::keyInnerProduct,
      .plainInnerProducts = avx2::plainInnerProducts,
      .plainInputBytes = std::size_t{3} << 19,
      .baseConvert = avx2::baseConvert,
      .packBits = avx2::packBits,
      .unpackBits = avx2::unpackBits,
      .allBelow = avx2::allBelow,
      .maskAndCheck = avx2::maskAndCheck,
      .liftSigned = avx2::liftSigned,
  };
  return table;
}

}  // namespace ckks
