#include "ckks/ring/avx512_products.h"

#include "ckks/ring/avx512_arithmetic.h"
#include "ckks/ring/kernels.h"
#include "ckks/ring/next_source.h"

namespace ckks::avx512 {
namespace {

/// Vectors that are summed at a time: sixteen sums in registers hide the latency of four cycles of a multiplication.
constexpr std::size_t kWide = 4;

/// The sums of both components for `Width` vectors.
template <std::size_t Width>
struct PairSums {
  Sum first[Width];
  Sum second[Width];

  CKKS_INLINE PairSums() {
#pragma GCC unroll 4
    for (std::size_t w = 0; w < Width; ++w) {
      first[w] = {_mm512_setzero_si512(), _mm512_setzero_si512()};
      second[w] = first[w];
    }
  }

  CKKS_INLINE void start(const Word* words0, const Word* words1) {
#pragma GCC unroll 4
    for (std::size_t w = 0; w < Width; ++w) {
      first[w].lows = load(words0 + w * kBlockWords);
      second[w].lows = load(words1 + w * kBlockWords);
    }
  }

  template <bool FewTerms>
  CKKS_INLINE void store(Word* out0, Word* out1, const SumReducer& reducer) const {
#pragma GCC unroll 4
    for (std::size_t w = 0; w < Width; ++w) {
      avx512::store(out0 + w * kBlockWords, reducer.reduce<FewTerms>(first[w]));
      avx512::store(out1 + w * kBlockWords, reducer.reduce<FewTerms>(second[w]));
    }
  }
};

/// Where an automorphism takes `Width` vectors of its image from; without one, the same place.
template <bool Permuted, std::size_t Width>
class Sources {
 public:
  CKKS_INLINE Sources(const Automorphism* automorphism, const NextSource& next, std::size_t index)
      : next_(next), index_(index) {
#pragma GCC unroll 4
    for (std::size_t w = 0; w < Width; ++w) {
      offsets_[w] = index + w * kBlockWords;
      if constexpr (Permuted) {
        const std::size_t block = index / kBlockWords + w;
        offsets_[w] = automorphism->sourceBlock(block) * kBlockWords;
        lanes_[w] = load(automorphism->lanes(block).data());
      }
    }
  }

  /// Vector w of the image of a limb.
  [[nodiscard]] CKKS_INLINE Vector read(const Word* limb, std::size_t w) const {
    const Vector words = load(limb + offsets_[w]);
    if constexpr (!Permuted) return words;
    next_.prefetch(limb, index_ + w * kBlockWords);
    return _mm512_permutexvar_epi64(lanes_[w], words);
  }

 private:
  const NextSource& next_;
  std::size_t index_;
  std::size_t offsets_[Width];
  Vector lanes_[Width];
};

/// Arguments of Kernels::keyInnerProduct.
struct KeyProduct {
  Word* out0;
  Word* out1;
  const Word* const* digits;
  const Word* const* keys0;
  const Word* const* keys1;
  std::size_t digitCount;
  const Word* added0;
  const Automorphism* automorphism;
  bool accumulate;

  /// The outputs, from `local` on, for `Width` blocks from index i on.
  template <Terms Count, bool Permuted, std::size_t Width>
  CKKS_INLINE void blocks(std::size_t i, std::size_t local, const RadixDivider& divider, const NextSource& next) const {
    const Sources<Permuted, Width> sources(automorphism, next, i);
    if constexpr (Count == Terms::kOne) {
#pragma GCC unroll 4
      for (std::size_t w = 0; w < Width; ++w) {
        const Vector words = sources.read(digits[0], w);
        const Vector key0 = load(keys0[0] + local + w * kBlockWords);
        const Vector key1 = load(keys1[0] + local + w * kBlockWords);
        finish<Count>({low(words, key0), high(words, key0)}, {low(words, key1), high(words, key1)},
                      local + w * kBlockWords, sources, w, divider);
      }
      return;
    }
    PairSums<Width> sums;
    for (std::size_t d = 0; d < digitCount; ++d) {
      const Word* key0 = keys0[d] + local;
      const Word* key1 = keys1[d] + local;
#pragma GCC unroll 4
      for (std::size_t w = 0; w < Width; ++w) {
        const Vector words = sources.read(digits[d], w);
        sums.first[w].add(words, load(key0 + w * kBlockWords));
        sums.second[w].add(words, load(key1 + w * kBlockWords));
      }
    }
#pragma GCC unroll 4
    for (std::size_t w = 0; w < Width; ++w) {
      finish<Count>(sums.first[w], sums.second[w], local + w * kBlockWords, sources, w, divider);
    }
  }

  /// The outputs at `place` from the sums of vector w.
  template <Terms Count, bool Permuted, std::size_t Width>
  CKKS_INLINE void finish(Sum sum0, Sum sum1, std::size_t place, const Sources<Permuted, Width>& sources, std::size_t w,
                          const RadixDivider& divider) const {
    Vector first = divider.divide<Count>(sum0);
    Vector second = divider.divide<Count>(sum1);
    if (accumulate) {
      first = divider.add(first, load(out0 + place));
      second = divider.add(second, load(out1 + place));
    }
    if (added0 != nullptr) first = divider.add(first, sources.read(added0, w));
    store(out0 + place, first);
    store(out1 + place, second);
  }

