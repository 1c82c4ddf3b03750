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
    """Bring the vertex of every parabola to within `limit` deviations of its inputs' mean; returns how many changed.

    Encryption computes a (x - v)^2, v the vertex: a channel that is nearly linear has it far away and holds a large
    square, of which only the small difference to that of its mean counts, and the noise with it. Such a channel gets a
    larger a, and the b and k that change it least, in squares over the images. Centres and deviations must be present
    ones (morph.recentre).
    """
    moments = _moments(network, images)
    changed = 0
    for name, activation in network.square_activations().items():
        first, second, third = moments[name]
        square, slope, _ = activation.coefficients.double()
        least = slope.abs() / (2 * limit)
        flat = square.abs() < least
        more = torch.where(flat, torch.where(square < 0, -least, least) - square, torch.zeros_like(square))
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
