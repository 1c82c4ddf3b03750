#!/usr/bin/env python3
"""Writes the small valid files of corpus/ that no other program of the repository makes: by their formats as
docs/formats.md and docs/network-format.md describe them, and by none of the program's own writers.

    python3 test/fuzz/make_corpus.py
"""

import hashlib
import json
import struct
from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"


def write(name: str, content: bytes) -> None:
    path = CORPUS / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def json_bytes(value: object) -> bytes:
    return json.dumps(value, indent=1).encode()


def safetensors(tensors: dict[str, tuple[str, list[int], bytes]]) -> bytes:
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    data = b""
    for name, (kind, shape, values) in tensors.items():
        header[name] = {"dtype": kind, "shape": shape, "data_offsets": [len(data), len(data) + len(values)]}
        data += values
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def floats(count: int) -> bytes:
    return struct.pack(f"<{count}f", *(0.125 * (index % 7 - 3) for index in range(count)))


def write_tensors() -> None:
    doubles = struct.pack("<4d", 1.0, -2.5, 1e-300, 3.0)
    halves = struct.pack("<3e", 0.5, -1.0, 6e-8)
    write(
        "safetensors/all-types.safetensors",
        safetensors(
            {
                "doubles": ("F64", [2, 2], doubles),
                "singles": ("F32", [3, 1, 1, 2], floats(6)),
                "halves": ("F16", [3], halves),
                "brain": ("BF16", [2], bytes.fromhex("803f80bf")),
                "nothing": ("F32", [0, 5], b""),
            }
        ),
    )
    write("safetensors/empty.safetensors", safetensors({}))


def npy(kind: str, shape: str, data: bytes, version: int) -> bytes:
    text = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}"
    width = 2 if version == 1 else 4
    padded = text.ljust(63 - (8 + width + len(text)) % 64 + len(text)) + "\n"
    return b"\x93NUMPY" + bytes([version, 0]) + len(padded).to_bytes(width, "little") + padded.encode() + data


def write_values() -> None:
    write("npy/doubles.npy", npy("<f8", "(1, 2, 2)", struct.pack("<4d", 0, 1, -1, 0.5), 1))
    write("npy/singles.npy", npy("<f4", "(2, 1, 2, 2)", floats(8), 2))
    write("npy/bytes.npy", npy("|u1", "(1, 2, 2)", bytes([0, 128, 255, 7]), 1))


def write_ciphertexts() -> None:
    payloads = [bytes(range(40)), bytes(reversed(range(24)))]
    header = {
        "kind": "input",
        "profile": "params_fast",
        "planHash": "11" * 32,
        "keySetId": "22" * 16,
        "engine": "ckks",
        "libraryVersion": "ckks 1",
        "images": 3,
        "payloads": [len(payload) for payload in payloads],
    }
    for name, kind in (("request", "input"), ("answer", "result")):
        text = json.dumps({**header, "kind": kind}).encode()
        start = b"R20FHECT" + struct.pack("<II", 1, len(text))
        rest = text + b"".join(payloads)
        write(f"ciphertext/{name}.fhe", start + hashlib.sha256(start + rest).digest() + rest)


def write_manifests() -> None:
    for side, kind, rotations in (("secret", "secret", None), ("evaluation", "rotation", [1, -1])):
        entry: dict[str, object] = {"path": f"{kind}.key", "kind": kind, "bytes": 7}
        entry["sha256"] = hashlib.sha256(b"the key").hexdigest()
        if rotations is not None:
            entry |= {"rotations": rotations, "stages": ["stem"]}
        manifest = {
            "format": 1,
            "side": side,
            "program": "0.1.0",
            "profile": "params_fast",
            "planHash": "11" * 32,
            "engine": "ckks",
            "libraryVersion": "ckks 1",
            "keySetId": "22" * 16,
            "files": [entry],
        }
        write(f"manifest/{side}.json", json_bytes(manifest))


