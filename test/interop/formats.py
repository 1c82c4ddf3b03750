"""Readers of the ckks engine's files, written from docs/formats.md."""

import hashlib
import struct
from dataclasses import dataclass, field

import aes
import numpy as np
import ring

REPLACEMENTS = 1 << 32


@dataclass(frozen=True)
class Parameters:
    """A parameter set with its primes: scaling moduli first, special primes after them."""

    ring_dimension: int
    prime_bits: tuple[int, ...]
    special_prime_bits: int
    special_primes: tuple[int, ...]
    digit_primes: int
    result_ring_dimension: int
    primes: list[int] = field(init=False)

    def __post_init__(self):
        n = self.ring_dimension
        special = ring.primes_below(self.special_prime_bits, max(self.special_primes), n, [])
        primes: list[int] = []
        for bits in self.prime_bits:
            primes += ring.primes_below(bits, 1, n, special + primes)
        object.__setattr__(self, "primes", primes + special)

    @classmethod
    def from_json(cls, values: dict) -> "Parameters":
        names = ("ringDimension primeBits specialPrimeBits specialPrimes digitPrimes resultRingDimension").split()
        read = [values[name] for name in names]
        return cls(*(tuple(value) if isinstance(value, list) else value for value in read))

    @property
    def levels(self) -> int:
        return len(self.prime_bits) - 1

    @property
    def hash(self) -> bytes:
        numbers = [self.ring_dimension, self.digit_primes, self.result_ring_dimension, self.levels]
        text = " ".join(["ckks-1", *map(str, [*numbers, *self.special_primes, *self.primes])])
        return hashlib.sha256(text.encode()).digest()


def stream(seed: bytes, domain: str, index: int, offset: int, count: int) -> bytes:
    return aes.key_stream(hashlib.sha256(seed + domain.encode()).digest(), index, offset, count)


def unpack(data: bytes, bits: int) -> np.ndarray:
    """Numbers of `bits` bits one after another, least significant bit first."""
    flags = np.unpackbits(np.frombuffer(data, dtype=np.uint8), bitorder="little").reshape(-1, bits)
    return flags.astype(np.uint64) @ (np.uint64(1) << np.arange(bits, dtype=np.uint64))


