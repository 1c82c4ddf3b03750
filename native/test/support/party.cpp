#include "support/party.h"

#include <algorithm>

#include "ckks/io/ciphertext_codec.h"
#include "ckks/ring/kernels.h"
#include "ckks/scheme/encoder.h"

namespace ckks {

ParameterLiteral testLiteral(std::size_t ringDimension, int levels, int digitPrimes) {
  ParameterLiteral literal;
  literal.ringDimension = ringDimension;
  literal.primeBits.assign(static_cast<std::size_t>(levels) + 1, 41);
  literal.primeBits.front() = 50;
  literal.specialPrimeBits = 50;
  for (int level = 0; level <= levels; ++level) {
    const int digitBits = 50 + 41 * std::min(level, digitPrimes - 1);
    literal.specialPrimes.push_back(std::clamp((digitBits - 18 + 49) / 50, 1, 17));
    literal.digits.push_back(level / digitPrimes + 1);
  }
  literal.resultRingDimension = ringDimension / 4;
  literal.security = SecurityCheck::kUnchecked;
  return literal;
}

Party::Party(const ParameterLiteral& literal)
    : parameters_(std::make_shared<const Parameters>(literal)),
      secret_(std::make_shared<const SecretKey>(parameters_, Seed::fromSystem())),
      client_(secret_),
      generator_(secret_),
      keys_(std::make_shared<KeySet>(parameters_)) {}

std::string Party::nextPath() { return folder_.path("key" + std::to_string(files_++)); }

const KeyFile& Party::addRelinearization(int level) {
  const std::string path = nextPath();
  generator_.relinearizationKey(path, level);
  return keys_->add(File::openForReading(path));
}

const KeyFile& Party::addConjugation(int level) {
  const std::string path = nextPath();
  generator_.rotationKey(path, 2 * parameters_->ringDimension() - 1, level);
  return keys_->add(File::openForReading(path));
}

const KeyFile& Party::addRingSwitch() {
  const std::string path = nextPath();
  generator_.ringSwitchKey(path);
  return keys_->add(File::openForReading(path));
}

const KeyFile& Party::addRotation(long step, int level) {
  const std::string path = nextPath();
  generator_.rotationKey(path, rotationElement(parameters_->ringDimension(), step), level);
  return keys_->add(File::openForReading(path));
}

void Party::addRotations(const std::vector<long>& steps) {
  for (const long step : steps) {
    if (step % static_cast<long>(slots()) != 0) addRotation(step, parameters_->levels());
  }
}

void Party::addKeysOf(const LinearDescription& description) {
  addRotations(description.babySteps);
  for (std::size_t j = 0; j + 1 < description.giantSteps.size(); ++j) {
    const auto parent = static_cast<std::size_t>(description.giantParents[j]);
    addRotations({description.giantSteps[j] - description.giantSteps[parent]});
  }
  addRotations(description.folds);
  bool packed = false;
  for (const LinearTermDescription& term : description.terms) packed = packed || !term.shiftedDiagonals.empty();
  if (packed) addRotations({description.imaginaryShift});
  if (packed || description.conjugate) addConjugation(parameters_->levels());
}

Evaluator Party::evaluator(std::size_t partialSumBytes) const { return {parameters_, keys_, partialSumBytes}; }

Ciphertext Party::encrypt(const SlotVector& slots, int level, double scale) const {
  return readCiphertext(*parameters_, secret_->id(), client_.encrypt(slots.real, slots.imaginary, level, scale));
}

Ciphertext Party::encryptWithoutError(const SlotVector& slots, int level, double scale) const {
  const std::size_t n = parameters_->ringDimension();
  const std::size_t limbs = static_cast<std::size_t>(level) + 1;
  std::vector<std::int64_t> message(n);
  Encoder(n).encode(message, slots.real, slots.imaginary, scale);
  Ciphertext ciphertext{LimbMatrix(limbs, n), LimbMatrix(limbs, n), level, scale, nullptr};
  std::mt19937_64 generator(11);
  for (std::size_t limb = 0; limb < limbs; ++limb) {
    const Modulus& modulus = parameters_->modulus(limb);
    Word* c0 = ciphertext.c0.limb(limb);
    Word* c1 = ciphertext.c1.limb(limb);
    for (std::size_t i = 0; i < n; ++i) {
      c0[i] = modulus.reduceSigned(message[i]);
      c1[i] = generator() % modulus.value;
    }
    kernels().forwardNtt(c0, parameters_->table(limb));
    for (std::size_t i = 0; i < n; ++i) {
      c0[i] = modulus.subtract(c0[i], modulus.multiply(c1[i], secret_->main().limb(limb)[i]));
    }
  }
  return ciphertext;
}

SlotVector Party::decrypt(const Ciphertext& ciphertext) const {
  return client_.decrypt(writeCiphertext(*parameters_, secret_->id(), ciphertext));
}

SlotVector randomSlots(std::size_t count, double bound, std::mt19937_64& generator) {
  std::uniform_real_distribution<double> uniform(-bound, bound);
  SlotVector slots{std::vector<double>(count), std::vector<double>(count)};
  for (double& value : slots.real) value = uniform(generator);
  for (double& value : slots.imaginary) value = uniform(generator);
  return slots;
}

SlotVector randomRealSlots(std::size_t count, double bound, std::mt19937_64& generator) {
  SlotVector slots = randomSlots(count, bound, generator);
  std::fill(slots.imaginary.begin(), slots.imaginary.end(), 0.0);
  return slots;
}

namespace {

template <typename Polynomial>
bool sameLimbs(const Polynomial& left, const Polynomial& right) {
  if (left.limbs() != right.limbs() || left.words() != right.words()) return false;
  for (std::size_t limb = 0; limb < left.limbs(); ++limb) {
    if (!std::equal(left.limb(limb), left.limb(limb) + left.words(), right.limb(limb))) return false;
  }
  return true;
}

}  // namespace

bool sameBits(const LimbMatrix& left, const LimbMatrix& right) { return sameLimbs(left, right); }

bool sameBits(const LiftedSecret& left, const LiftedSecret& right) { return sameLimbs(left, right); }

bool sameBits(const Ciphertext& left, const Ciphertext& right) {
  if (left.level != right.level || left.scale != right.scale || !left.conjugate != !right.conjugate) return false;
  if (!sameBits(left.c0, right.c0) || !sameBits(left.c1, right.c1)) return false;
  return !left.conjugate || sameBits(*left.conjugate, *right.conjugate);
}

}  // namespace ckks
