"""python3 decrypt.py DESCRIPTION SECRET FILE   decrypts without the engine and prints JSON

DESCRIPTION: JSON with the parameter set and, where scores are wanted, where they lie (docs/formats.md, "Parameters" and
"Scores"). SECRET: a set's secret/secret.key. FILE: a ciphertext file of `encrypt` or `evaluate`, or one payload of it.
"""

import hashlib
import json
import struct
import sys
from pathlib import Path

import formats
import numpy as np


def payloads_of(data: bytes) -> list[bytes]:
    """Those of a ciphertext file, checked; what is none is one payload."""
    if data[:8] != b"R20FHECT":
        return [data]
    file_format, header_bytes = struct.unpack("<II", data[8:16])
    if file_format != 1 or hashlib.sha256(data[:16] + data[48:]).digest() != data[16:48]:
        raise ValueError("ciphertext file: another format, or damaged")
    payloads, at = [], 48 + header_bytes
    for length in json.loads(data[48:at])["payloads"]:
        payloads.append(data[at : at + length])
        at += length
    if at != len(data):
        raise ValueError("ciphertext file: the payloads' lengths do not fit")
    return payloads


def scores_of(slots: np.ndarray, scores: dict) -> list[list[float]]:
    """A row for each picture: those in the real parts, then those in the imaginary parts."""
    images = np.arange(scores["positions"])[:, None] * scores["imageStride"]
    places = images + np.arange(scores["classes"])[None, :] * scores["classStride"]
    parts = [slots.real, slots.imag] if scores["imaginary"] else [slots.real]
    return [row for part in parts for row in (part[places] / scores["fraction"]).tolist()]


def main(description_path: str, secret_path: str, file_path: str) -> None:
    description = json.loads(Path(description_path).read_text())
    parameters = formats.Parameters.from_json(description)
    seed = formats.read_secret(Path(secret_path).read_bytes(), parameters)
    results = []
    for payload in payloads_of(Path(file_path).read_bytes()):
        ciphertext = formats.read_ciphertext(payload, parameters, formats.key_id(seed))
        slots = formats.decrypt(ciphertext, seed, parameters)
        if ciphertext.form == 3 and "scores" in description:
            results.append({"scores": scores_of(slots, description["scores"])})
        else:
            results.append({"real": slots.real.tolist(), "imaginary": slots.imag.tolist()})
    print(json.dumps(results))


if __name__ == "__main__":
    main(*sys.argv[1:])
