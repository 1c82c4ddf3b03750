"""Keeps a square network's polynomials curved enough to be computed precisely under encryption."""

from __future__ import annotations

import torch
from torch import Tensor

from .data import Images, normalise
from .network import ResNet20, watching_inputs

IMAGES = 1500
BATCH = 500


@torch.no_grad()
def raise_curvature(network: ResNet20, images: Images, limit: float) -> int:
    """Bring b^2 / (4 |a|) of every polynomial a x^2 + b x + k down to about `limit`; returns how many channels changed.

    Encryption computes a (x + b / 2a)^2: a channel that is nearly linear holds a large square, of which only the small
    difference to b^2 / (4 a^2) counts, and the noise with it. Such a channel gets a larger a, and the b and k that change
    it least, in squares over the images.
    """
    moments = _moments(network, images)
    changed = 0
    for name, activation in network.square_activations().items():
        first, second, third = moments[name]
        square, slope, _ = activation.polynomial()
        least = slope**2 / (4 * limit)
        flat = square.abs() < least
        wanted = torch.where(square < 0, -least, least) * activation.deviation.double() ** 2
        more = torch.where(flat, wanted - activation.coefficients[0].double(), torch.zeros_like(wanted))
        # The least-squares line through z^2: z^2 = tilt z + height.
        tilt = (third - first * second) / (second - first**2)
        height = second - tilt * first
        activation.coefficients.add_(torch.stack([more, -more * tilt, -more * height]).float())
        changed += int(flat.sum())
    return changed


def _moments(network: ResNet20, images: Images) -> dict[str, Tensor]:
    """First to third moment of each activation's normalised input, [3, channels], over some of the images."""
    activations = network.square_activations()
    collected: dict[str, list[Tensor]] = {name: [] for name in activations}

    def watch(name: str, inputs: Tensor) -> None:
        activation = activations[name]
        z = (inputs - activation.centre.view(1, -1, 1, 1)) / activation.deviation.view(1, -1, 1, 1)
        z = z.transpose(0, 1).flatten(1).double()
        collected[name].append(torch.stack([(z**power).mean(1) for power in (1, 2, 3)]))

    network.eval()
    with watching_inputs(network, watch):
        for pixels in images.pixels[:IMAGES].split(BATCH):
            network(normalise(pixels))
    return {name: torch.stack(parts).mean(0) for name, parts in collected.items()}
