"""Primal attacks: the secret and the error as a short, or a close, vector."""

import math

from .attack import Attack, guesses_up_to_weight
from .instance import Instance
from .reduction import LARGEST_BLOCK, LEAST_BLOCK, CostModel, log_root_hermite
from .search import first, least, log2_sum


def usvp(instance: Instance, model: CostModel) -> Attack | None:
    """BKZ finds (error, secret) as the unusually short vector of an embedding: its projection on the last block must be
    shorter than what BKZ would find there (Alkim et al., USENIX 2016; Albrecht, Goepfert, Virdia, Wunderer, ASIACRYPT
    2017). The smallest block that succeeds with the best number of samples, then the fewest samples that do. None where
    no block up to LARGEST_BLOCK does."""
    ln_error = math.log(instance.error_deviation)

    def succeeds(block: int, rank: int) -> bool:
        dimension = rank + 1
        ln_found = (2 * block - dimension - 1) * log_root_hermite(block)
        ln_found += (_ln_volume(instance, rank) + ln_error) / dimension
        return ln_error + math.log(block) / 2 <= ln_found

    block = first(lambda b: succeeds(b, best_rank(instance, b)), LEAST_BLOCK, LARGEST_BLOCK)
    if block is None:
        return None
    most = best_rank(instance, block)
    rank = first(lambda r: succeeds(block, r), min(most, max(block, instance.n) + 1), most)
    dimension = most + 1 if rank is None else rank + 1
    return Attack("usvp", model.bkz(block, dimension), block, dimension)


def bdd(instance: Instance, model: CostModel) -> Attack | None:
    """BKZ, then one SVP call on a projection that may be larger than the blocks; nearest planes lift the rest (Liu,
    Nguyen, CT-RSA 2013). None where `usvp` is None."""
    start = usvp(instance, model)
    if start is None:
        return None

    def cost(block: int) -> float:
        rank = best_rank(instance, block)
        return log2_sum(model.bkz(block, rank), _closest_vector(instance, model, block, rank))

    bits, block = least(cost, max(LEAST_BLOCK, start.block - 64), start.block)
    return Attack("bdd", bits, block, best_rank(instance, block))


def hybrid(instance: Instance, model: CostModel) -> Attack | None:
    """Coordinates of a secret of known weight are guessed, all vectors up to some weight, each followed by the SVP call
    of `bdd` in the remaining lattice (Albrecht, Curtis, Wunderer, SAC 2019), or by nearest planes where that lattice is
    reduced well enough. Only the square root of the guesses is counted, as if halves of them always met
    (Howgrave-Graham, CRYPTO 2007), which they need not: a lower bound. None for other secrets, where a guess costs more
    than it saves, and where `usvp` is None."""
    start = usvp(instance, model)
    if start is None or instance.weight is None:
        return None

    def cost(guessed: int, block: int) -> float:
        rest = instance.without(guessed)
        rank = best_rank(rest, block)
        reduction = model.bkz(block, rank)
        closest = _closest_vector(rest, model, block, rank)
        best = math.inf
        for guesses in guesses_up_to_weight(instance, guessed):
            bits = log2_sum(reduction, closest + guesses.count / 2) + guesses.repetitions
            if bits > best:
                break
            best = bits
        return best

    def best_block(guessed: int) -> tuple[float, int]:
        return least(lambda block: cost(guessed, block), LEAST_BLOCK, start.block)

    unit = instance.n // 128
    bits, units = least(lambda count: best_block(count * unit)[0], 0, 112)
    block = best_block(units * unit)[1]
    return Attack("hybrid", bits, block, best_rank(instance.without(units * unit), block))


def best_rank(instance: Instance, block: int) -> int:
    """Of the lattice in which reduced vectors are shortest."""
    optimum = math.sqrt(instance.n * (instance.ln_q - instance.ln_scaling) / log_root_hermite(block))
    return max(block + 1, instance.n + 1, round(optimum))


def _ln_volume(instance: Instance, rank: int) -> float:
    """Of the lattice of (error, secret) for rank - n samples, the secret scaled up to the error's deviation (Bai,
    Galbraith, ACISP 2014)."""
    return (rank - instance.n) * instance.ln_q + instance.n * instance.ln_scaling


def _closest_vector(instance: Instance, model: CostModel, block: int, rank: int) -> float:
    """log2 of the cost of SVP in the smallest last projection in which the error, embedded, is the shortest vector."""
    ln_volume = _ln_volume(instance, rank)
    ln_delta = log_root_hermite(block)
    ln_error = math.log(instance.error_deviation)

    def is_shortest(size: int) -> bool:
        embedded = size + 1
        ln_projected = size / rank * ln_volume - size * (rank - size) * ln_delta
        ln_ball = embedded / 2 * math.log(math.pi) - math.lgamma(embedded / 2 + 1)
        return ln_error + math.log(embedded) / 2 <= (ln_projected + ln_error - ln_ball) / embedded

    size = first(is_shortest, 1, min(rank, LARGEST_BLOCK))
    if size is None:
        return math.inf
    svp = model.bkz(size + 1, size + 1) if size >= LEAST_BLOCK else 0.0
    return max(svp, model.nearest_planes(rank))
