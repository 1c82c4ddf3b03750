"""How much noise and how coarse weights the exported network tolerates."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from .data import Images
from .folded import Disturbance, FoldedNetwork

SQUARE_EXPONENTS = range(6, 17)
RELU_BITS = (7, 9, 11, 13, 15)
FRACTION_BITS = (12, 16, 20, 24)


def _compare(reference: Tensor, scores: Tensor, labels: Tensor) -> dict[str, float]:
    return {
        "accuracy": round(float((scores.argmax(1) == labels).double().mean()), 6),
        "sameClass": round(float((scores.argmax(1) == reference.argmax(1)).double().mean()), 6),
        "meanScoreError": float((scores - reference).abs().double().mean()),
        "largestScoreError": float((scores - reference).abs().max()),
    }


def _gaussian(deviation: dict[str, float] | float, seed: int) -> Disturbance:
    generator: torch.Generator | None = None

    def disturb(name: str, x: Tensor) -> Tensor:
        nonlocal generator
        generator = generator or torch.Generator(x.device).manual_seed(seed)
        size = deviation if isinstance(deviation, float) else deviation[name]
        return x + size * torch.randn(x.shape, generator=generator, device=x.device, dtype=x.dtype)

    return disturb


def square_noise(network: FoldedNetwork, images: Images, reference: Tensor, seed: int = 7) -> list[dict[str, float]]:
    """Gaussian noise of deviation 2^-6 to 2^-16 after every convolution, in all layers at once."""
    rows = []
    for exponent in SQUARE_EXPONENTS:
        noisy = replace(network, disturb=_gaussian(2.0**-exponent, seed))
        rows.append({"exponent": -exponent, **_compare(reference, noisy.scores(images), images.labels)})
    return rows


def relu_noise(
    network: FoldedNetwork, images: Images, reference: Tensor, ranges: dict[str, dict[str, float]], seed: int = 7
) -> list[dict[str, float]]:
    """Gaussian noise of 7 to 15 bits below each activation's bound, where a bootstrap stands."""
    rows = []
    for bits in RELU_BITS:
        deviation = {name: each["bound"] * 2.0**-bits for name, each in ranges.items()}
        noisy = replace(network, disturb_activation=_gaussian(deviation, seed))
        rows.append({"bits": bits, **_compare(reference, noisy.scores(images), images.labels)})
    return rows


def rounded_weights(network: FoldedNetwork, images: Images, reference: Tensor) -> list[dict[str, float]]:
    """All tensors rounded to 12, 16, 20 and 24 bits after the point."""
    rows = []
    for bits in FRACTION_BITS:
        scale = 2.0**bits
        tensors = {name: (tensor.double() * scale).round().div(scale).to(tensor.dtype) for name, tensor in network.tensors.items()}
        rows.append({"bits": bits, **_compare(reference, replace(network, tensors=tensors).scores(images), images.labels)})
    return rows


def needed(rows: list[dict[str, float]], key: str, accuracy: float, tolerance: float = 0.002) -> float | None:
    """The coarsest row from which on every finer one stays within `tolerance` of the undisturbed accuracy."""
    found = None
    for row in reversed(rows):
        if row["accuracy"] < accuracy - tolerance:
            break
        found = row[key]
    return found
