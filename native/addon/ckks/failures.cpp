#include "ckks/error.h"
#include "exports.h"
#include "library_errors.h"

namespace ckks_addon {

addon_support::Failure describeFailure(const std::exception& error) {
  if (const auto* known = dynamic_cast<const ckks::Error*>(&error)) {
    return {addon_support::codeOf(known->kind()), error.what(), {}};
  }
  return {"ERR_NATIVE", error.what(), {}};
}

}  // namespace ckks_addon
