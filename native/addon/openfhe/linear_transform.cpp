#include "linear_transform.h"

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <optional>

#include "evaluation.h"
#include "parallel.h"

namespace openfhe_addon {
namespace {

constexpr size_t kChunk = 2048;  // residues accumulated at once: 32 KB of 128-bit sums

static_assert(sizeof(lbcrypto::NativeInteger) == sizeof(uint64_t));

const uint64_t* residues(const Poly& poly, size_t prime) {
  return reinterpret_cast<const uint64_t*>(&poly.GetElementAtIndex(prime)[0]);
}

uint64_t* mutableResidues(Poly& poly, size_t prime) {
  return reinterpret_cast<uint64_t*>(&poly.GetAllElements()[prime][0]);
}

using Pair = std::array<Poly, 2>;
using KeyMap = std::map<uint32_t, lbcrypto::EvalKey<Poly>>;

class Evaluation {
 public:
  Evaluation(const Context& context, PlaintextEncoder& encoder, const LinearStep& step)
      : context_(context),
        encoder_(encoder),
        step_(step),
        dimension_(context.ringDimension()),
        paramsQ_(context.paramsQ(step.level)),
        paramsQp_(context.paramsQP(step.level)),
        primes_(context.keyPrimes(step.level)),
        specialFactor_(context.parameters().GetPModq()) {}

  Ciphertext run(const std::vector<Ciphertext>& inputs);

 private:
  using Digits = std::shared_ptr<std::vector<Poly>>;

  Pair zero() const { return {Poly(paramsQp_, Format::EVALUATION, true), Poly(paramsQp_, Format::EVALUATION, true)}; }
  Digits decompose(const Poly& poly) const;
  Poly divideBySpecial(const Poly& poly) const;
  const lbcrypto::EvalKey<Poly>& keyFor(int32_t rotation) const;
  std::vector<uint32_t> permutationOf(int32_t rotation) const;

  // rotation of (first P, key switch of digits), in basis Q P; `first` may be null.
  void addRotated(Pair& result, const Digits& digits, const Poly* first, int32_t rotation) const;
  Pair baby(const Ciphertext& input, const Digits& digits, int32_t rotation) const;
  void multiplyBySpecial(Poly& result, const Poly& poly) const;
  Pair giantSum(uint32_t giant, const std::vector<Ciphertext>& inputs) const;
  void addPermuted(Poly& result, const Poly& poly, int32_t rotation) const;
  void add(Poly& result, const Poly& poly) const;

