"""Learning with errors as the attacks see it."""

import math
from dataclasses import dataclass, replace

ERROR_DEVIATION = 3.19


@dataclass(frozen=True)
class Instance:
    """LWE of dimension n modulo 2^log_q with as many samples as the attack wants, errors of deviation 3.19.

    `weight` None: a uniform ternary secret; else a ternary one with that many entries that are not zero. A sample of
    Ring-LWE is n of these; that they have a ring's structure is not used by any attack known to do better.
    """

    n: int
    log_q: float
    weight: int | None = None
    error_deviation: float = ERROR_DEVIATION

    @property
    def ln_q(self) -> float:
        return self.log_q * math.log(2)

    @property
    def secret_deviation(self) -> float:
        return math.sqrt(2 / 3) if self.weight is None else math.sqrt(self.weight / self.n)

    @property
    def ln_scaling(self) -> float:
        """By what the secret is multiplied so that its entries are as large as the error's."""
        return math.log(self.error_deviation / self.secret_deviation)

    def without(self, coordinates: int, weight: int = 0) -> "Instance":
        """What is left when so many coordinates of the secret, so many of them not zero, are known."""
        remaining = None if self.weight is None else self.weight - weight
        return replace(self, n=self.n - coordinates, weight=remaining)
