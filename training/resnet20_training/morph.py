"""Turning a trained network into the start of a square network."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from .data import Images, normalise
from .network import ResNet20, SquareActivation, watching_inputs

# Values kept of each channel's distribution: enough for a fit of three coefficients, small enough for any memory.
SAMPLES_PER_BATCH = 2000
BATCHES = 10
BATCH = 200
# Values further out, in deviations, count as if they lay here: rare ones must not bend the parabola.
FIT_LIMIT = 4.5


@torch.no_grad()
def sample_inputs(network: ResNet20, images: Images, seed: int) -> dict[str, Tensor]:
    """For each activation a sample of its inputs, [channels, samples], over random images."""
    generator = torch.Generator().manual_seed(seed)
    chosen = torch.randperm(len(images), generator=generator)[: BATCH * BATCHES]
    collected: dict[str, list[Tensor]] = {name: [] for name in network.activations()}

    def watch(name: str, inputs: Tensor) -> None:
        values = inputs.transpose(0, 1).flatten(1)
        places = torch.randint(values.shape[1], (SAMPLES_PER_BATCH,), generator=generator)
        collected[name].append(values[:, places])

    network.eval()
    with watching_inputs(network, watch):
        for batch in chosen.split(BATCH):
            network(normalise(images.pixels[batch]))
    return {name: torch.cat(parts, dim=1).double() for name, parts in collected.items()}


@torch.no_grad()
def fit_relu(activation: SquareActivation, values: Tensor) -> None:
    """Set the activation to the least-squares parabola of ReLU on each channel's values."""
    centre, deviation = values.mean(1), values.std(1).clamp_min(1e-3)
    z = ((values - centre[:, None]) / deviation[:, None]).clamp(-FIT_LIMIT, FIT_LIMIT)
    basis = torch.stack([z * z, z, torch.ones_like(z)], dim=2)
    solution = torch.linalg.lstsq(basis, F.relu(values)[:, :, None]).solution[:, :, 0]
    activation.centre.copy_(centre)
    activation.deviation.copy_(deviation)
    activation.coefficients.copy_(solution.T)


def square_from_relu(relu: ResNet20, images: Images, padding: str, seed: int) -> ResNet20:
    """A square network with the ReLU network's weights and fitted activations."""
    square = ResNet20("square", padding)
    missing, unexpected = square.load_state_dict(relu.state_dict(), strict=False)
    if unexpected or any("activation" not in name for name in missing):
        raise ValueError(f"not the weights of a ReLU ResNet-20: {missing} {unexpected}")
    for values, activation in zip(sample_inputs(relu, images, seed).values(), square.activations().values()):
        fit_relu(activation, values)
    return square


def recentre(network: ResNet20, images: Images, seed: int) -> None:
    """Normalise each square activation by its inputs' present mean and deviation; the scores stay the same.

    Training moves them away from what they were when the ReLU network was turned into a square one.
    """
    for values, activation in zip(sample_inputs(network, images, seed).values(), network.square_activations().values()):
        activation.recentre(values.mean(1), values.std(1).clamp_min(1e-3))
