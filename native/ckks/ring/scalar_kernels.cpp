#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "ckks/ring/kernel_tables.h"
#include "ckks/ring/scalar_bits.h"
#include "ckks/ring/scalar_ntt.h"

namespace ckks {
namespace {

void add(Word* out, const Word* a, const Word* b, std::size_t n, const Modulus& q) {
  const Modulus modulus = q;
  for (std::size_t i = 0; i < n; ++i) out[i] = modulus.add(a[i], b[i]);
}

void subtract(Word* out, const Word* a, const Word* b, std::size_t n, const Modulus& q) {
  const Modulus modulus = q;
  for (std::size_t i = 0; i < n; ++i) out[i] = modulus.subtract(a[i], b[i]);
}

void negate(Word* out, const Word* a, std::size_t n, const Modulus& q) {
  const Modulus modulus = q;
  for (std::size_t i = 0; i < n; ++i) out[i] = modulus.negate(a[i]);
}

void multiply(Word* out, const Word* a, const Word* b, std::size_t n, const Modulus& q) {
  const Modulus modulus = q;
  for (std::size_t i = 0; i < n; ++i) out[i] = modulus.multiply(a[i], b[i]);
}

void multiplyAdd(Word* out, const Word* a, const Word* b, std::size_t n, const Modulus& q) {
  const Modulus modulus = q;
  for (std::size_t i = 0; i < n; ++i) out[i] = modulus.add(out[i], modulus.multiply(a[i], b[i]));
}

void multiplyConstant(Word* out, const Word* a, Word constant, std::size_t n, const Modulus& q) {
  const Modulus modulus = q;
  const ShoupConstant factor = modulus.shoup(constant);
  for (std::size_t i = 0; i < n; ++i) out[i] = modulus.multiply(a[i], factor);
}

void multiplyConstantAdd(Word* out, const Word* a, Word constant, std::size_t n, const Modulus& q) {
  const Modulus modulus = q;
  const ShoupConstant factor = modulus.shoup(constant);
  for (std::size_t i = 0; i < n; ++i) out[i] = modulus.add(out[i], modulus.multiply(a[i], factor));
}

void tensorAdd(Word* out0, Word* out1, const Word* a0, const Word* a1, const Word* b0, const Word* b1, std::size_t n,
               const Modulus& q) {
  const Modulus modulus = q;
  for (std::size_t i = 0; i < n; ++i) {
    const Word mixed = modulus.add(modulus.multiply(a0[i], b1[i]), modulus.multiply(a1[i], b0[i]));
    out0[i] = modulus.add(out0[i], modulus.multiply(a0[i], b0[i]));
    out1[i] = modulus.add(out1[i], mixed);
  }
}

void permute(Word* out, const Word* in, const Automorphism& automorphism, std::size_t begin, std::size_t end) {
  for (std::size_t i = begin; i < end; i += kBlockWords) {
    const Word* source = in + automorphism.sourceBlock(i / kBlockWords) * kBlockWords;
    const Automorphism::LanePermutation& lanes = automorphism.lanes(i / kBlockWords);
    for (std::size_t lane = 0; lane < kBlockWords; ++lane) out[i - begin + lane] = source[lanes[lane]];
  }
}

/// Sums of products for one block of eight words in both components; 512 products below 2^100 fit 128 bits.
struct BlockSums {
  std::array<Word128, kBlockWords> first{};
  std::array<Word128, kBlockWords> second{};

  void start(const Word* words0, const Word* words1) {
    std::copy_n(words0, kBlockWords, first.begin());
    std::copy_n(words1, kBlockWords, second.begin());
  }

