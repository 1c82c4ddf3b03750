"""Primes, residues and slots of docs/formats.md, with numpy. Residues are uint64 arrays below primes of at most 50 bits."""

import numpy as np


def is_prime(n: int) -> bool:
    odd, twos = n - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for base in (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37):
        if n % base == 0:
            return n == base
        powers = [pow(base, odd << i, n) for i in range(twos)]
        if powers[0] != 1 and n - 1 not in powers:
            return False
    return n > 1


def primes_below(bits: int, count: int, n: int, taken: list[int]) -> list[int]:
    """The largest primes of exactly `bits` bits that are 1 modulo 2n and not taken, descending."""
    found, candidate = [], (1 << bits) + 1
    while len(found) < count:
        candidate -= 2 * n
        if candidate < 1 << (bits - 1):
            raise ValueError(f"fewer than {count} primes of {bits} bits for ring {n}")
        if candidate not in taken and is_prime(candidate):
            found.append(candidate)
    return found


def multiply(a: np.ndarray, b: np.ndarray, q: int) -> np.ndarray:
    """a b mod q: the quotient in floating point is off by at most one."""
    quotient = (a.astype(np.float64) * b.astype(np.float64) / q).astype(np.uint64)
    remainder = (a * b - quotient * np.uint64(q)).astype(np.int64)
    return np.where(remainder < 0, remainder + q, np.where(remainder >= q, remainder - q, remainder)).astype(np.uint64)


def add(a: np.ndarray, b: np.ndarray, q: int) -> np.ndarray:
    return (a + b) % np.uint64(q)


def lift(values: np.ndarray, q: int) -> np.ndarray:
    return (values.astype(np.int64) % q).astype(np.uint64)


def root_of_unity(q: int, n: int) -> int:
    """g^((q - 1) / 2n) for the smallest g from 2 for which it has order 2n."""
    return next(root for g in range(2, q) if pow(root := pow(g, (q - 1) // (2 * n), q), n, q) == q - 1)


def bit_reversed(n: int) -> np.ndarray:
    order = np.zeros(1, dtype=np.int64)
    while len(order) < n:
        order = np.concatenate([2 * order, 2 * order + 1])
    return order


def _powers(base: int, count: int, q: int) -> np.ndarray:
    powers = np.ones(1, dtype=np.uint64)
    while len(powers) < count:
        powers = np.concatenate([powers, multiply(powers, np.full_like(powers, pow(base, len(powers), q)), q)])
    return powers[:count]


def _cyclic(values: np.ndarray, root: int, q: int) -> np.ndarray:
    """sum over k of values[k] root^(k i) for all i, in natural order."""
    n = len(values)
    if n == 1:
        return values
    even = _cyclic(values[0::2], root * root % q, q)
    odd = multiply(_cyclic(values[1::2], root * root % q, q), _powers(root, n // 2, q), q)
    return np.concatenate([add(even, odd, q), add(even, np.uint64(q) - odd, q)])


def to_evaluations(coefficients: np.ndarray, q: int) -> np.ndarray:
    """Output i is the polynomial at zeta^(2 r + 1), r being i with its bits reversed."""
    n = len(coefficients)
    zeta = root_of_unity(q, n)
    twisted = multiply(coefficients, _powers(zeta, n, q), q)
    return _cyclic(twisted, zeta * zeta % q, q)[bit_reversed(n)]


def to_coefficients(evaluations: np.ndarray, q: int) -> np.ndarray:
    n = len(evaluations)
    inverse = pow(root_of_unity(q, n), -1, q)
    twisted = _cyclic(evaluations[bit_reversed(n)], inverse * inverse % q, q)
    scaled = multiply(_powers(inverse, n, q), np.full(n, pow(n, -1, q), dtype=np.uint64), q)
    return multiply(twisted, scaled, q)


def _slot_order(n: int) -> np.ndarray:
    return np.array([(pow(5, j, 2 * n) - 1) // 2 for j in range(n // 2)])


def decode(coefficients: np.ndarray) -> np.ndarray:
    """Slot j is the real polynomial at exp(i pi 5^j / n)."""
    n = len(coefficients)
    values = n * np.fft.ifft(coefficients * np.exp(1j * np.pi * np.arange(n) / n))
    return values[_slot_order(n)]


def encode(slots: np.ndarray) -> np.ndarray:
    """Real coefficients of the polynomial with these slots."""
    n = 2 * len(slots)
    values = np.zeros(n, dtype=np.complex128)
    order = _slot_order(n)
    values[order] = slots
    values[n - 1 - order] = np.conj(slots)
    return (np.fft.fft(values) / n * np.exp(-1j * np.pi * np.arange(n) / n)).real
