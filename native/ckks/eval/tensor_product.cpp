#include "ckks/eval/tensor_product.h"

#include <algorithm>
#include <array>

#include "ckks/eval/imaginary_unit.h"
#include "ckks/ring/kernels.h"

namespace ckks {

void CiphertextProduct::degree2(Word* out, std::size_t limb) const {
  kernels().multiply(out, left_.c1.limb(limb), right_.c1.limb(limb), left_.c1.words(), parameters_.modulus(limb));
}

void CiphertextProduct::addLowerDegrees(Word* limb0, Word* limb1, std::size_t limb, std::size_t begin,
                                        std::size_t end) const {
  kernels().tensorAdd(limb0 + begin, limb1 + begin, left_.c0.limb(limb) + begin, left_.c1.limb(limb) + begin,
                      right_.c0.limb(limb) + begin, right_.c1.limb(limb) + begin, end - begin,
                      parameters_.modulus(limb));
}

/** A block of one component's u, v and -i v; blocks lie in one half of a limb, where i is a constant. */
struct ComponentwiseSquare::Parts {
  static constexpr std::size_t kWords = 1024;

  /** The block from `begin` on of what is `count` words at most; `count` becomes its size. */
  Parts(const Word* input, const Word* conjugate, const NttTable& table, std::size_t begin, std::size_t& count) {
    const Modulus& modulus = table.modulus();
    count = std::min({count, kWords, table.ringDimension() / 2});
    kernels().add(sum.data(), input + begin, conjugate + begin, count, modulus);
    kernels().subtract(difference.data(), input + begin, conjugate + begin, count, modulus);
    kernels().multiplyConstant(turned.data(), difference.data(), modulus.negate(imaginaryUnit(table, begin)), count,
                               modulus);
  }

  alignas(64) std::array<Word, kWords> sum;
  alignas(64) std::array<Word, kWords> difference;
  alignas(64) std::array<Word, kWords> turned;
};

void ComponentwiseSquare::degree2(Word* out, std::size_t limb) const {
  const Modulus& modulus = parameters_.modulus(limb);
  const std::size_t end = input_.c1.words();
  for (std::size_t begin = 0, count = 0; begin < end; begin += count) {
    count = end - begin;
    const Parts parts(input_.c1.limb(limb), conjugate_.c1.limb(limb), parameters_.table(limb), begin, count);
    kernels().multiply(out + begin, parts.sum.data(), parts.sum.data(), count, modulus);
    kernels().multiplyAdd(out + begin, parts.turned.data(), parts.difference.data(), count, modulus);
  }
}

void ComponentwiseSquare::addLowerDegrees(Word* limb0, Word* limb1, std::size_t limb, std::size_t begin,
                                          std::size_t end) const {
  const Modulus& modulus = parameters_.modulus(limb);
  const NttTable& table = parameters_.table(limb);
  for (std::size_t count = 0; begin < end; begin += count) {
    count = end - begin;
    const Parts parts0(input_.c0.limb(limb), conjugate_.c0.limb(limb), table, begin, count);
    const Parts parts1(input_.c1.limb(limb), conjugate_.c1.limb(limb), table, begin, count);
    kernels().tensorAdd(limb0 + begin, limb1 + begin, parts0.sum.data(), parts1.sum.data(), parts0.sum.data(),
                        parts1.sum.data(), count, modulus);
    kernels().tensorAdd(limb0 + begin, limb1 + begin, parts0.turned.data(), parts1.turned.data(),
                        parts0.difference.data(), parts1.difference.data(), count, modulus);
  }
}

}  // namespace ckks
