"""Searches over whole numbers."""

import math
from collections.abc import Callable


def least(function: Callable[[int], float], low: int, high: int, step: int = 16) -> tuple[float, int]:
    """Smallest value of a function with one valley on [low, high], and where it is taken. A grid of `step` is refined
    about its best point, so that small irregularities and infinite values at an end do no harm."""
    known: dict[int, float] = {}

    def value(at: int) -> float:
        if at not in known:
            known[at] = function(at)
        return known[at]

    best = low
    while True:
        for at in range(low, high + 1, step):
            if value(at) < value(best):
                best = at
        if step == 1:
            return value(best), best
        low, high, step = max(low, best - step), min(high, best + step), max(1, step // 4)


def first(predicate: Callable[[int], bool], low: int, high: int) -> int | None:
    """Smallest number in [low, high] for which a predicate holds that, once it holds, goes on holding."""
    if not predicate(high):
        return None
    while low < high:
        middle = (low + high) // 2
        if predicate(middle):
            high = middle
        else:
            low = middle + 1
    return low


def log2_sum(*terms: float) -> float:
    """log2 of the sum of 2^term."""
    largest = max(terms)
    if math.isinf(largest):
        return largest
    return largest + math.log2(sum(2 ** (term - largest) for term in terms))