  template <Terms Count, bool Permuted>
  void run(std::size_t begin, std::size_t end, const Modulus& modulus) const {
    const NextSource next(automorphism, begin, end);
    const RadixDivider divider(modulus);
    std::size_t i = begin;
    for (; i + kWide * kBlockWords <= end; i += kWide * kBlockWords) {
      blocks<Count, Permuted, kWide>(i, i - begin, divider, next);
    }
    for (; i < end; i += kBlockWords) blocks<Count, Permuted, 1>(i, i - begin, divider, next);
  }

  template <Terms Count>
  void run(std::size_t begin, std::size_t end, const Modulus& modulus) const {
    if (automorphism == nullptr) {
      run<Count, false>(begin, end, modulus);
    } else {
      run<Count, true>(begin, end, modulus);
    }
  }
};

/// How weights are laid out: one a word, one for all words of a step, or one for each vector of a step.
enum class Weights { kDense, kShared, kEach };

struct PlainProduct : PlainSum {
  unsigned blockShift;

  template <bool FewTerms, Weights Layout, std::size_t Width>
  CKKS_INLINE void blocks(std::size_t i, std::size_t local, const SumReducer& reducer) const {
    PairSums<Width> sums;
    if (accumulate) sums.start(out0 + local, out1 + local);
    for (const PlainTerm* term = terms; term != terms + count; ++term) {
      Vector weight = _mm512_setzero_si512();
      if constexpr (Layout == Weights::kShared) weight = broadcast(term->plain[i >> blockShift]);
#pragma GCC unroll 4
      for (std::size_t w = 0; w < Width; ++w) {
        const std::size_t offset = w * kBlockWords;
        if constexpr (Layout == Weights::kDense) weight = load(term->plain + i + offset);
        if constexpr (Layout == Weights::kEach) weight = broadcast(term->plain[(i + offset) >> blockShift]);
        sums.first[w].add(weight, load(term->in0 + local + offset));
        sums.second[w].add(weight, load(term->in1 + local + offset));
      }
    }
    sums.template store<FewTerms>(out0 + local, out1 + local, reducer);
  }

  template <bool FewTerms, Weights Layout>
  CKKS_SEPARATE void run(std::size_t begin, std::size_t end, const Modulus& modulus) const {
    constexpr std::size_t step = kWide * kBlockWords;
    const SumReducer reducer(modulus);
    std::size_t i = begin;
    if constexpr (Layout == Weights::kShared) {
      for (; i < end && i % step != 0; i += kBlockWords) {
        blocks<FewTerms, Weights::kShared, 1>(i, i - begin, reducer);
      }
    }
    for (; i + step <= end; i += step) blocks<FewTerms, Layout, kWide>(i, i - begin, reducer);
    for (; i < end; i += kBlockWords) blocks<FewTerms, Layout, 1>(i, i - begin, reducer);
  }

  template <bool FewTerms>
  void runAny(std::size_t begin, std::size_t end, const Modulus& modulus) const {
    if (blockShift == 0) return run<FewTerms, Weights::kDense>(begin, end, modulus);
    if (blockShift >= 5) return run<FewTerms, Weights::kShared>(begin, end, modulus);
    return run<FewTerms, Weights::kEach>(begin, end, modulus);
  }
};

}  // namespace

void permute(Word* out, const Word* in, const Automorphism& automorphism, std::size_t begin, std::size_t end) {
  const NextSource next(&automorphism, begin, end);
  for (std::size_t i = begin; i < end; i += kBlockWords) {
    const std::size_t block = i / kBlockWords;
    const Vector lanes = load(automorphism.lanes(block).data());
    store(out + (i - begin), _mm512_permutexvar_epi64(lanes, load(in + automorphism.sourceBlock(block) * kBlockWords)));
    next.prefetch(in, i);
  }
}

void keyInnerProduct(Word* out0, Word* out1, const Word* const* digits, const Word* const* keys0,
                     const Word* const* keys1, std::size_t digitCount, const Word* added0,
                     const Automorphism* automorphism, std::size_t begin, std::size_t end, ProductOutput output,
                     const Modulus& modulus) {
  const KeyProduct product{
      out0, out1, digits, keys0, keys1, digitCount, added0, automorphism, output == ProductOutput::kAdd};
  if (digitCount == 1) {
    product.run<Terms::kOne>(begin, end, modulus);
  } else if (digitCount <= RadixDivider::kFewTerms) {
    product.run<Terms::kFew>(begin, end, modulus);
  } else {
    product.run<Terms::kMany>(begin, end, modulus);
  }
}

void plainInnerProducts(const PlainSum* sums, std::size_t sumCount, unsigned blockShift, std::size_t begin,
                        std::size_t end, const Modulus& modulus) {
  for (const PlainSum* sum = sums; sum != sums + sumCount; ++sum) {
    const PlainProduct product{*sum, blockShift};
    // What the outputs hold adds to the low halves only and costs at most one carry.
    if (sum->count < SumReducer::kFewTerms) {
      product.runAny<true>(begin, end, modulus);
    } else {
      product.runAny<false>(begin, end, modulus);
    }
  }
}

}  // namespace ckks::avx512
