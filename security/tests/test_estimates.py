"""What is stored is what the script estimates, and what the guideline says."""

import pytest
from resnet20_security.estimates import SECRETS, TARGET_BITS, bits, estimate_key
from resnet20_security.instance import Instance
from resnet20_security.reduction import CLASSICAL, QUANTUM

# ePrint 2024/463, table 5.2: 128 bits, classical, uniform ternary.
GUIDELINE = {2**10: 26, 2**11: 53, 2**12: 106, 2**13: 214, 2**14: 430, 2**15: 868, 2**16: 1747, 2**17: 3523}


def test_stored_keys_are_estimated_so(stored):
    for key in stored["keys"]:
        if key["secret"] == "uniform-ternary":
            assert estimate_key({k: v for k, v in key.items() if k != "estimates"}) == key


def test_classical_caps_are_the_guidelines(stored):
    caps = {
        ring["ringDimension"]: ring["caps"]["classical"]
        for ring in stored["rings"]
        if ring["secret"] == "uniform-ternary"
    }
    assert caps == GUIDELINE


@pytest.mark.parametrize(("n", "cap"), GUIDELINE.items())
def test_the_guidelines_caps_leave_128_bits_and_hardly_more(n, cap):
    at_cap = bits(Instance(n, cap), CLASSICAL)
    assert TARGET_BITS - 0.15 <= at_cap
    # One bit more of modulus is one part in cap: about 1.45 bits in cap of the estimate.
    assert bits(Instance(n, cap + 1), CLASSICAL) < TARGET_BITS + 1.5 * TARGET_BITS / cap


def test_every_other_cap_is_the_largest_that_leaves_128_bits(stored):
    for ring in stored["rings"]:
        n, weight = ring["ringDimension"], SECRETS[ring["secret"]]
        if n > 2**15 or weight is not None:
            continue
        cap = ring["caps"]["quantum"]
        assert bits(Instance(n, cap), QUANTUM) >= TARGET_BITS > bits(Instance(n, cap + 1), QUANTUM)


def test_a_line_between_stored_points_is_at_most_one_block_high(stored):
    ring = next(ring for ring in stored["rings"] if ring["ringDimension"] == 2**12)
    one_block = 0.3
    for before, after in zip(ring["estimates"][::6], ring["estimates"][1::6], strict=False):
        middle = Instance(2**12, (before[0] + after[0]) / 2)
        assert (before[1] + after[1]) / 2 - bits(middle, CLASSICAL) < one_block
        assert (before[2] + after[2]) / 2 - bits(middle, QUANTUM) < one_block
