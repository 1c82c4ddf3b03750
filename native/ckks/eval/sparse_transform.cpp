#include "ckks/eval/sparse_transform.h"

#include "ckks/ring/kernels.h"

namespace ckks {

SparseTransform::SparseTransform(std::shared_ptr<const Parameters> parameters) : parameters_(std::move(parameters)) {}

const NttTable& SparseTransform::table(std::size_t dimension, std::size_t limb) {
  if (dimension == parameters_->ringDimension()) return parameters_->table(limb);
  const std::scoped_lock lock(mutex_);
  std::unique_ptr<NttTable>& entry = tables_[{dimension, limb}];
  if (!entry) entry = std::make_unique<NttTable>(parameters_->modulus(limb), dimension);
  return *entry;
}

void SparseTransform::evaluate(Word* out, const std::int64_t* coefficients, std::size_t dimension, std::size_t limb) {
  kernels().liftSigned(out, coefficients, dimension, parameters_->modulus(limb));
  kernels().forwardNtt(out, table(dimension, limb));
}

}  // namespace ckks
