// Encodes slot vectors of any power-of-two period p that divides the slot count. Such a plaintext is a polynomial in
// X^(N/2p), so its transform has only 2p different values, each standing for a block of N/2p neighbours in OpenFHE's
// bit-reversed order: encoding and storing cost 2p instead of N.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "context.h"
#include "residue_arithmetic.h"

namespace openfhe_addon {

// values[prime * 2 period + i], in Montgomery form, stands for evaluation points i * block ... i * block + block - 1.
struct EncodedPlaintext {
  uint32_t period;
  uint32_t block;
  std::vector<uint64_t> values;

  const uint64_t* prime(size_t prime) const { return values.data() + prime * 2 * period; }
};

class PlaintextEncoder {
 public:
  explicit PlaintextEncoder(const Context& context);

  const Modulus& modulus(size_t index) const { return moduli_[index]; }
  // Must be called for a period before encode, outside parallel regions.
  void prepare(uint32_t period);
  // slot[i] = values[(i + shift) mod period], scaled by `scale`. Safe in parallel.
  EncodedPlaintext encode(const double* values, uint32_t period, int64_t shift, double scale,
                          const std::vector<size_t>& primes) const;

 private:
  uint32_t ringDimension_;
  std::vector<Modulus> moduli_;
  std::vector<uint64_t> roots_;
  std::map<uint32_t, std::vector<NegacyclicTransform>> transforms_;
};

}  // namespace openfhe_addon
