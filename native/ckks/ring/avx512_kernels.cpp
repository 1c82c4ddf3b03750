#include "ckks/ring/avx512_arithmetic.h"
#include "ckks/ring/avx512_bits.h"
#include "ckks/ring/avx512_ntt.h"
#include "ckks/ring/avx512_products.h"
#include "ckks/ring/kernel_tables.h"

namespace ckks {
namespace avx512 {
namespace {

/// out[i] = operation(i), a vector at a time.
template <typename Operation>
CKKS_INLINE void forEachVector(Word* out, std::size_t n, const Operation& operation) {
  for (std::size_t i = 0; i < n; i += kLanes) store(out + i, operation(i));
}

void add(Word* out, const Word* a, const Word* b, std::size_t n, const Modulus& q) {
  const VectorModulus modulus(q);
  forEachVector(out, n,
                [=](std::size_t i) { return reduceOnce(_mm512_add_epi64(load(a + i), load(b + i)), modulus.value); });
}

void subtract(Word* out, const Word* a, const Word* b, std::size_t n, const Modulus& q) {
  const VectorModulus modulus(q);
  forEachVector(out, n, [=](std::size_t i) {
    const Vector difference = _mm512_sub_epi64(load(a + i), load(b + i));
    return _mm512_min_epu64(difference, _mm512_add_epi64(difference, modulus.value));
  });
}

void negate(Word* out, const Word* a, std::size_t n, const Modulus& q) {
  const VectorModulus modulus(q);
  forEachVector(out, n,
                [=](std::size_t i) { return reduceOnce(_mm512_sub_epi64(modulus.value, load(a + i)), modulus.value); });
}

void multiply(Word* out, const Word* a, const Word* b, std::size_t n, const Modulus& q) {
  const ProductReducer reducer(q);
  forEachVector(out, n, [=](std::size_t i) { return reducer.multiply(load(a + i), load(b + i)); });
}

void multiplyAdd(Word* out, const Word* a, const Word* b, std::size_t n, const Modulus& q) {
  const ProductReducer reducer(q);
  forEachVector(out, n, [=](std::size_t i) {
    const Vector product = reducer.multiply(load(a + i), load(b + i));
    return reduceOnce(_mm512_add_epi64(load(out + i), product), reducer.modulus.value);
  });
}

/// A constant factor in all lanes.
struct VectorConstant {
  VectorModulus modulus;
  Vector value;
  Vector quotient;

  VectorConstant(Word constant, const Modulus& q) : modulus(q) {
    const ShoupConstant factor = q.shoup(constant);
    value = broadcast(factor.value);
    quotient = broadcast(factor.quotient);
  }

  [[nodiscard]] CKKS_INLINE Vector multiply(Vector a) const {
    return reduceOnce(modulus.multiplyLazy(a, value, quotient), modulus.value);
  }
};

void multiplyConstant(Word* out, const Word* a, Word constant, std::size_t n, const Modulus& q) {
  const VectorConstant factor(constant, q);
  forEachVector(out, n, [=](std::size_t i) { return factor.multiply(load(a + i)); });
}

void multiplyConstantAdd(Word* out, const Word* a, Word constant, std::size_t n, const Modulus& q) {
  const VectorConstant factor(constant, q);
  forEachVector(out, n, [=](std::size_t i) {
    const Vector product = factor.multiply(load(a + i));
    return reduceOnce(_mm512_add_epi64(load(out + i), product), factor.modulus.value);
  });
}

void tensorAdd(Word* out0, Word* out1, const Word* a0, const Word* a1, const Word* b0, const Word* b1, std::size_t n,
               const Modulus& q) {
  const SumReducer reducer(q);
  for (std::size_t i = 0; i < n; i += kLanes) {
    const Vector left0 = load(a0 + i);
    const Vector right0 = load(b0 + i);
    // What the outputs hold adds to the low halves only.
    Sum pure{load(out0 + i), _mm512_setzero_si512()};
    pure.add(left0, right0);
    Sum mixed{load(out1 + i), _mm512_setzero_si512()};
    mixed.add(left0, load(b1 + i));
    mixed.add(load(a1 + i), right0);
    store(out0 + i, reducer.reduce<true>(pure));
    store(out1 + i, reducer.reduce<true>(mixed));
  }
}

void liftSigned(Word* out, const std::int64_t* in, std::size_t n, const Modulus& q) {
  const SumReducer reducer(q);
  const Vector modulus = broadcast(q.value);
  forEachVector(out, n, [=](std::size_t i) {
    const Vector words = _mm512_loadu_si512(in + i);
    // The magnitude is a single word of a sum, whose carry becomes its high half.
    const Vector residue = reducer.reduce<true>({_mm512_abs_epi64(words), _mm512_setzero_si512()});
    const Vector signedResidue = _mm512_mask_sub_epi64(residue, _mm512_movepi64_mask(words), modulus, residue);
    return reduceOnce(signedResidue, modulus);
  });
}

}  // namespace
}  // namespace avx512

const Kernels& avx512Kernels() {
  static constexpr Kernels table = {
      .name = "avx512",
      .forwardNtt = avx512::forwardNtt,
      .inverseNtt = avx512::inverseNtt,
      .forwardNttPair = avx512::forwardNttPair,
      .inverseNttPair = avx512::inverseNttPair,
      .add = avx512::add,
      .subtract = avx512::subtract,
      .negate = avx512::negate,
      .multiply = avx512::multiply,
      .multiplyAdd = avx512::multiplyAdd,
      .multiplyConstant = avx512::multiplyConstant,
      .multiplyConstantAdd = avx512::multiplyConstantAdd,
      .tensorAdd = avx512::tensorAdd,
      .permute = avx512::permute,
      .digitRadixBits = kRadixBits,
      .toFactors = copyFactors,
      .keyInnerProduct = avx512::keyInnerProduct,
      .plainInnerProducts = avx512::plainInnerProducts,
      .plainInputBytes = std::size_t{3} << 18,
      .baseConvert = avx512::baseConvert,
      .packBits = avx512::packBits,
      .unpackBits = avx512::unpackBits,
      .allBelow = avx512::allBelow,
      .maskAndCheck = avx512::maskAndCheck,
      .liftSigned = avx512::liftSigned,
  };
  return table;
}

}  // namespace ckks
