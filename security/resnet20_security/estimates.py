"""Estimates of single keys, and of a ring over all moduli that matter."""

import math

from .attack import Attack
from .dual import dual_hybrid
from .instance import Instance
from .primal import bdd, hybrid, usvp
from .reduction import CLASSICAL, MODELS, QUANTUM, CostModel
from .search import first

ATTACKS = (usvp, bdd, dual_hybrid, hybrid)
SECRETS: dict[str, int | None] = {"uniform-ternary": None, "hamming-192": 192}
TARGET_BITS = 128
LEAST_BITS = 40
"""Below this nothing is told apart."""
STEP = 1.025
"""Between two moduli of a table. Bits fall about as log QP^-1.45, so a line between two points lies 0.05 bit above the
curve at most, besides the curve's own steps of one block size (0.3 bit)."""


def attacks(instance: Instance, model: CostModel) -> list[Attack]:
    """What every attack comes to; those that do not apply are left out."""
    return [attack for attack in (estimate(instance, model) for estimate in ATTACKS) if attack is not None]


def bits(instance: Instance, model: CostModel) -> float:
    """log2 of the cost of the cheapest attack; infinite where there is none in the range of the estimates."""
    return min((attack.bits for attack in attacks(instance, model)), default=math.inf)


def cap(n: int, secret: str, model: CostModel) -> int:
    """The largest whole log2 of a modulus that leaves TARGET_BITS."""

    def is_weak(log_q: int) -> bool:
        return bits(Instance(n, log_q, SECRETS[secret]), model) < TARGET_BITS

    weak = first(is_weak, n // 80, n // 32)
    if weak is None:
        raise ValueError(f"ring {n}, {secret}: no cap below {n // 32}")
    return weak - 1


def estimate_key(key: dict) -> dict:
    """All attacks under all models on one key of a profile; `key` is an entry of keys.json."""
    instance = Instance(key["ringDimension"], key["logQP"], SECRETS[key["secret"]])
    estimates = {}
    for model in MODELS:
        found = attacks(instance, model)
        estimates[model.name] = {
            "bits": round(min(attack.bits for attack in found), 2),
            "attacks": {
                attack.name: {"bits": round(attack.bits, 2), "block": attack.block, "dimension": attack.dimension}
                for attack in found
            },
        }
    return {**key, "estimates": estimates}


def estimate_ring(n: int, secret: str, published: int | None) -> dict:
    """Caps of a ring and the bits of both models from the quantum cap to where either falls below LEAST_BITS.

    The classical cap is the published one where there is one, and its own estimate is given beside it."""
    quantum_cap = cap(n, secret, QUANTUM)
    estimates = []
    log_q: float = quantum_cap
    while True:
        instance = Instance(n, log_q, SECRETS[secret])
        classical, quantum = (round(bits(instance, model), 2) for model in (CLASSICAL, QUANTUM))
        if min(classical, quantum) < LEAST_BITS:
            break
        estimates.append([log_q, classical, quantum])
        log_q = round(log_q * STEP, 1)
    return {
        "secret": secret,
        "ringDimension": n,
        "caps": {
            "classical": cap(n, secret, CLASSICAL) if published is None else published,
            "quantum": quantum_cap,
        },
        "classicalBitsAtCap": None
        if published is None
        else round(bits(Instance(n, published, SECRETS[secret]), CLASSICAL), 2),
        "estimatedClassicalCap": cap(n, secret, CLASSICAL),
        "estimates": estimates,
    }