def uniform(seed: bytes, domain: str, index: int, n: int, q: int) -> np.ndarray:
    bits = q.bit_length()
    values = unpack(stream(seed, domain, index, 0, n * bits // 8), bits)
    for i in np.nonzero(values >= q)[0]:
        tries = struct.unpack("<8Q", stream(seed, domain, index, REPLACEMENTS + 64 * int(i), 64))
        masked = [word & ((1 << bits) - 1) for word in tries]
        values[i] = next((word for word in masked if word < q), tries[0] % q)
    return values


def ternary(seed: bytes, domain: str, n: int) -> np.ndarray:
    """floor(3 w / 2^64) - 1 of each 64-bit word w, in two halves that do not overflow."""
    words = np.frombuffer(stream(seed, domain, 0, 0, 8 * n), dtype="<u8")
    high, low = words >> np.uint64(32), words & np.uint64(0xFFFFFFFF)
    return ((3 * high + (3 * low >> np.uint64(32))) >> np.uint64(32)).astype(np.int64) - 1


class Reader:
    def __init__(self, data: bytes, what: str):
        self.data, self.what, self.at = data, what, 0

    def bytes(self, count: int) -> bytes:
        if self.at + count > len(self.data):
            raise ValueError(f"{self.what}: truncated")
        self.at += count
        return self.data[self.at - count : self.at]

    def numbers(self, form: str) -> tuple:
        return struct.unpack("<" + form, self.bytes(struct.calcsize("<" + form)))

    def expect(self, wanted: bytes, name: str) -> None:
        if self.bytes(len(wanted)) != wanted:
            raise ValueError(f"{self.what}: another {name}")

    def residues(self, n: int, q: int) -> np.ndarray:
        values = unpack(self.bytes(n * q.bit_length() // 8), q.bit_length())
        if (values >= q).any():
            raise ValueError(f"{self.what}: a residue is not below its prime")
        return values

    def end(self) -> None:
        if self.at != len(self.data):
            raise ValueError(f"{self.what}: longer than its header says")


def read_secret(data: bytes, parameters: Parameters) -> bytes:
    """The seed."""
    reader = Reader(data, "secret key")
    reader.expect(b"CKKSSEC\n" + struct.pack("<I", 1), "format")
    reader.expect(parameters.hash, "parameter set")
    seed = reader.bytes(32)
    reader.expect(hashlib.sha256(data[:76]).digest(), "SHA-256")
    reader.end()
    return seed


def key_id(seed: bytes) -> bytes:
    return hashlib.sha256(b"key id" + seed).digest()[:16]


@dataclass
class Ciphertext:
    """`form` 1 seeded, 2 full, 3 result. Limb by limb; evaluations, but coefficients in a result."""

    form: int
    level: int
    scale: float
    c0: list[np.ndarray]
    c1: list[np.ndarray]


def read_ciphertext(data: bytes, parameters: Parameters, key: bytes) -> Ciphertext:
    reader = Reader(data, "ciphertext")
    reader.expect(b"CKKSCT1\n", "format")
    form, level, scale = reader.numbers("IId")
    reader.expect(key, "key set")
    reader.expect(parameters.hash, "parameter set")
    n = parameters.result_ring_dimension if form == 3 else parameters.ring_dimension
    primes = parameters.primes[: level + 1]
    seed = reader.bytes(32) if form == 1 else b""
    c0 = [reader.residues(n, q) for q in primes]
    if form == 1:
        c1 = [uniform(seed, "ciphertext uniform half", limb, n, q) for limb, q in enumerate(primes)]
    else:
        c1 = [reader.residues(n, q) for q in primes]
    reader.end()
    return Ciphertext(form, level, scale, c0, c1)


@dataclass
class Key:
    """`kind` 1 relinearisation, 2 rotation or conjugation, 3 ring switch, 4 public; halves by (limb, digit), evaluations."""

    kind: int
    galois_element: int
    level: int
    first: dict[tuple[int, int], np.ndarray]
    second: dict[tuple[int, int], np.ndarray]


def read_key(data: bytes, parameters: Parameters, key: bytes) -> Key:
    reader = Reader(data, "key")
    reader.expect(b"CKKSKEY\n" + struct.pack("<I", 1), "format")
    (kind,) = reader.numbers("I")
    reader.expect(parameters.hash, "parameter set")
    reader.expect(key, "key set")
    element, level, digits, special = reader.numbers("QIII")
    seed, payload_hash = reader.bytes(32), reader.bytes(32)
    reader.expect(bytes(224 - reader.at), "padding")
    reader.expect(hashlib.sha256(data[:224]).digest(), "SHA-256 of the header")
    if hashlib.sha256(data[256:]).digest() != payload_hash:
        raise ValueError("key: another SHA-256 of the payload")
    limbs = [*range(level + 1), *(parameters.levels + 1 + k for k in range(special))]
    result = Key(kind, element, level, {}, {})
    for limb in limbs:
        n, q = parameters.ring_dimension, parameters.primes[limb]
        for digit in range(digits):
            result.first[limb, digit] = reader.residues(n, q)
            result.second[limb, digit] = uniform(seed, "key uniform half", 64 * limb + digit, n, q)
    reader.end()
    return result


def decrypt(ciphertext: Ciphertext, seed: bytes, parameters: Parameters) -> np.ndarray:
    """Complex slots: N/2 of a ciphertext; M/2 of a result, each the mean over the slots that are congruent to it."""
    primes = parameters.primes[: min(ciphertext.level + 1, 2)]
    n = len(ciphertext.c0[0])
    secret = ternary(seed, "result secret" if ciphertext.form == 3 else "main secret", n)
    residues = []
    for q, c0, c1 in zip(primes, ciphertext.c0, ciphertext.c1, strict=False):
        if ciphertext.form == 3:
            c0, c1 = ring.to_evaluations(c0, q), ring.to_evaluations(c1, q)
        phase = ring.add(c0, ring.multiply(c1, ring.to_evaluations(ring.lift(secret, q), q), q), q)
        residues.append(ring.to_coefficients(phase, q))
    return ring.decode(_centred(residues, primes) / ciphertext.scale)


def _centred(residues: list[np.ndarray], primes: list[int]) -> np.ndarray:
    """The remainder of least absolute value modulo the product of one or two primes, as floating point."""
    values = [int(word) for word in residues[0]]
    modulus = primes[0]
    if len(primes) == 2:
        inverse = pow(modulus, -1, primes[1])
        steps = [(int(word) - low) * inverse % primes[1] for word, low in zip(residues[1], values, strict=True)]
        values = [low + modulus * step for low, step in zip(values, steps, strict=True)]
        modulus *= primes[1]
    return np.array([float(value - modulus if value > modulus // 2 else value) for value in values])
