"""What an attack comes to, and sets of guesses for coordinates of a secret."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from .instance import Instance

SUCCESS = 0.99
"""Attacks that depend on luck are repeated until they succeed with this probability."""


@dataclass(frozen=True)
class Attack:
    """`bits` is log2 of the cost; block size and dimension are those of its lattice reduction."""

    name: str
    bits: float
    block: int
    dimension: int


@dataclass(frozen=True)
class Guesses:
    """log2 of how many there are, and of how often to begin anew until the right one is among them."""

    count: float
    repetitions: float


def guesses_up_to_weight(instance: Instance, guessed: int) -> Iterator[Guesses]:
    """All values of so many coordinates for a uniform ternary secret; for one of known weight, for each weight, all
    ternary vectors of at most that weight."""
    n, weight = instance.n, instance.weight
    if weight is None:
        yield Guesses(guessed * math.log2(3), 0.0)
        return
    ln_all = _ln_binomial(n, weight)
    ln_count, ln_hit = -math.inf, -math.inf
    for w in range(max(0, guessed + weight - n), min(guessed, weight) + 1):
        ways = _ln_binomial(guessed, w)
        ln_count = _ln_sum(ln_count, ways + w * math.log(2))
        ln_hit = min(0.0, _ln_sum(ln_hit, ways + _ln_binomial(n - guessed, weight - w) - ln_all))
        repetitions = math.log2(-math.log(1 - SUCCESS)) - ln_hit / math.log(2)
        yield Guesses(ln_count / math.log(2), 0.0 if guessed == 0 else repetitions)


def _ln_binomial(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def _ln_sum(a: float, b: float) -> float:
    low, high = sorted((a, b))
    return high if math.isinf(low) else high + math.log1p(math.exp(low - high))
