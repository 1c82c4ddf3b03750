"""The reader against the stored files, FIPS 197 and damage."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import aes
import decrypt
import formats
import make_known_answers
import numpy as np
import ring

FOLDER = Path(__file__).parent / "known-answers"
PARAMETERS = formats.Parameters.from_json(json.loads((FOLDER / "parameters.json").read_text()))
SEED = formats.read_secret((FOLDER / "secret.key").read_bytes(), PARAMETERS)
KEY_ID = formats.key_id(SEED)
CIPHERTEXTS = ["request-seeded", "request-full", "answer"]


def stored(name: str) -> bytes:
    return (FOLDER / name).read_bytes()


def expected(slots: int) -> np.ndarray:
    j = np.arange(slots)
    return np.cos(j / 7) + 1j * np.sin(j / 5)


def test_the_cipher_is_aes():
    key, block = bytes(range(32)), np.arange(16, dtype=np.uint8)[None, :] * 17
    assert aes.encrypt_blocks(key, block).tobytes().hex() == "8ea2b7ca516745bfeafc49904b496089"


def test_slots_are_values_at_the_roots():
    n = 16
    coefficients = np.arange(n) - 5.0
    points = np.exp(1j * np.pi * np.array([pow(5, j, 2 * n) for j in range(n // 2)]) / n)
    assert np.allclose(ring.decode(coefficients), np.polyval(coefficients[::-1], points))


def test_evaluations_are_values_at_the_roots():
    n, q = 16, ring.primes_below(44, 1, 16, [])[0]
    coefficients = [pow(3, i, q) for i in range(n)]
    zeta = ring.root_of_unity(q, n)
    reverse = [int(f"{i:04b}"[::-1], 2) for i in range(n)]
    points = [pow(zeta, 2 * r + 1, q) for r in reverse]
    values = [sum(c * pow(x, i, q) for i, c in enumerate(coefficients)) % q for x in points]
    assert ring.to_evaluations(np.array(coefficients, dtype=np.uint64), q).tolist() == values


@pytest.mark.parametrize("name", CIPHERTEXTS)
def test_stored_ciphertexts_decrypt(name):
    ciphertext = formats.read_ciphertext(stored(f"{name}.ciphertext"), PARAMETERS, KEY_ID)
    slots = formats.decrypt(ciphertext, SEED, PARAMETERS)
    assert np.abs(slots - expected(len(slots))).max() < 1e-6


@pytest.mark.parametrize("name", ["public", "relinearization", "rotation", "ring-switch"])
def test_stored_keys_hide_what_they_are_for(name):
    key = formats.read_key(stored(f"{name}.key"), PARAMETERS, KEY_ID)
    maker = make_known_answers.Maker()
    source = {1: maker.square, 2: lambda: maker.automorphism(5), 3: lambda: maker.main, 4: lambda: None}[key.kind]()
    target = maker.embedded_result() if key.kind == 3 else maker.main
    special = PARAMETERS.primes[PARAMETERS.levels + 1 :]
    for (limb, digit), first in key.first.items():
        q = PARAMETERS.primes[limb]
        secret = ring.to_evaluations(ring.lift(target, q), q)
        phase = ring.to_coefficients(ring.add(first, ring.multiply(key.second[limb, digit], secret, q), q), q)
        noise = [int(word) for word in phase]
        if source is not None and q not in special:
            product = special[0] * special[1]
            noise = [(word - product * int(term)) % q for word, term in zip(noise, source, strict=True)]
        assert max(min(word, q - word) for word in noise) < 30


def test_stored_files_are_what_the_seeds_give():
    for name, data in make_known_answers.make().items():
        if name not in ("request-seeded.ciphertext", "request-full.ciphertext", "answer.ciphertext"):
            assert data == stored(name), name


@pytest.mark.parametrize("name", ["secret.key", "rotation.key"])
def test_every_damaged_byte_of_a_key_is_noticed(name):
    data = stored(name)
    read = formats.read_secret if name == "secret.key" else lambda d, p: formats.read_key(d, p, KEY_ID)
    for at in range(0, len(data), max(1, len(data) // 60)):
        damaged = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        with pytest.raises(ValueError, match=r"key|truncated"):
            read(damaged, PARAMETERS)


@pytest.mark.parametrize("name", CIPHERTEXTS)
def test_other_lengths_are_refused(name):
    data = stored(f"{name}.ciphertext")
    for changed in (data[:-1], data + b"\0", data[:40]):
        with pytest.raises(ValueError, match="ciphertext"):
            formats.read_ciphertext(changed, PARAMETERS, KEY_ID)


def test_the_program_prints_scores(tmp_path):
    description = json.loads(stored("parameters.json"))
    description["scores"] = {
        "classes": 3,
        "classStride": 4,
        "positions": 2,
        "imageStride": 64,
        "imaginary": True,
        "fraction": 0.5,
    }
    (tmp_path / "description.json").write_text(json.dumps(description))
    arguments = [tmp_path / "description.json", FOLDER / "secret.key", FOLDER / "answer.ciphertext"]
    output = subprocess.run([sys.executable, decrypt.__file__, *arguments], capture_output=True, check=True).stdout
    (result,) = json.loads(output)
    values = expected(128)
    places = [[0, 4, 8], [64, 68, 72]]
    wanted = [[2 * part[j] for j in row] for part in (values.real, values.imag) for row in places]
    assert np.allclose(result["scores"], wanted, atol=1e-5)
