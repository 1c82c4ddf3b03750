#include "ckks/ring/avx2_products.h"

#include <algorithm>

#include "ckks/ring/avx2_arithmetic.h"
#include "ckks/ring/kernels.h"
#include "ckks/ring/next_source.h"

namespace ckks::avx2 {
namespace {

/// A block of eight words is two vectors.
constexpr std::size_t kHalves = kBlockWords / kLanes;

/// Where one half of an output block comes from: a half of a source block, in another order.
struct HalfSource {
  std::size_t offset;
  Vector order;  ///< for _mm256_permutevar8x32_epi32

  CKKS_INLINE HalfSource(const Automorphism& automorphism, std::size_t index) {
    const std::size_t block = index / kBlockWords;
    const Word* lanes = automorphism.lanes(block).data() + index % kBlockWords;
    offset = automorphism.sourceBlock(block) * kBlockWords + (lanes[0] & kLanes);
    // Lane l of a half is the pair of 32-bit lanes 2 l and 2 l + 1.
    const Vector even = _mm256_slli_epi64(_mm256_and_si256(load(lanes), broadcast(kLanes - 1)), 1);
    const Vector odd = _mm256_slli_epi64(_mm256_add_epi64(even, broadcast(1)), 32);
    order = _mm256_or_si256(even, odd);
  }

  [[nodiscard]] CKKS_INLINE Vector read(const Word* limb) const {
    return _mm256_permutevar8x32_epi32(load(limb + offset), order);
  }
};

/// Arguments of Kernels::keyInnerProduct with at most SumReducer::kMaxTerms digits.
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

  /// Both components of the vector at index i, `local` in the outputs; `read` gives a limb's words for it.
  template <typename Read>
  CKKS_INLINE void vectorAt(std::size_t local, const Read& read, const SumReducer& reducer, Vector modulus) const {
    Sum first = reducer.start();
    Sum second = reducer.start();
    for (std::size_t d = 0; d < digitCount; ++d) {
      const Reals digit = toReals(read(digits[d]));
      first.add(digit, toReals(load(keys0[d] + local)));
      second.add(digit, toReals(load(keys1[d] + local)));
    }
    finish(out0 + local, reducer.divideByRadix(first), added0, read, modulus);
    finish(out1 + local, reducer.divideByRadix(second), nullptr, read, modulus);
  }

  template <typename Read>
  CKKS_INLINE void finish(Word* out, Vector sum, const Word* summand, const Read& read, Vector modulus) const {
    if (accumulate) sum = reduceOnce(_mm256_add_epi64(sum, load(out)), modulus);
    if (summand != nullptr) sum = reduceOnce(_mm256_add_epi64(sum, read(summand)), modulus);
    store(out, sum);
  }

  void run(std::size_t begin, std::size_t end, const Modulus& q) const {
    const SumReducer reducer(q, digitCount);
    const Vector modulus = broadcast(q.value);
    const NextSource next(automorphism, begin, end);
    for (std::size_t i = begin; i < end; i += kLanes) {
      if (automorphism == nullptr) {
        vectorAt(
            i - begin, [=](const Word* limb) { return load(limb + i); }, reducer, modulus);
      } else {
        const HalfSource source(*automorphism, i);
        const auto read = [&](const Word* limb) {
          next.prefetch(limb, i);
          return source.read(limb);
        };
        vectorAt(i - begin, read, reducer, modulus);
      }
    }
  }
};

/// One term of a sum of plaintext products.
struct PlainTerm {
  const Word* in0;
  const Word* in1;
  const Word* plain;
};

/// At most SumReducer::kMaxTerms terms, for one block of eight words.
template <bool Dense>
CKKS_INLINE void plainProducts(Word* out0, Word* out1, const PlainTerm* terms, std::size_t count, unsigned blockShift,
                               std::size_t i, std::size_t local, bool accumulate, const SumReducer& reducer) {
  Sum first[kHalves] = {reducer.start(), reducer.start()};
  Sum second[kHalves] = {reducer.start(), reducer.start()};
  for (const PlainTerm* term = terms; term != terms + count; ++term) {
    Reals weight = _mm256_setzero_pd();
    if constexpr (!Dense) weight = toReals(broadcast(term->plain[i >> blockShift]));
#pragma GCC unroll 2
    for (std::size_t half = 0; half < kHalves; ++half) {
      const std::size_t offset = half * kLanes;
      if constexpr (Dense) weight = toReals(load(term->plain + i + offset));
      first[half].add(weight, toReals(load(term->in0 + local + offset)));
      second[half].add(weight, toReals(load(term->in1 + local + offset)));
    }
  }
#pragma GCC unroll 2
  for (std::size_t half = 0; half < kHalves; ++half) {
    Word* place0 = out0 + local + half * kLanes;
    Word* place1 = out1 + local + half * kLanes;
    store(place0, reducer.reduce(first[half], accumulate ? load(place0) : _mm256_setzero_si256()));
    store(place1, reducer.reduce(second[half], accumulate ? load(place1) : _mm256_setzero_si256()));
  }
}

template <bool Dense>
void plainRange(Word* out0, Word* out1, const PlainTerm* terms, std::size_t count, unsigned blockShift,
                std::size_t begin, std::size_t end, bool accumulate, const Modulus& modulus) {
  const SumReducer reducer(modulus, count);
  for (std::size_t i = begin; i < end; i += kBlockWords) {
    plainProducts<Dense>(out0, out1, terms, count, blockShift, i, i - begin, accumulate, reducer);
  }
}

/// A step of a base conversion: y_i of every source, then the rounded quotient v, as doubles.
struct ScaledResidues {
  alignas(64) double values[BaseConverter::kMaxSources + 1][kBlockWords];
};

CKKS_INLINE void scaleSources(ScaledResidues& scaled, const Word* const* in, const BaseConverter& converter,
                              std::size_t i) {
  const std::size_t sources = converter.from().size();
  Reals share[kHalves] = {_mm256_setzero_pd(), _mm256_setzero_pd()};
  for (std::size_t source = 0; source < sources; ++source) {
    const RealModulus modulus(converter.from()[source]);
    const Reals factor = toReals(broadcast(converter.inputConstant(source).value));
#pragma GCC unroll 2
    for (std::size_t half = 0; half < kHalves; ++half) {
      const Reals y = modulus.multiplyCanonical(toReals(load(in[source] + i + half * kLanes)), factor);
      _mm256_store_pd(&scaled.values[source][half * kLanes], y);
      share[half] = _mm256_fmadd_pd(y, modulus.reciprocal, share[half]);
    }
  }
#pragma GCC unroll 2
  for (std::size_t half = 0; half < kHalves; ++half) {
    const Reals rounded = _mm256_floor_pd(_mm256_add_pd(share[half], _mm256_set1_pd(0.5)));
    _mm256_store_pd(&scaled.values[sources][half * kLanes], rounded);
  }
}

/// Adds terms [first, last) of target `constants` to the words at `out`, or starts them.
CKKS_INLINE void convertTerms(Word* out, const ScaledResidues& scaled, const Word* constants, std::size_t first,
                              std::size_t last, const SumReducer& reducer) {
  Sum sums[kHalves] = {reducer.start(), reducer.start()};
  for (std::size_t term = first; term < last; ++term) {
    const Reals constant = toReals(broadcast(constants[term]));
#pragma GCC unroll 2
    for (std::size_t half = 0; half < kHalves; ++half) {
      sums[half].add(constant, _mm256_load_pd(&scaled.values[term][half * kLanes]));
    }
  }
#pragma GCC unroll 2
  for (std::size_t half = 0; half < kHalves; ++half) {
    Word* place = out + half * kLanes;
    store(place, reducer.reduce(sums[half], first == 0 ? _mm256_setzero_si256() : load(place)));
  }
}

}  // namespace

