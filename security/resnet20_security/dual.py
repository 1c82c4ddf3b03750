"""The dual attack: short vectors of the dual lattice tell a right guess of some coordinates from wrong ones."""

import math
from itertools import product

from .attack import Attack, Guesses, guesses_up_to_weight
from .instance import Instance
from .primal import best_rank, usvp
from .reduction import LEAST_BLOCK, SIEVE_VECTORS_PER_DIMENSION, CostModel, log_root_hermite
from .search import least, log2_sum

MODULI = (2, 3, 4)
LOG2_MULTIPLICATION = 10.0
"""Gates of a multiplication in the transform: 32^2 (MATZOV, page 37)."""
LOG2_TABLE_ENTRY = math.log2(4 * 5 * 32)
"""Gates to bring one entry of the transform's input up to date for the next guess (page 39)."""


def dual_hybrid(instance: Instance, model: CostModel) -> Attack | None:
    """BKZ and a sieve give short dual vectors; some coordinates of the secret are guessed one by one, others modulo a
    small p by a Fourier transform (Guo, Johansson, ASIACRYPT 2021; MATZOV, Report on the Security of LWE, 2022, theorem
    7.6). Of a secret of known weight, the guessed part is assumed to be light, and the attack repeated with other
    coordinates where it is not (Espitau, Joux, Kharchenko, INDOCRYPT 2020); it goes without the transform.

    That the vectors' contributions are independent is assumed, as in those papers; where it fails (Ducas, Pulles,
    CRYPTO 2023) the attack costs more. None where `usvp` is None."""
    start = usvp(instance, model)
    if start is None:
        return None
    split = _with_transform if instance.weight is None else _light_guesses
    margin = max(64, start.block // 4)
    bits, block = least(lambda b: split(instance, model, b), max(LEAST_BLOCK, start.block - margin), start.block + 16)
    return Attack("dual-hybrid", bits, block, best_rank(instance, block))


def _with_transform(instance: Instance, model: CostModel, block: int) -> float:
    def cost(guessed: int, transformed: int, modulus: int) -> float:
        (guesses,) = guesses_up_to_weight(instance, guessed)
        return _cost(instance, model, block, guessed, guesses, transformed, modulus)

    splits = product(range(0, 41, 5), range(0, 91, 10), MODULI)
    return min(cost(guessed, transformed, modulus) for guessed, transformed, modulus in splits)


def _light_guesses(instance: Instance, model: CostModel, block: int) -> float:
    def cost(guessed: int) -> float:
        best = math.inf
        for guesses in guesses_up_to_weight(instance, guessed):
            bits = _cost(instance, model, block, guessed, guesses, 0, 2)
            if bits > best:
                break
            best = bits
        return best

    unit = instance.n // 128
    return least(lambda count: cost(count * unit), 0, 112)[0]


def _cost(
    instance: Instance, model: CostModel, block: int, guessed: int, guesses: Guesses, transformed: int, modulus: int
) -> float:
    """log2 of the cost with `guessed` coordinates guessed and `transformed` ones treated modulo `modulus`."""
    lattice = instance.without(guessed + transformed)
    dimension = best_rank(lattice, block)
    sieve = math.floor(model.sampling_sieve(block, dimension))
    ln_length = (
        math.log(4 / 3) / 2
        + math.log(sieve / (2 * math.pi * math.e)) / 2
        + (dimension - sieve) * log_root_hermite(block)
        + math.log(lattice.error_deviation)
        + lattice.n / dimension * (lattice.ln_q - lattice.ln_scaling)
    )
    ln_blur = math.log(4) + 2 * (ln_length + math.log(math.pi) - lattice.ln_q)
    if ln_blur > math.log(2000):
        return math.inf
    ln_rounding = transformed / 3 * (instance.secret_deviation * math.pi / modulus) ** 2
    ln_candidates = guesses.count * math.log(2) + transformed * math.log(modulus) + math.log(2)
    vectors = (math.exp(ln_blur) + ln_rounding + math.log(ln_candidates)) / math.log(2)

    sampling = model.bkz(block, dimension)
    if model.overheads:
        sampling = log2_sum(sampling, model.sieve(sieve))
    sampling += max(0.0, vectors - SIEVE_VECTORS_PER_DIMENSION * sieve)
    testing = LOG2_TABLE_ENTRY + vectors
    if transformed > 0:
        testing = log2_sum(
            testing, LOG2_MULTIPLICATION + math.log2(transformed) + (transformed + 1) * math.log2(modulus)
        )
    return log2_sum(sampling, guesses.count + testing) + guesses.repetitions
