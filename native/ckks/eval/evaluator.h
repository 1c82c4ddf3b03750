#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ckks/eval/cancellation.h"
#include "ckks/eval/key_set.h"
#include "ckks/eval/key_switch.h"
#include "ckks/eval/linear_encoding.h"
#include "ckks/eval/linear_evaluator.h"
#include "ckks/scheme/ciphertext.h"
#include "ckks/scheme/encoder.h"

namespace ckks {

/** The evaluating side: everything that is done to ciphertexts. Holds no secret. One operation at a time. */
class Evaluator {
 public:
  /** `partialSumBytes` bounds the memory of a linear step's partial sums. */
  Evaluator(std::shared_ptr<const Parameters> parameters, std::shared_ptr<const KeySet> keys,
            std::size_t partialSumBytes);

  const Parameters& parameters() const { return *parameters_; }

  /** Bytes of a fresh or intermediate ciphertext; throws Error(kCiphertext) or kKeyMismatch. */
  Ciphertext read(std::span<const std::uint8_t> bytes) const;
  std::vector<std::uint8_t> write(const Ciphertext& ciphertext) const;
  /**
   * Switches to the result ring: the first M/2 slots of the answer are the means over slots that are equal modulo M/2.
   * Any level; the answer is modulo q_0.
   */
  std::vector<std::uint8_t> writeResult(const Ciphertext& ciphertext);

  /** One level down; see LinearDescription. */
  Ciphertext linear(const EncodedLinear& step, const std::vector<const Ciphertext*>& inputs,
                    const Cancellation& cancellation);

  /**
   * The square, relinearised and not rescaled: same level, scale squared. `componentwise`: a + ib becomes a^2 + i b^2
   * at four times the squared scale's numerator, i.e. the scale says 4 scale^2; needs the input's conjugate.
   */
  Ciphertext square(const Ciphertext& input, bool componentwise, const Cancellation& cancellation);

  /** The product, relinearised and not rescaled; levels may differ, the result has the lower one. */
  Ciphertext multiply(const Ciphertext& left, const Ciphertext& right, const Cancellation& cancellation);
  /** Divides by q_level: one level down, the scale divided alike. Throws Error(kLevelExhausted). */
  Ciphertext rescale(Ciphertext input);
  /** The product with an integer, which also multiplies the scale if `keepValue`. */
  Ciphertext multiplyInteger(const Ciphertext& input, std::int64_t factor, bool keepValue) const;
  /** Adds a real constant to every slot. */
  void addConstant(Ciphertext& input, double constant) const;
  /**
   * sum over k of coefficients[k] T_k(x / bound), Chebyshev's polynomials, for |x| <= bound: see polynomial.h.
   * The result is at `level` with exactly `outputScale`.
   */
  Ciphertext polynomial(const Ciphertext& input, std::span<const double> coefficients, double bound, int level,
                        double outputScale, const Cancellation& cancellation);

  /** Levels may differ; the result has the lower one. Throws Error(kScaleMismatch). */
  Ciphertext add(const Ciphertext& left, const Ciphertext& right) const;
  /** Product with slots (imaginary part may be empty), rescaled to exactly the input's scale, one level down. */
  Ciphertext multiplyPlain(const Ciphertext& input, std::span<const double> real, std::span<const double> imaginary);
  Ciphertext rotate(const Ciphertext& input, long step);
  /** The rotations by several steps, from one decomposition. */
  std::vector<Ciphertext> rotations(const Ciphertext& input, std::span<const long> steps);
  Ciphertext dropToLevel(const Ciphertext& input, int level) const;

 private:
  Ciphertext relinearize(const TensorProduct& product, int level, double scale, const Cancellation& cancellation);
  /** Made when it is first needed: linear steps bring their own. */
  const Encoder& encoder();

  std::shared_ptr<const Parameters> parameters_;
  std::shared_ptr<const KeySet> keys_;
  std::shared_ptr<KeySwitcher> switcher_;
  LinearEvaluator linear_;
  std::size_t partialSumBytes_;
  std::optional<Encoder> encoder_;
};

}  // namespace ckks
