#include "ckks/ring/avx2_products.h"

#include <algorithm>

#include "ckks/ring/avx2_arithmetic.h"
#include "ckks/ring/kernels.h"
#include "ckks/ring/next_source.h"

namespace ckks::avx2 {
namespace {

/// A block of eight words is two vectors.
constexpr std::size_t kHalves = kBlockWords / kLanes;

/// Reads blocks of eight words of an automorphism's image: each half is a half of the source block in another order.
class BlockReader {
 public:
  CKKS_INLINE explicit BlockReader(const Automorphism& automorphism) : automorphism_(automorphism) {
    for (std::size_t permutation = 0; permutation < kBlockWords; ++permutation) {
      const Word* lanes = automorphism.permutation(permutation).data();
      offsets_[permutation] = lanes[0] & kLanes;
      for (std::size_t half = 0; half < kHalves; ++half) {
        // Lane l of a half is the pair of 32-bit lanes 2 l and 2 l + 1.
        const Vector inHalf = _mm256_and_si256(load(lanes + half * kLanes), broadcast(kLanes - 1));
        const Vector even = _mm256_slli_epi64(inHalf, 1);
        const Vector odd = _mm256_slli_epi64(_mm256_add_epi64(even, broadcast(1)), 32);
        store(orders_[permutation][half], _mm256_or_si256(even, odd));
      }
    }
  }

  /// Where a block comes from.
  struct Source {
    std::size_t offsets[kHalves];
    Vector orders[kHalves];  ///< for _mm256_permutevar8x32_epi32

    [[nodiscard]] CKKS_INLINE Vector read(const Word* limb, std::size_t half) const {
      return _mm256_permutevar8x32_epi32(load(limb + offsets[half]), orders[half]);
    }
  };

  [[nodiscard]] CKKS_INLINE Source at(std::size_t index) const {
    const std::size_t block = index / kBlockWords;
    const std::size_t permutation = automorphism_.permutationIndex(block);
    const std::size_t first = automorphism_.sourceBlock(block) * kBlockWords + offsets_[permutation];
    return {{first, first ^ kLanes}, {load(orders_[permutation][0]), load(orders_[permutation][1])}};
  }

 private:
  const Automorphism& automorphism_;
  std::size_t offsets_[kBlockWords];
  alignas(32) Word orders_[kBlockWords][kHalves][kLanes];
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

  /// One vector of both components.
  struct Pair {
    Reals first;
    Reals second;
  };

  /// What the keys' words from `local` on are, of digit d.
  [[nodiscard]] CKKS_INLINE Pair keys(std::size_t d, std::size_t local) const {
    return {toReals(load(keys0[d] + local)), toReals(load(keys1[d] + local))};
  }

  /// A sum of products, within inputBound; `digit` gives a digit's vector.
  template <bool Single, typename Digit>
  [[nodiscard]] CKKS_INLINE Pair products(std::size_t local, const Digit& digit, const RealModulus& modulus) const {
    const auto product = [&](std::size_t d) -> Pair {
      const Reals left = digit(d);
      const Pair right = keys(d, local);
      return {modulus.multiply(left, right.first), modulus.multiply(left, right.second)};
    };
    Pair sum = product(0);
    if constexpr (!Single) {
      for (std::size_t d = 1; d < digitCount; ++d) {
        const Pair next = product(d);
        sum = {modulus.reduce(_mm256_add_pd(sum.first, next.first)),
               modulus.reduce(_mm256_add_pd(sum.second, next.second))};
      }
    }
    return sum;
  }

  /// The vector from `local` on; `read` gives a limb's words for it. `Single`: one digit.
  template <ProductOutput Output, bool Single, typename Read>
  CKKS_INLINE void vector(std::size_t local, const Read& read, const RealModulus& modulus) const {
    const auto digit = [&](std::size_t d) { return toReals(read(digits[d])); };
    const Reals summand = added0 != nullptr ? toReals(read(added0)) : _mm256_setzero_pd();
    if constexpr (Single && Output == ProductOutput::kAdd) {
      const Reals left = digit(0);
      const Pair right = keys(0, local);
      const Reals sum0 = _mm256_add_pd(toReals(load(out0 + local)), summand);
      store(out0 + local, toWords(modulus.multiplyAdd(left, right.first, sum0)));
      store(out1 + local, toWords(modulus.multiplyAdd(left, right.second, toReals(load(out1 + local)))));
      return;
    }
    Pair sum = products<Single>(local, digit, modulus);
    if (added0 != nullptr) sum.first = modulus.reduce(_mm256_add_pd(sum.first, summand));
    if constexpr (Output == ProductOutput::kFactors) {
      storeReals(out0 + local, sum.first);
      storeReals(out1 + local, sum.second);
    } else if constexpr (Output == ProductOutput::kAdd) {
      store(out0 + local, toWords(modulus.canonical(_mm256_add_pd(sum.first, toReals(load(out0 + local))))));
      store(out1 + local, toWords(modulus.canonical(_mm256_add_pd(sum.second, toReals(load(out1 + local))))));
    } else {
      store(out0 + local, toWords(modulus.nonNegative(sum.first)));
      store(out1 + local, toWords(modulus.nonNegative(sum.second)));
    }
  }

