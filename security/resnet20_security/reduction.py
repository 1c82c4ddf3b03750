"""Lattice reduction: how short the vectors of a reduced basis are, and what reducing costs.

Lengths are natural logarithms, costs are log2 of operations.
"""

import math
from dataclasses import dataclass

LEAST_BLOCK = 50
"""Below this the asymptotic formulas say nothing; whatever needs less is broken anyway."""
LARGEST_BLOCK = 4000

SIEVE_VECTORS_PER_DIMENSION = math.log2(4 / 3) / 2
"""A sieve in dimension b leaves 2^(0.2075 b) vectors, sqrt(4/3) longer than the shortest (Becker, Ducas, Gama,
Laarhoven, SODA 2016)."""


def log_root_hermite(block: float) -> float:
    """ln of the root Hermite factor of BKZ with this block size (Chen, PhD thesis, 2013, section 4.2)."""
    return math.log(block / (2 * math.pi * math.e) * (math.pi * block) ** (1 / block)) / (2 * (block - 1))


def dimensions_for_free(block: float) -> float:
    """By how much a sieve that solves SVP in dimension `block` may be smaller (Ducas, EUROCRYPT 2018)."""
    return block * math.log(4 / 3) / math.log(block / (2 * math.pi * math.e))


@dataclass(frozen=True)
class CostModel:
    """What a sieve costs: 2^(exponent * dimension + offset).

    With `overheads` the calls to the sieve, its progression, its dimensions for free and nearest planes are counted
    (Kyber's round 2 submission, 2019, section 5.2). Without them (core-SVP: Alkim, Ducas, Poeppelmann, Schwabe, USENIX
    2016) BKZ costs one sieve and nearest planes nothing: a lower bound.
    """

    name: str
    exponent: float
    offset: float
    overheads: bool
    source: str

    @property
    def progression(self) -> float:
        """log2 of what all smaller sieves of a progression add: the geometric series of 2^-exponent."""
        return -math.log2(1 - 2**-self.exponent) if self.overheads else 0.0

    def sieve(self, dimension: float) -> float:
        """One progressive sieve in this very dimension."""
        return self.progression + self.exponent * dimension + self.offset

    def bkz(self, block: float, dimension: float) -> float:
        """BKZ of a basis of this dimension; for dimension = block, one call that solves SVP."""
        if not self.overheads:
            return self.sieve(block)
        calls = self.progression + math.log2(max(dimension - block, 1))
        return calls + self.sieve(block - dimensions_for_free(block))

    def nearest_planes(self, dimension: float) -> float:
        """Babai's algorithm, or one guess of it."""
        return 2 * math.log2(dimension) if self.overheads else 0.0

    def sampling_sieve(self, block: float, dimension: float) -> float:
        """Dimension of the sieve for many short vectors that costs as much as BKZ before it (Guo, Johansson,
        ASIACRYPT 2021)."""
        if not self.overheads:
            return block
        calls = self.progression + math.log2(max(dimension - block, 1))
        return min(dimension, block - dimensions_for_free(block) + calls / self.exponent)


CLASSICAL = CostModel(
    "gates-classical",
    0.29613500308205365,
    20.387885985467914,
    True,
    "MATZOV, Report on the Security of LWE, 2022: list decoding, fitted to the gate counts of Albrecht, Gheorghiu, "
    "Postlethwaite, Schanck, ASIACRYPT 2020; the classical model of ePrint 2024/463",
)
QUANTUM = CostModel(
    "core-svp-quantum-walk",
    0.257,
    0.0,
    False,
    "Chailloux, Loyer, ASIACRYPT 2021; the quantum model of the scripts of ePrint 2024/463",
)
MODELS = (
    CLASSICAL,
    CostModel("core-svp-classical", 0.292, 0.0, False, "Becker, Ducas, Gama, Laarhoven, SODA 2016"),
    CostModel(
        "gates-quantum",
        0.26600114174341505,
        23.440974518186337,
        True,
        "as gates-classical, with Grover search among the candidates, metric g",
    ),
    CostModel("core-svp-quantum", 0.265, 0.0, False, "Laarhoven, PhD thesis, 2015"),
    QUANTUM,
)
