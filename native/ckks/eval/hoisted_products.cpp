#include "ckks/eval/hoisted_products.h"

#include <algorithm>
#include <bit>

#include "ckks/ring/kernels.h"
#include "ckks/ring/parallel.h"

namespace ckks {
namespace {

constexpr std::size_t kNoCopy = ~std::size_t{0};

/** Largest power of two of residues for which all copies take at most three quarters of a megabyte. */
std::size_t blockFor(std::size_t copies, std::size_t ringDimension) {
  constexpr std::size_t kCacheBytes = std::size_t{3} << 18;
  const std::size_t words = kCacheBytes / (2 * sizeof(Word) * std::max<std::size_t>(copies, 1));
  return std::clamp<std::size_t>(std::bit_floor(words), 256, ringDimension);
}

/** A block of both polynomials of a rotated input. */
struct CopiedBlock {
  const Word* first = nullptr;
  const Word* second = nullptr;
};

}  // namespace

/** One summand of a partial sum. */
struct HoistedProducts::Product {
  std::size_t copy;
  const Word* weights;
};

/** What one worker keeps from row to row. */
struct HoistedProducts::Scratch {
  Scratch(const HoistedProducts& owner, std::size_t giants, std::size_t diagonals)
      : first(owner.copies_.size() * owner.block_),
        second(owner.copies_.size() * owner.block_),
        weights(diagonals * owner.step_.sparseDimension()),
        copies(owner.copies_.size()),
        products(giants),
        rows(owner.digits_.size()),
        keys(owner.switcher_.parameters().digitCount(owner.basis_.level), owner.block_, owner.block_) {
    for (const Copy& copy : owner.copies_) {
      streams.push_back(copy.key ? copy.key->file.uniformStreams() : std::vector<RandomStream>{});
    }
  }

  AlignedWords first;
  AlignedWords second;
  AlignedWords weights;
  std::vector<CopiedBlock> copies;
  std::vector<std::vector<Product>> products;
  /** By term: the row's digits. */
  std::vector<std::vector<const Word*>> rows;
  KeyScratch keys;
  /** By copy; none where no key is needed. */
  std::vector<std::vector<RandomStream>> streams;
  std::vector<const Word*> in0;
  std::vector<const Word*> in1;
  std::vector<const Word*> plains;
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
  for (std::vector<Product>& products : scratch.products) products.clear();
  for (std::size_t term = 0; term < step_.terms().size(); ++term) {
    for (const EncodedDiagonal& diagonal : step_.terms()[term].diagonals) {
      const bool wanted = diagonal.giant >= first && diagonal.giant < first + scratch.products.size();
      const std::size_t copy = copyOfBaby_[term][diagonal.baby];
      // The unrotated input is zero modulo the special primes.
      if (!wanted || (special && !copies_[copy].key)) continue;
      sparse_.evaluate(weights, diagonal.coefficients.data(), step_.sparseDimension(), limb);
      kernels().toFactors(weights, weights, step_.sparseDimension(), modulus);
      scratch.products[diagonal.giant - first].push_back({copy, weights});
      weights += step_.sparseDimension();
    }
  }
}

void HoistedProducts::makeCopies(std::size_t row, std::size_t begin, Scratch& scratch) const {
  const std::size_t limb = switcher_.limb(basis_, row);
  const bool special = row >= basis_.limbs();
  const Modulus& modulus = switcher_.parameters().modulus(limb);
  for (std::size_t i = 0; i < copies_.size(); ++i) {
    const Copy& copy = copies_[i];
    Word* first = scratch.first.data() + i * block_;
    Word* second = scratch.second.data() + i * block_;
    scratch.copies[i] = {first, second};
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
    for (std::size_t giant = 0; giant < sums.size(); ++giant) {
      scratch.in0.clear();
      scratch.in1.clear();
      scratch.plains.clear();
      for (const Product& product : scratch.products[giant]) {
        scratch.in0.push_back(scratch.copies[product.copy].first);
        scratch.in1.push_back(scratch.copies[product.copy].second);
        scratch.plains.push_back(product.weights);
      }
      std::size_t done = 0;
      do {
        const std::size_t count = std::min(scratch.plains.size() - done, kMaxPlainTerms);
        kernels().plainInnerProduct(sums[giant]->first.limb(row) + begin, sums[giant]->second.limb(row) + begin,
                                    scratch.in0.data() + done, scratch.in1.data() + done, scratch.plains.data() + done,
                                    count, blockShift, begin, begin + block_, started[giant] || done > 0, modulus);
        done += count;
      } while (done < scratch.plains.size());
    }
  }
}

}  // namespace ckks
