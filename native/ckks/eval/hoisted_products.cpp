#include "ckks/eval/hoisted_products.h"

#include <algorithm>
#include <bit>

#include "ckks/ring/kernels.h"
#include "ckks/ring/parallel.h"

namespace ckks {
namespace {

constexpr std::size_t kNoCopy = ~std::size_t{0};

/**
 * Words between copies, or weights, and the next ones: at a distance that is a power of two all would fall on the same
 * sets of a cache. Kernels walk all copies a few lines at a time.
 */
constexpr std::size_t kCopyPadding = 64;
constexpr std::size_t kWeightPadding = 8;

/** Largest power of two of residues for which all copies are inputs that the kernels take well. */
std::size_t blockFor(std::size_t copies, std::size_t ringDimension) {
  const std::size_t words = kernels().plainInputBytes / (2 * sizeof(Word) * std::max<std::size_t>(copies, 1));
  return std::clamp<std::size_t>(std::bit_floor(words), 256, ringDimension);
}

}  // namespace

/** What one worker keeps from row to row. */
struct HoistedProducts::Scratch {
  Scratch(const HoistedProducts& owner, std::size_t giants, std::size_t diagonals)
      : stride(owner.block_ + kCopyPadding),
        copies(2 * owner.copies_.size() * stride),
        weights(diagonals * (owner.step_.sparseDimension() + kWeightPadding)),
        terms(giants),
        rows(owner.digits_.size()),
        keys(owner.switcher_.parameters().digitCount(owner.basis_.level), owner.block_, owner.block_) {
    for (const Copy& copy : owner.copies_) {
      streams.push_back(copy.key ? copy.key->file.uniformStreams() : std::vector<RandomStream>{});
    }
  }

  /** A block of the first and the second polynomial of a rotated input. */
  Word* first(std::size_t copy) { return copies.data() + 2 * copy * stride; }
  Word* second(std::size_t copy) { return first(copy) + stride; }