  const Context& context_;
  PlaintextEncoder& encoder_;
  const LinearStep& step_;
  const uint32_t dimension_;
  const std::shared_ptr<PolyParams> paramsQ_;
  const std::shared_ptr<PolyParams> paramsQp_;
  const std::vector<size_t> primes_;
  const std::vector<lbcrypto::NativeInteger>& specialFactor_;
  const KeyMap* keys_ = nullptr;
  std::map<std::pair<uint32_t, uint32_t>, Pair> babies_;  // by source and baby index
};

Evaluation::Digits Evaluation::decompose(const Poly& poly) const {
  return context_.crypto()->GetScheme()->EvalKeySwitchPrecomputeCore(poly, context_.crypto()->GetCryptoParameters());
}

Poly Evaluation::divideBySpecial(const Poly& poly) const {
  const auto& p = context_.parameters();
  return poly.ApproxModDown(paramsQ_, p.GetParamsP(), p.GetPInvModq(), p.GetPInvModqPrecon(), p.GetPHatInvModp(),
                            p.GetPHatInvModpPrecon(), p.GetPHatModq(), p.GetModqBarrettMu(), p.GettInvModp(),
                            p.GettInvModpPrecon(), 0, p.GettModqPrecon());
}

const lbcrypto::EvalKey<Poly>& Evaluation::keyFor(int32_t rotation) const {
  return keys_->at(lbcrypto::FindAutomorphismIndex2nComplex(rotation, 2 * dimension_));
}

std::vector<uint32_t> Evaluation::permutationOf(int32_t rotation) const {
  std::vector<uint32_t> result(dimension_);
  lbcrypto::PrecomputeAutoMap(dimension_, lbcrypto::FindAutomorphismIndex2nComplex(rotation, 2 * dimension_), &result);
  return result;
}

void Evaluation::multiplyBySpecial(Poly& result, const Poly& poly) const {
  parallelFor(step_.level + 1, [&](int64_t prime) {
    const Modulus& modulus = encoder_.modulus(prime);
    const uint64_t factor = modulus.toMontgomery(specialFactor_[prime].ConvertToInt<uint64_t>());
    const uint64_t* const in = residues(poly, prime);
    uint64_t* const out = mutableResidues(result, prime);
    for (uint32_t i = 0; i < dimension_; ++i) out[i] = modulus.multiply(in[i], factor);
  });
}

void Evaluation::addRotated(Pair& result, const Digits& digits, const Poly* first, int32_t rotation) const {
  const auto& key = keyFor(rotation);
  const std::vector<uint32_t> permutation = permutationOf(rotation);
  const size_t count = digits->size();
  parallelFor(static_cast<int64_t>(2 * primes_.size()), [&](int64_t task) {
    const size_t prime = task / 2;
    const size_t component = task % 2;
    const Modulus& modulus = encoder_.modulus(primes_[prime]);
    const auto& keyPolys = component == 0 ? key->GetBVector() : key->GetAVector();
    std::vector<uint64_t> product(dimension_);
    std::vector<uint128> sums(kChunk);
    for (size_t start = 0; start < dimension_; start += kChunk) {
      const size_t length = std::min<size_t>(kChunk, dimension_ - start);
      std::fill_n(sums.begin(), length, 0);
      for (size_t digit = 0; digit < count; ++digit) {
        const uint64_t* const a = residues((*digits)[digit], prime) + start;
        const uint64_t* const b = residues(keyPolys[digit], primes_[prime]) + start;
        for (size_t i = 0; i < length; ++i) sums[i] += static_cast<uint128>(a[i]) * b[i];
      }
      for (size_t i = 0; i < length; ++i) product[start + i] = modulus.reducePlain(sums[i]);
    }
    if (first != nullptr && component == 0 && prime <= step_.level) {
      const uint64_t factor = modulus.toMontgomery(specialFactor_[prime].ConvertToInt<uint64_t>());
      const uint64_t* const in = residues(*first, prime);
      for (uint32_t i = 0; i < dimension_; ++i) product[i] = modulus.add(product[i], modulus.multiply(in[i], factor));
    }
    uint64_t* const out = mutableResidues(result[component], prime);
    for (uint32_t i = 0; i < dimension_; ++i) out[i] = modulus.add(out[i], product[permutation[i]]);
  });
}

Pair Evaluation::baby(const Ciphertext& input, const Digits& digits, int32_t rotation) const {
  Pair result = zero();
  const auto& elements = input->GetElements();
  if (rotation == 0) {
    multiplyBySpecial(result[0], elements[0]);
    multiplyBySpecial(result[1], elements[1]);
  } else {
    addRotated(result, digits, &elements[0], rotation);
  }
  return result;
}

Pair Evaluation::giantSum(uint32_t giant, const std::vector<Ciphertext>& inputs) const {
  std::vector<const LinearEntry*> entries;
  for (const LinearEntry& entry : step_.entries) {
    if (entry.giant == giant) entries.push_back(&entry);
  }
  // The products must come out at OpenFHE's scale whatever the inputs' exact scales are.
  const double target = context_.scale(step_.level) * context_.scale(step_.level);
  std::vector<EncodedPlaintext> plaintexts(entries.size());
  parallelFor(static_cast<int64_t>(entries.size()), [&](int64_t e) {
    const LinearEntry& entry = *entries[e];
    const double* const diagonal = step_.diagonals.data() + size_t{entry.diagonal} * step_.period;
    plaintexts[e] = encoder_.encode(diagonal, step_.period, -int64_t{step_.giantSteps[giant]},
                                    target / inputs[entry.source]->GetScalingFactor(), primes_);
  });

  Pair result = zero();
  parallelFor(static_cast<int64_t>(2 * primes_.size()), [&](int64_t task) {
    const size_t prime = task / 2;
    const size_t component = task % 2;
    const Modulus& modulus = encoder_.modulus(primes_[prime]);
    uint64_t* const out = mutableResidues(result[component], prime);
    std::vector<uint128> sums(kChunk);
    for (size_t start = 0; start < dimension_; start += kChunk) {
      const size_t length = std::min<size_t>(kChunk, dimension_ - start);
      std::fill_n(sums.begin(), length, 0);
      for (size_t e = 0; e < entries.size(); ++e) {
        const Pair& baby = babies_.at({entries[e]->source, entries[e]->baby});
        const uint64_t* const in = residues(baby[component], prime) + start;
        const uint64_t* const weights = plaintexts[e].prime(prime);
        const size_t block = plaintexts[e].block;
        for (size_t i = 0; i < length;) {
          const uint64_t weight = weights[(start + i) / block];
          for (const size_t end = std::min(length, i + block); i < end; ++i) {
            sums[i] += static_cast<uint128>(in[i]) * weight;
          }
        }
      }
      for (size_t i = 0; i < length; ++i) out[start + i] = modulus.reduce(sums[i]);
    }
  });
  return result;
}

void Evaluation::addPermuted(Poly& result, const Poly& poly, int32_t rotation) const {
  const std::vector<uint32_t> permutation = permutationOf(rotation);
  parallelFor(static_cast<int64_t>(primes_.size()), [&](int64_t prime) {
    const Modulus& modulus = encoder_.modulus(primes_[prime]);
    const uint64_t* const in = residues(poly, prime);
    uint64_t* const out = mutableResidues(result, prime);
    for (uint32_t i = 0; i < dimension_; ++i) out[i] = modulus.add(out[i], in[permutation[i]]);
  });
}

void Evaluation::add(Poly& result, const Poly& poly) const {
  parallelFor(static_cast<int64_t>(primes_.size()), [&](int64_t prime) {
    const Modulus& modulus = encoder_.modulus(primes_[prime]);
    const uint64_t* const in = residues(poly, prime);
    uint64_t* const out = mutableResidues(result, prime);
    for (uint32_t i = 0; i < dimension_; ++i) out[i] = modulus.add(out[i], in[i]);
  });
}

Ciphertext Evaluation::run(const std::vector<Ciphertext>& inputs) {
  keys_ = rotationKeys(inputs[0]->GetKeyTag());
  std::vector<Digits> digits(inputs.size());
  for (const LinearEntry& entry : step_.entries) {
    const auto key = std::make_pair(entry.source, entry.baby);
    if (babies_.contains(key)) continue;
    const int32_t rotation = step_.babySteps[entry.baby];
    const Ciphertext& input = inputs[entry.source];
    if (rotation != 0 && !digits[entry.source]) digits[entry.source] = decompose(input->GetElements()[1]);
    babies_.emplace(key, baby(input, digits[entry.source], rotation));
  }
  digits.clear();

  std::vector<std::optional<Pair>> sums(step_.giantSteps.size());
  for (uint32_t giant = 0; giant < sums.size(); ++giant) {
    Pair own = giantSum(giant, inputs);
    if (sums[giant]) {
      add(own[0], (*sums[giant])[0]);
      add(own[1], (*sums[giant])[1]);
    }
    const int32_t parent = step_.giantParents[giant];
    if (parent < 0) {
      sums[giant] = std::move(own);
      break;
    }
    sums[giant].reset();
    if (!sums[parent]) sums[parent] = zero();
    // The first component is only permuted, so it may stay in basis Q P; the second is switched back to the key.
    addPermuted((*sums[parent])[0], own[0], step_.hops[giant]);
    addRotated(*sums[parent], decompose(divideBySpecial(own[1])), nullptr, step_.hops[giant]);
  }
  babies_.clear();

  Ciphertext result = inputs[0]->CloneEmpty();
  const Pair& sum = *sums.back();
  result->SetElements({divideBySpecial(sum[0]), divideBySpecial(sum[1])});
  result->SetLevel(context_.depth() - step_.level);
  result->SetNoiseScaleDeg(2);
  result->SetScalingFactor(context_.scale(step_.level) * context_.scale(step_.level));
  return result;
}

void addBias(const Context& context, PlaintextEncoder& encoder, const LinearStep& step, Ciphertext& ciphertext) {
  const auto period = static_cast<uint32_t>(step.bias.size());
  encoder.prepare(period);
  std::vector<size_t> primes(step.level + 1);
  std::iota(primes.begin(), primes.end(), size_t{0});
  const EncodedPlaintext bias = encoder.encode(step.bias.data(), period, 0, ciphertext->GetScalingFactor(), primes);
  Poly& poly = ciphertext->GetElements()[0];
  for (size_t prime = 0; prime < primes.size(); ++prime) {
    const Modulus& modulus = encoder.modulus(prime);
    uint64_t* const out = mutableResidues(poly, prime);
    for (uint32_t i = 0; i < context.ringDimension(); ++i) {
      out[i] = modulus.add(out[i], modulus.multiply(1, bias.prime(prime)[i / bias.block]));
    }
  }
}

}  // namespace

Ciphertext applyLinear(const Context& context, PlaintextEncoder& encoder, const LinearStep& step,
                       const std::vector<Ciphertext>& inputs) {
  std::vector<Ciphertext> prepared;
  for (const Ciphertext& input : inputs) prepared.push_back(dropPrimes(context, input, step.level));
  encoder.prepare(step.period);
  Ciphertext result = Evaluation(context, encoder, step).run(prepared);
  for (const int32_t fold : step.folds) result = context.crypto()->EvalAdd(result, rotate(context, result, fold));
  if (!step.bias.empty()) addBias(context, encoder, step, result);
  return result;
}

}  // namespace openfhe_addon