void permute(Word* out, const Word* in, const Automorphism& automorphism, std::size_t begin, std::size_t end) {
  const NextSource next(&automorphism, begin, end);
  for (std::size_t i = begin; i < end; i += kLanes) {
    store(out + (i - begin), HalfSource(automorphism, i).read(in));
    next.prefetch(in, i);
  }
}

void keyInnerProduct(Word* out0, Word* out1, const Word* const* digits, const Word* const* keys0,
                     const Word* const* keys1, std::size_t digitCount, const Word* added0,
                     const Automorphism* automorphism, std::size_t begin, std::size_t end, bool accumulate,
                     const Modulus& modulus) {
  for (std::size_t first = 0; first < digitCount; first += SumReducer::kMaxTerms) {
    const std::size_t count = std::min(digitCount - first, SumReducer::kMaxTerms);
    const KeyProduct product{out0,  out1,   digits + first, keys0 + first, keys1 + first,
                             count, added0, automorphism,   accumulate};
    product.run(begin, end, modulus);
    accumulate = true;
    added0 = nullptr;
  }
}

void plainInnerProduct(Word* out0, Word* out1, const Word* const* in0, const Word* const* in1,
                       const Word* const* plains, std::size_t count, unsigned blockShift, std::size_t begin,
                       std::size_t end, bool accumulate, const Modulus& modulus) {
  PlainTerm terms[kMaxPlainTerms];
  std::size_t kept = 0;
  for (std::size_t k = 0; k < count; ++k) {
    if (plains[k] != nullptr) terms[kept++] = {in0[k], in1[k], plains[k]};
  }
  // At least one round, so that a sum of nothing is stored too.
  std::size_t first = 0;
  do {
    const std::size_t taken = std::min(kept - first, SumReducer::kMaxTerms);
    const auto range = blockShift == 0 ? plainRange<true> : plainRange<false>;
    range(out0, out1, terms + first, taken, blockShift, begin, end, accumulate || first != 0, modulus);
    first += taken;
  } while (first < kept);
}

void baseConvert(Word* const* out, const Word* const* in, const BaseConverter& converter, std::size_t begin,
                 std::size_t end) {
  const std::size_t terms = converter.from().size() + 1;
  const std::size_t targets = converter.to().size();
  ScaledResidues scaled;
  for (std::size_t i = begin; i < end; i += kBlockWords) {
    scaleSources(scaled, in, converter, i);
    for (std::size_t target = 0; target < targets; ++target) {
      const Word* constants = converter.outputConstants(target);
      for (std::size_t first = 0; first < terms; first += SumReducer::kMaxTerms) {
        const std::size_t last = std::min(terms, first + SumReducer::kMaxTerms);
        const SumReducer reducer(converter.to()[target], last - first);
        convertTerms(out[target] + i, scaled, constants, first, last, reducer);
      }
    }
  }
}

}  // namespace ckks::avx2