  std::size_t stride;
  AlignedWords copies;
  AlignedWords weights;
  /** By giant step: the row's products of its sum. */
  std::vector<std::vector<PlainTerm>> terms;
  std::vector<PlainSum> sums;
  /** By term: the row's digits. */
  std::vector<std::vector<const Word*>> rows;
  KeyScratch keys;
  /** By copy; none where no key is needed. */
  std::vector<std::vector<RandomStream>> streams;
};

HoistedProducts::HoistedProducts(KeySwitcher& switcher, SparseTransform& sparse, const KeySet& keys,
                                 const EncodedLinear& step, const std::vector<const Ciphertext*>& inputs,
                                 const Basis& basis)
    : switcher_(switcher), sparse_(sparse), step_(step), basis_(basis), digits_(inputs.size()) {
  std::vector<bool> rotates(inputs.size(), false);
  for (std::size_t term = 0; term < inputs.size(); ++term) {
    std::vector<std::size_t>& copyOfBaby = copyOfBaby_.emplace_back(step.babySteps().size(), kNoCopy);
    for (const EncodedDiagonal& diagonal : step.terms()[term].diagonals) {
      if (copyOfBaby[diagonal.baby] != kNoCopy) continue;
      copyOfBaby[diagonal.baby] = copies_.size();
      const long baby = step.babySteps()[diagonal.baby];
      copies_.push_back({inputs[term], term, baby == 0 ? nullptr : &keys.rotation(baby, basis.level)});
      if (baby != 0) rotates[term] = true;
    }
  }
  for (std::size_t term = 0; term < inputs.size(); ++term) {
    if (rotates[term]) digits_[term] = switcher.decompose(inputs[term]->c1, basis);
  }
  block_ = blockFor(copies_.size(), switcher.parameters().ringDimension());
}

void HoistedProducts::addTo(std::vector<PartialSum>& sums, std::size_t first) {
  const std::size_t n = switcher_.parameters().ringDimension();
  std::vector<bool> started;
  for (PartialSum& sum : sums) {
    started.push_back(sum.has_value());
    if (!sum) sum = PolynomialPair{LimbMatrix(basis_.rows(), n), LimbMatrix(basis_.rows(), n)};
  }
  std::size_t diagonals = 0;
  for (const EncodedTerm& term : step_.terms()) diagonals += term.diagonals.size();
  const ParallelSession session;
  std::vector<std::optional<Scratch>> scratch(session.threads());
  parallelFor(basis_.rows(), [&](std::size_t row, unsigned worker) {
    if (!scratch[worker]) scratch[worker].emplace(*this, sums.size(), diagonals);
    addRow(sums, started, first, row, *scratch[worker]);
  });
}

void HoistedProducts::evaluateWeights(std::size_t first, std::size_t row, Scratch& scratch) const {
  const std::size_t limb = switcher_.limb(basis_, row);
  const bool special = row >= basis_.limbs();
  const Modulus& modulus = switcher_.parameters().modulus(limb);
  Word* weights = scratch.weights.data();
  for (std::vector<PlainTerm>& terms : scratch.terms) terms.clear();
  for (std::size_t term = 0; term < step_.terms().size(); ++term) {
    for (const EncodedDiagonal& diagonal : step_.terms()[term].diagonals) {
      const bool wanted = diagonal.giant >= first && diagonal.giant < first + scratch.terms.size();
      const std::size_t copy = copyOfBaby_[term][diagonal.baby];
      // The unrotated input is zero modulo the special primes.
      if (!wanted || (special && !copies_[copy].key)) continue;
      sparse_.evaluate(weights, diagonal.coefficients.data(), step_.sparseDimension(), limb);
      kernels().toFactors(weights, weights, step_.sparseDimension(), modulus);
      scratch.terms[diagonal.giant - first].push_back({scratch.first(copy), scratch.second(copy), weights});
      weights += step_.sparseDimension() + kWeightPadding;
    }
  }
}

void HoistedProducts::makeCopies(std::size_t row, std::size_t begin, Scratch& scratch) const {
  const std::size_t limb = switcher_.limb(basis_, row);
  const bool special = row >= basis_.limbs();
  const Modulus& modulus = switcher_.parameters().modulus(limb);
  for (std::size_t i = 0; i < copies_.size(); ++i) {
    const Copy& copy = copies_[i];
    Word* first = scratch.first(i);
    Word* second = scratch.second(i);
    if (copy.key) {
      const Word* added0 = special ? nullptr : copy.input->c0.limb(limb);
      switcher_.innerProduct(first, second, scratch.rows[copy.term], added0, *copy.key, basis_, row, begin, block_,
                             ProductOutput::kFactors, scratch.streams[i], scratch.keys);
    } else if (!special) {
      // The extended basis holds an input as it is, with zeros in the special rows, where no product asks for them.
      kernels().toFactors(first, copy.input->c0.limb(limb) + begin, block_, modulus);
      kernels().toFactors(second, copy.input->c1.limb(limb) + begin, block_, modulus);
    }
  }
}

void HoistedProducts::addRow(std::vector<PartialSum>& sums, const std::vector<bool>& started, std::size_t first,
                             std::size_t row, Scratch& scratch) {
  const std::size_t n = switcher_.parameters().ringDimension();
  const Modulus& modulus = switcher_.parameters().modulus(switcher_.limb(basis_, row));
  const auto blockShift = static_cast<unsigned>(std::countr_zero(n / step_.sparseDimension()));
  evaluateWeights(first, row, scratch);
  for (std::size_t term = 0; term < digits_.size(); ++term) {
    if (digits_[term])
      scratch.rows[term] = digits_[term]->row(row, switcher_.parameters().table(switcher_.limb(basis_, row)));
  }
  for (std::size_t begin = 0; begin < n; begin += block_) {
    makeCopies(row, begin, scratch);
    // Each call takes so many products of every sum.
    bool more = true;
    for (std::size_t done = 0; more; done += kMaxPlainTerms) {
      scratch.sums.clear();
      more = false;
      for (std::size_t giant = 0; giant < sums.size(); ++giant) {
        const std::vector<PlainTerm>& terms = scratch.terms[giant];
        if (done > 0 && done >= terms.size()) continue;
        scratch.sums.push_back({sums[giant]->first.limb(row) + begin, sums[giant]->second.limb(row) + begin,
                                terms.data() + done, std::min(terms.size() - done, kMaxPlainTerms),
                                started[giant] || done > 0});
        more = more || done + kMaxPlainTerms < terms.size();
      }
      kernels().plainInnerProducts(scratch.sums.data(), scratch.sums.size(), blockShift, begin, begin + block_,
                                   modulus);
    }
  }
}

}  // namespace ckks