def write_network() -> None:
    tensors = safetensors(
        {
            "conv.weight": ("F32", [2, 3, 3, 3], floats(54)),
            "conv.bias": ("F32", [2], floats(2)),
            "norm.scale": ("F32", [2], floats(2)),
            "norm.shift": ("F32", [2], floats(2)),
            "square.a": ("F32", [2], floats(2)),
            "square.b": ("F32", [2], floats(2)),
            "square.k": ("F32", [2], floats(2)),
            "poly": ("F32", [3], floats(3)),
            "fc.weight": ("F32", [2, 64], floats(128)),
            "fc.bias": ("F32", [2], floats(2)),
        }
    )
    spread = {"max": 4, "quantile9999": 3, "bound": 5}

    def activation(name: str, reads: str, function: dict[str, object]) -> dict[str, object]:
        return {"kind": "activation", "name": name, "inputs": [reads], "function": function, "range": spread}

    nodes = [
        {
            "kind": "convolution",
            "name": "conv",
            "inputs": ["x"],
            "weight": "conv.weight",
            "bias": "conv.bias",
            "stride": [2, 2],
            "dilation": [1, 1],
            "groups": 1,
            "padding": {"top": 1, "bottom": 1, "left": 1, "right": 1, "width": "circular"},
        },
        {"kind": "batch-normalization", "name": "norm", "inputs": ["conv"], "scale": "norm.scale", "shift": "norm.shift"},
        activation("square", "norm", {"name": "quadratic", "a": "square.a", "b": "square.b", "k": "square.k"}),
        activation("poly", "square", {"name": "polynomial", "coefficients": "poly", "bound": 8}),
        activation("gelu", "poly", {"name": "gelu", "approximation": "tanh"}),
        {"kind": "add", "name": "sum", "inputs": ["gelu", "conv"]},
        {"kind": "average-pool", "name": "pool", "inputs": ["sum"], "kernel": [2, 2], "stride": [2, 2]},
        {"kind": "upsample", "name": "up", "inputs": ["pool"], "factor": [2, 2]},
        {"kind": "concatenate", "name": "both", "inputs": ["up", "sum"]},
        {"kind": "dense", "name": "scores", "inputs": ["both"], "weight": "fc.weight", "bias": "fc.bias"},
    ]
    description = {
        "format": "resnet20-fhe-network",
        "version": 1,
        "name": "small",
        "inputs": [
            {"name": "x", "shape": [3, 8, 8], "kind": "picture", "mean": [0.5, 0.25, 0], "deviation": [1, 2, 0.5]}
        ],
        "outputs": [{"name": "scores", "kind": "scores", "classes": ["cat", "dog"], "bound": 12}],
        "weights": {"file": "weights.safetensors", "sha256": hashlib.sha256(tensors).hexdigest()},
        "calibration": {"samples": 100, "heldOut": 25, "margin": 1.25, "outOfRange": 0.04},
        "nodes": nodes,
    }
    write("network/weights.safetensors", tensors)
    write("network/network.json", json_bytes(description))


def write_calibration() -> None:
    rates = json.loads((CORPUS.parents[2] / "rates" / "avx2.json").read_text())
    rates.pop("machine")
    key = {"version": "1.2.3", "compiled": 1, "processor": "test", "cores": 2, "kernel": "avx2", "threads": 2}
    write("calibration/rates-avx2-2.json", json_bytes({"key": key, "rates": rates}))


def write_batch() -> None:
    """Three pictures of 4 x 4 pixels, for two classes."""
    records = [bytes([label]) + bytes((17 * index + label) % 256 for index in range(48)) for label in (0, 1, 1)]
    write("batch/data.bin", b"".join(records))


if __name__ == "__main__":
    write_tensors()
    write_values()
    write_ciphertexts()
    write_manifests()
    write_network()
    write_calibration()
    write_batch()