  void store(Word* out0, Word* out1, const Modulus& modulus) const {
    for (std::size_t lane = 0; lane < kBlockWords; ++lane) {
      out0[lane] = modulus.reduce(first[lane]);
      out1[lane] = modulus.reduce(second[lane]);
    }
  }
};

void keyInnerProduct(Word* out0, Word* out1, const Word* const* digits, const Word* const* keys0,
                     const Word* const* keys1, std::size_t digitCount, const Word* added0,
                     const Automorphism* automorphism, std::size_t begin, std::size_t end, ProductOutput output,
                     const Modulus& q) {
  constexpr Automorphism::LanePermutation identity = {0, 1, 2, 3, 4, 5, 6, 7};
  const Modulus modulus = q;
  const auto finished = [&](Word128 sum, Word before, Word summand) {
    const Word quotient = modulus.multiply(modulus.reduce(sum), modulus.inverseRadix);
    return modulus.add(modulus.add(quotient, output == ProductOutput::kAdd ? before : 0), summand);
  };
  for (std::size_t i = begin; i < end; i += kBlockWords) {
    const std::size_t block = i / kBlockWords;
    const std::size_t source = automorphism != nullptr ? automorphism->sourceBlock(block) * kBlockWords : i;
    const Automorphism::LanePermutation& lanes = automorphism != nullptr ? automorphism->lanes(block) : identity;
    const std::size_t local = i - begin;
    BlockSums sums;
    for (std::size_t d = 0; d < digitCount; ++d) {
      const Word* digit = digits[d] + source;
      for (std::size_t lane = 0; lane < kBlockWords; ++lane) {
        const Word128 factor = digit[lanes[lane]];
        sums.first[lane] += factor * keys0[d][local + lane];
        sums.second[lane] += factor * keys1[d][local + lane];
      }
    }
    for (std::size_t lane = 0; lane < kBlockWords; ++lane) {
      const std::size_t place = source + lanes[lane];
      Word& first = out0[local + lane];
      Word& second = out1[local + lane];
      first = finished(sums.first[lane], first, added0 != nullptr ? added0[place] : 0);
      second = finished(sums.second[lane], second, 0);
    }
  }
}

void plainInnerProducts(const PlainSum* sums, std::size_t sumCount, unsigned blockShift, std::size_t begin,
                        std::size_t end, const Modulus& q) {
  const Modulus modulus = q;
  for (const PlainSum* sum = sums; sum != sums + sumCount; ++sum) {
    for (std::size_t i = begin; i < end; i += kBlockWords) {
      const std::size_t local = i - begin;
      BlockSums products;
      if (sum->accumulate) products.start(sum->out0 + local, sum->out1 + local);
      for (const PlainTerm* term = sum->terms; term != sum->terms + sum->count; ++term) {
        for (std::size_t lane = 0; lane < kBlockWords; ++lane) {
          const Word128 weight = term->plain[(i + lane) >> blockShift];
          products.first[lane] += weight * term->in0[local + lane];
          products.second[lane] += weight * term->in1[local + lane];
        }
      }
      products.store(sum->out0 + local, sum->out1 + local, modulus);
    }
  }
}

void baseConvert(Word* const* out, const Word* const* in, const BaseConverter& converter, std::size_t begin,
                 std::size_t end) {
  const std::vector<Modulus>& from = converter.from();
  const std::vector<Modulus>& to = converter.to();
  std::array<std::array<Word, kBlockWords>, BaseConverter::kMaxSources + 1> scaled;
  for (std::size_t i = begin; i < end; i += kBlockWords) {
    std::array<double, kBlockWords> share{};
    for (std::size_t source = 0; source < from.size(); ++source) {
      for (std::size_t lane = 0; lane < kBlockWords; ++lane) {
        const Word y = from[source].multiply(in[source][i + lane], converter.inputConstant(source));
        scaled[source][lane] = y;
        share[lane] = std::fma(static_cast<double>(y), from[source].reciprocal, share[lane]);
      }
    }
    for (std::size_t lane = 0; lane < kBlockWords; ++lane) {
      scaled[from.size()][lane] = static_cast<Word>(share[lane] + 0.5);
    }
    for (std::size_t target = 0; target < to.size(); ++target) {
      const Word* constants = converter.outputConstants(target);
      std::array<Word128, kBlockWords> sums{};
      for (std::size_t source = 0; source <= from.size(); ++source) {
        for (std::size_t lane = 0; lane < kBlockWords; ++lane) {
          sums[lane] += static_cast<Word128>(scaled[source][lane]) * constants[source];
        }
      }
      for (std::size_t lane = 0; lane < kBlockWords; ++lane) {
        out[target][i + lane] = to[target].reduce(sums[lane]);
      }
    }
  }
}

void liftSigned(Word* out, const std::int64_t* in, std::size_t n, const Modulus& q) {
  const Modulus modulus = q;
  for (std::size_t i = 0; i < n; ++i) out[i] = modulus.reduceSigned(in[i]);
}

}  // namespace

const Kernels& scalarKernels() {
  static constexpr Kernels table = {
      .name = "scalar",
      .forwardNtt = scalar::forwardNtt,
      .inverseNtt = scalar::inverseNtt,
      .forwardNttPair = forwardInTurn<scalar::forwardNtt>,
      .inverseNttPair = inverseInTurn<scalar::inverseNtt>,
      .add = add,
      .subtract = subtract,
      .negate = negate,
      .multiply = multiply,
      .multiplyAdd = multiplyAdd,
      .multiplyConstant = multiplyConstant,
      .multiplyConstantAdd = multiplyConstantAdd,
      .tensorAdd = tensorAdd,
      .permute = permute,
      .digitRadixBits = kRadixBits,
      .toFactors = copyFactors,
      .keyInnerProduct = keyInnerProduct,
      .plainInnerProducts = plainInnerProducts,
      .plainInputBytes = std::size_t{3} << 18,
      .baseConvert = baseConvert,
      .packBits = scalar::packBits,
      .unpackBits = scalar::unpackBits,
      .allBelow = scalar::allBelow,
      .maskAndCheck = scalar::maskAndCheck,
      .liftSigned = liftSigned,
  };
  return table;
}

}  // namespace ckks
