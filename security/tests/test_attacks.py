"""Single attacks against numbers that the lattice estimator (commit 27a581b) gives for the same instances."""

import pytest
from resnet20_security.dual import dual_hybrid
from resnet20_security.instance import Instance
from resnet20_security.primal import bdd, hybrid, usvp
from resnet20_security.reduction import CLASSICAL, QUANTUM

# n, log2 q: classical uSVP with its block size, BDD and dual; quantum uSVP. Uniform ternary secret.
REFERENCE = [
    (1024, 26, 134.08, 366, 132.14, 131.30, 94.06),
    (1024, 27, 128.83, 347, 127.00, 126.17, 89.18),
    (2048, 53, 129.73, 346, 128.78, 128.91, 88.92),
    (4096, 94, 147.20, 405, 146.69, 147.05, 104.08),
    (4096, 106, 129.41, 341, 128.91, 129.58, 87.64),
    (8192, 214, 128.50, 334, 128.25, 128.97, 85.84),
    (65536, 1714, 130.70, 331, 130.71, 131.68, 85.07),
    (65536, 1747, 128.20, 322, 127.99, 128.96, 82.75),
]


@pytest.mark.parametrize(("n", "log_q", "bits", "block", "bdd_bits", "dual_bits", "quantum_bits"), REFERENCE)
def test_agrees_with_the_lattice_estimator(n, log_q, bits, block, bdd_bits, dual_bits, quantum_bits):
    instance = Instance(n, log_q)
    found = usvp(instance, CLASSICAL)
    assert found.block == block
    assert found.bits == pytest.approx(bits, abs=0.02)
    assert bdd(instance, CLASSICAL).bits == pytest.approx(bdd_bits, abs=0.1)
    # The secret's own entropy in place of a Gaussian's, and the best number of samples in place of n.
    assert dual_bits - 2 <= dual_hybrid(instance, CLASSICAL).bits <= dual_bits + 0.02
    assert usvp(instance, QUANTUM).bits == pytest.approx(quantum_bits, abs=0.02)


def test_a_secret_of_known_weight_is_weaker_and_guessing_helps():
    dense, sparse = Instance(2**15, 768), Instance(2**15, 768, 192)
    assert usvp(sparse, CLASSICAL).bits < usvp(dense, CLASSICAL).bits
    assert hybrid(sparse, CLASSICAL).bits < bdd(sparse, CLASSICAL).bits - 5
    assert dual_hybrid(sparse, CLASSICAL).bits < usvp(sparse, CLASSICAL).bits
    assert hybrid(dense, CLASSICAL) is None


@pytest.mark.parametrize("attack", [usvp, bdd, dual_hybrid])
def test_a_larger_modulus_is_never_stronger(attack):
    bits = [attack(Instance(4096, log_q), CLASSICAL).bits for log_q in (94, 100, 106, 120, 160)]
    assert bits == sorted(bits, reverse=True)


def test_more_noise_is_stronger():
    noisy = Instance(4096, 106, error_deviation=6.38)
    assert usvp(noisy, CLASSICAL).bits > usvp(Instance(4096, 106), CLASSICAL).bits


def test_a_modulus_too_small_for_any_block_has_no_attack():
    assert usvp(Instance(2**15, 64), CLASSICAL) is None
