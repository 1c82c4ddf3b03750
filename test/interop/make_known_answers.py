"""python3 make_known_answers.py   writes known-answers/: files of every kind from fixed seeds, without the engine

The stored files are not to be written anew: they stand for files that users have. Every value is cos(j / 7) + i sin(j / 5) in slot j.
"""

import hashlib
import json
import random
import struct
from pathlib import Path

import formats
import numpy as np
import ring

FOLDER = Path(__file__).parent / "known-answers"
PARAMETERS = {
    "ringDimension": 1024,
    "primeBits": [44, 41],
    "specialPrimeBits": 50,
    "specialPrimes": [1, 2],
    "digitPrimes": 2,
    "resultRingDimension": 256,
}
SCALE = 2.0**36


def seed(name: str) -> bytes:
    return hashlib.sha256(f"known answer, {name}".encode()).digest()


def values(slots: int) -> np.ndarray:
    return np.cos(np.arange(slots) / 7) + 1j * np.sin(np.arange(slots) / 5)


def error(name: str, n: int) -> np.ndarray:
    source = random.Random(f"known answer, {name}")
    return np.array([round(source.gauss(0, 3.19)) for _ in range(n)])


def pack(residues: np.ndarray, q: int) -> bytes:
    flags = residues[:, None] >> np.arange(q.bit_length(), dtype=np.uint64) & np.uint64(1)
    return np.packbits(flags.astype(np.uint8).ravel(), bitorder="little").tobytes()


def evaluations(coefficients: np.ndarray, q: int) -> np.ndarray:
    return ring.to_evaluations(ring.lift(coefficients, q), q)


class Maker:
    def __init__(self):
        self.parameters = formats.Parameters.from_json(PARAMETERS)
        self.n, self.m = self.parameters.ring_dimension, self.parameters.result_ring_dimension
        self.seed = seed("secret")
        self.key_id = formats.key_id(self.seed)
        self.main = formats.ternary(self.seed, "main secret", self.n)
        self.result = formats.ternary(self.seed, "result secret", self.m)

    def secret_file(self) -> bytes:
        body = b"CKKSSEC\n" + struct.pack("<I", 1) + self.parameters.hash + self.seed
        return body + hashlib.sha256(body).digest()

    def key_file(self, name: str, kind: int, element: int, source: np.ndarray | None, target: np.ndarray) -> bytes:
        """A key of one digit: (-a target + e + P source, a)."""
        parameters = self.parameters
        level = 0 if kind == 3 else parameters.levels
        special = {3: 1, 4: 0}.get(kind, max(parameters.special_primes))
        limbs = [*range(level + 1), *(parameters.levels + 1 + k for k in range(special))]
        noise, key_seed = error(name, self.n), seed(name)
        product = int(np.prod([int(p) for p in parameters.primes[parameters.levels + 1 :]], dtype=object))
        payload = b""
        for limb in limbs:
            q = parameters.primes[limb]
            a = formats.uniform(key_seed, "key uniform half", 64 * limb, self.n, q)
            b = ring.add(evaluations(noise, q), np.uint64(q) - ring.multiply(a, evaluations(target, q), q), q)
            if source is not None and limb <= parameters.levels:
                gadget = np.full(self.n, product % q, dtype=np.uint64)
                b = ring.add(b, ring.multiply(gadget, evaluations(source, q), q), q)
            payload += pack(b, q)
        header = b"CKKSKEY\n" + struct.pack("<II", 1, kind) + parameters.hash + self.key_id
        header += struct.pack("<QIII", element, level, 1, special) + key_seed + hashlib.sha256(payload).digest()
        header += bytes(224 - len(header))
        return header + hashlib.sha256(header).digest() + payload

    def automorphism(self, element: int) -> np.ndarray:
        """The secret with X replaced by X^element."""
        places = np.arange(self.n) * element % (2 * self.n)
        image = np.zeros(self.n, dtype=np.int64)
        image[places % self.n] = np.where(places < self.n, self.main, -self.main)
        return image

    def square(self) -> np.ndarray:
        product = np.convolve(self.main, self.main)
        product = np.append(product, np.zeros(2 * self.n - len(product), dtype=np.int64))
        return product[: self.n] - product[self.n :]

    def embedded_result(self) -> np.ndarray:
        spread = np.zeros(self.n, dtype=np.int64)
        spread[:: self.n // self.m] = self.result
        return spread

    def header(self, form: int, level: int) -> bytes:
        return b"CKKSCT1\n" + struct.pack("<IId", form, level, SCALE) + self.key_id + self.parameters.hash

    def message(self, n: int, name: str) -> np.ndarray:
        return np.rint(ring.encode(values(n // 2)) * SCALE).astype(np.int64) + error(name, n)

    def seeded_request(self) -> bytes:
        level, uniform_seed = self.parameters.levels, seed("request seed")
        message = self.message(self.n, "request error")
        data = self.header(1, level) + uniform_seed
        for limb, q in enumerate(self.parameters.primes[: level + 1]):
            c1 = formats.uniform(uniform_seed, "ciphertext uniform half", limb, self.n, q)
            masked = np.uint64(q) - ring.multiply(c1, evaluations(self.main, q), q)
            data += pack(ring.add(evaluations(message, q), masked, q), q)
        return data

    def full_request(self, public_key: bytes) -> bytes:
        """By the public key: (v b + e0 + message, v a + e1)."""
        key = formats.read_key(public_key, self.parameters, self.key_id)
        mask = formats.ternary(seed("mask"), "main secret", self.n)
        message, second = self.message(self.n, "first error"), error("second error", self.n)
        halves = [b"", b""]
        for limb, q in enumerate(self.parameters.primes[: key.level + 1]):
            v = evaluations(mask, q)
            for half, (part, plain) in enumerate(((key.first, message), (key.second, second))):
                product = ring.multiply(v, part[limb, 0], q)
                halves[half] += pack(ring.add(product, evaluations(plain, q), q), q)
        return self.header(2, key.level) + halves[0] + halves[1]

    def answer(self) -> bytes:
        q = self.parameters.primes[0]
        c1 = formats.uniform(seed("answer"), "ciphertext uniform half", 0, self.m, q)
        product = ring.multiply(evaluations(c1, q), evaluations(self.result, q), q)
        masked = np.uint64(q) - ring.to_coefficients(product, q)
        c0 = ring.add(ring.lift(self.message(self.m, "answer error"), q), masked, q)
        return self.header(3, 0) + pack(c0, q) + pack(c1, q)


def make() -> dict[str, bytes]:
    maker = Maker()
    public = maker.key_file("public", 4, 1, None, maker.main)
    return {
        "parameters.json": (json.dumps(PARAMETERS, indent=2) + "\n").encode(),
        "secret.key": maker.secret_file(),
        "public.key": public,
        "relinearization.key": maker.key_file("relinearization", 1, 1, maker.square(), maker.main),
        "rotation.key": maker.key_file("rotation", 2, 5, maker.automorphism(5), maker.main),
        "ring-switch.key": maker.key_file("ring switch", 3, 1, maker.main, maker.embedded_result()),
        "request-seeded.ciphertext": maker.seeded_request(),
        "request-full.ciphertext": maker.full_request(public),
        "answer.ciphertext": maker.answer(),
    }


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, data in make().items():
        (FOLDER / name).write_bytes(data)