  template <ProductOutput Output, bool Single>
  CKKS_SEPARATE void run(std::size_t begin, std::size_t end, const Modulus& q) const {
    const KeyProduct local = *this;  // which no output can overlap
    const RealModulus modulus(q);
    if (local.automorphism == nullptr) {
      for (std::size_t i = begin; i < end; i += kLanes) {
        local.vector<Output, Single>(
            i - begin, [=](const Word* limb) { return load(limb + i); }, modulus);
      }
      return;
    }
    const BlockReader reader(*local.automorphism);
    const NextSource next(local.automorphism, begin, end);
    for (std::size_t i = begin; i < end; i += kBlockWords) {
      const BlockReader::Source source = reader.at(i);
#pragma GCC unroll 2
      for (std::size_t half = 0; half < kHalves; ++half) {
        const auto read = [&](const Word* limb) {
          if (half == 0) next.prefetch(limb, i);
          return source.read(limb, half);
        };
        local.vector<Output, Single>(i - begin + half * kLanes, read, modulus);
      }
    }
  }

  template <ProductOutput Output>
  void run(std::size_t begin, std::size_t end, const Modulus& q) const {
    digitCount == 1 ? run<Output, true>(begin, end, q) : run<Output, false>(begin, end, q);
  }
};

/// Words whose sums are kept before they are reduced, so that the reductions, each of them a long chain, overlap. What
/// all sums need of so many words of some twenty inputs stays in the level-1 cache.
constexpr std::size_t kRun = 64;

/// Both components' sums of a run.
template <typename Sums>
struct RunSums {
  typename Sums::Sum first[kRun / kLanes];
  typename Sums::Sum second[kRun / kLanes];
};

/// Words [begin, end) of sums over blocks that start at `origin`.
struct PlainRange {
  unsigned blockShift;
  std::size_t origin;
  std::size_t begin;
  std::size_t end;
};

/// The sums of the block of eight words at index i, `local` in the inputs, as those of vectors `at` and at + 1.
template <bool Dense, typename Sums>
CKKS_INLINE void sumBlock(RunSums<Sums>& run, std::size_t at, const PlainTerm* terms, std::size_t count,
                          unsigned blockShift, std::size_t i, std::size_t local, const Sums& sums) {
  typename Sums::Sum first[kHalves] = {sums.start(), sums.start()};
  typename Sums::Sum second[kHalves] = {sums.start(), sums.start()};
  for (const PlainTerm* term = terms; term != terms + count; ++term) {
    Reals weight = _mm256_setzero_pd();
    if constexpr (!Dense) weight = broadcastReal(term->plain + (i >> blockShift));
#pragma GCC unroll 2
    for (std::size_t half = 0; half < kHalves; ++half) {
      const std::size_t offset = half * kLanes;
      if constexpr (Dense) weight = loadReals(term->plain + i + offset);
      first[half].add(weight, loadReals(term->in0 + local + offset));
      second[half].add(weight, loadReals(term->in1 + local + offset));
    }
  }
#pragma GCC unroll 2
  for (std::size_t half = 0; half < kHalves; ++half) {
    run.first[at + half] = first[half];
    run.second[at + half] = second[half];
  }
}

/// At most kRun words of a sum. `Streams`: the results, which replace what is there, leave the caches.
template <bool Dense, bool Streams, typename Sums>
CKKS_SEPARATE void plainRun(const PlainSum& sum, const PlainRange& range, const Modulus& modulus) {
  const Sums sums(modulus, sum.count);
  RunSums<Sums> run;
  for (std::size_t i = range.begin; i < range.end; i += kBlockWords) {
    sumBlock<Dense, Sums>(run, (i - range.begin) / kLanes, sum.terms, sum.count, range.blockShift, i, i - range.origin,
                          sums);
  }
  const std::size_t vectors = (range.end - range.begin) / kLanes;
  const auto finish = [&](Word* out, const typename Sums::Sum* results) {
    Word* place = out + (range.begin - range.origin);
    for (std::size_t k = 0; k < vectors; ++k, place += kLanes) {
      if constexpr (Streams) {
        stream(place, sums.reduce(results[k], _mm256_setzero_pd()));
      } else {
        store(place, sums.reduce(results[k], sum.accumulate ? toReals(load(place)) : _mm256_setzero_pd()));
      }
    }
  };
  finish(sum.out0, run.first);
  finish(sum.out1, run.second);
}

/// In as few passes as the width allows; at least one, so that a sum of nothing is stored too. A result of a single
/// pass is streamed: until it is read, all other sums are written.
template <bool Dense, typename Sums>
void plainSum(const PlainSum& sum, const PlainRange& range, const Modulus& modulus) {
  const std::size_t most = termsThatFit(Sums::kWidth, plainTermBound(static_cast<double>(modulus.value)));
  if (!sum.accumulate && sum.count <= most) return plainRun<Dense, true, Sums>(sum, range, modulus);
  const auto run = plainRun<Dense, false, Sums>;
  PlainSum part = sum;
  while (part.count > most) {
    const std::size_t left = part.count - most;
    part.count = most;
    run(part, range, modulus);
    part = {part.out0, part.out1, part.terms + most, left, true};
  }
  run(part, range, modulus);
}

/// Words that a base conversion takes through all its targets: y_i of every source stays in the level-1 cache.
constexpr std::size_t kTile = 64;

/// A step of a base conversion: y_i of every source, then the rounded quotient v, as doubles.
struct ScaledResidues {
  alignas(64) double values[BaseConverter::kMaxSources + 1][kTile];
};

CKKS_INLINE void scaleSources(ScaledResidues& scaled, const Word* const* in, const BaseConverter& converter,
                              std::size_t begin, std::size_t words) {
  const std::size_t sources = converter.from().size();
  alignas(64) double share[kTile] = {};
  for (std::size_t source = 0; source < sources; ++source) {
    const RealModulus modulus(converter.from()[source]);
    const Factor factor = modulus.factor(converter.inputConstant(source).value);
    for (std::size_t i = 0; i < words; i += kLanes) {
      const Reals y = modulus.nonNegative(modulus.multiply(toReals(load(in[source] + begin + i)), factor));
      _mm256_store_pd(&scaled.values[source][i], y);
      _mm256_store_pd(&share[i], _mm256_fmadd_pd(y, modulus.reciprocal, _mm256_load_pd(&share[i])));
    }
  }
  for (std::size_t i = 0; i < words; i += kLanes) {
    const Reals rounded = _mm256_floor_pd(_mm256_add_pd(_mm256_load_pd(&share[i]), _mm256_set1_pd(0.5)));
    _mm256_store_pd(&scaled.values[sources][i], rounded);
  }
}

/// Terms [first, last) of a target for `Vectors` vectors from `at` of the tile on, added to the words at `out` or
/// stored there.
template <std::size_t Vectors, typename Sums>
CKKS_INLINE void convertVectors(Word* out, const ScaledResidues& scaled, std::size_t at, const double* constants,
                                std::size_t first, std::size_t last, const Sums& sums) {
  typename Sums::Sum partial[Vectors];
#pragma GCC unroll 4
  for (std::size_t k = 0; k < Vectors; ++k) partial[k] = sums.start();
  for (std::size_t term = first; term < last; ++term) {
    const Reals constant = _mm256_broadcast_sd(constants + term);
#pragma GCC unroll 4
    for (std::size_t k = 0; k < Vectors; ++k) {
      partial[k].add(constant, _mm256_load_pd(&scaled.values[term][at + k * kLanes]));
    }
  }
#pragma GCC unroll 4
  for (std::size_t k = 0; k < Vectors; ++k) {
    Word* place = out + k * kLanes;
    store(place, sums.reduce(partial[k], first == 0 ? _mm256_setzero_pd() : toReals(load(place))));
  }
}

/// The same for all words of a tile.
template <typename Sums>
CKKS_SEPARATE void convertTerms(Word* out, const ScaledResidues& scaled, std::size_t words, const double* constants,
                                std::size_t first, std::size_t last, const Modulus& target) {
  const Sums sums(target, last - first);
  std::size_t i = 0;
  for (; i + 4 * kLanes <= words; i += 4 * kLanes) {
    convertVectors<4, Sums>(out + i, scaled, i, constants, first, last, sums);
  }
  for (; i < words; i += 2 * kLanes) {
    convertVectors<2, Sums>(out + i, scaled, i, constants, first, last, sums);
  }
}

/// One target's residues of a tile.
void convertTarget(Word* out, const ScaledResidues& scaled, std::size_t words, const BaseConverter& converter,
                   std::size_t target) {
  const Modulus& modulus = converter.to()[target];
  const double* constants = converter.centredOutputConstants(target);
  const std::size_t terms = converter.from().size() + 1;
  const double largestConstant = static_cast<double>(modulus.value) / 2;
  if (terms <= kNarrowSum.largestCount && converter.largestInputSum() * largestConstant <= kNarrowSum.largestSum) {
    return convertTerms<NarrowSums>(out, scaled, words, constants, 0, terms, modulus);
  }
  const std::size_t most = termsThatFit(kWideSum, largestConstant * static_cast<double>(Word{1} << kMaxModulusBits));
  for (std::size_t first = 0; first < terms; first += most) {
    convertTerms<WideSums>(out, scaled, words, constants, first, std::min(terms, first + most), modulus);
  }
}

}  // namespace

void permute(Word* out, const Word* in, const Automorphism& automorphism, std::size_t begin, std::size_t end) {
  const BlockReader reader(automorphism);
  const NextSource next(&automorphism, begin, end);
  for (std::size_t i = begin; i < end; i += kBlockWords) {
    const BlockReader::Source source = reader.at(i);
    store(out + (i - begin), source.read(in, 0));
    store(out + (i - begin) + kLanes, source.read(in, 1));
    next.prefetch(in, i);
  }
}

void toFactors(Word* out, const Word* in, std::size_t n, const Modulus& q) {
  const RealModulus modulus(q);
  for (std::size_t i = 0; i < n; i += kLanes) storeReals(out + i, modulus.reduce(toReals(load(in + i))));
}

void keyInnerProduct(Word* out0, Word* out1, const Word* const* digits, const Word* const* keys0,
                     const Word* const* keys1, std::size_t digitCount, const Word* added0,
                     const Automorphism* automorphism, std::size_t begin, std::size_t end, ProductOutput output,
                     const Modulus& modulus) {
  const KeyProduct product{out0, out1, digits, keys0, keys1, digitCount, added0, automorphism};
  switch (output) {
    case ProductOutput::kStore:
      return product.run<ProductOutput::kStore>(begin, end, modulus);
    case ProductOutput::kAdd:
      return product.run<ProductOutput::kAdd>(begin, end, modulus);
    case ProductOutput::kFactors:
      return product.run<ProductOutput::kFactors>(begin, end, modulus);
  }
}

void plainInnerProducts(const PlainSum* sums, std::size_t sumCount, unsigned blockShift, std::size_t begin,
                        std::size_t end, const Modulus& modulus) {
  const std::size_t fitting = termsThatFit(kNarrowSum, plainTermBound(static_cast<double>(modulus.value)));
  const bool narrow = fitting == kNarrowSum.largestCount;
  const auto periodic = narrow ? plainSum<false, NarrowSums> : plainSum<false, WideSums>;
  const auto dense = narrow ? plainSum<true, NarrowSums> : plainSum<true, WideSums>;
  const auto sumOf = blockShift == 0 ? dense : periodic;
  for (std::size_t i = begin; i < end; i += kRun) {
    const PlainRange range{blockShift, begin, i, std::min(i + kRun, end)};
    for (const PlainSum* sum = sums; sum != sums + sumCount; ++sum) sumOf(*sum, range, modulus);
  }
  _mm_sfence();
}

void baseConvert(Word* const* out, const Word* const* in, const BaseConverter& converter, std::size_t begin,
                 std::size_t end) {
  ScaledResidues scaled;
  for (std::size_t i = begin; i < end; i += kTile) {
    const std::size_t words = std::min(kTile, end - i);
    scaleSources(scaled, in, converter, i, words);
    for (std::size_t target = 0; target < converter.to().size(); ++target) {
      convertTarget(out[target] + i, scaled, words, converter, target);
    }
  }
}

}  // namespace ckks::avx2
