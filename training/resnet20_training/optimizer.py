"""Muon for the convolutions, Adam for everything else.

Muon (Jordan 2024) replaces a layer's momentum by the nearest orthogonal matrix, so that every direction of the weight
is moved equally far. Each convolution here is followed by batch normalisation, so its scale means nothing: the weight is
put back to a fixed norm after each step, which takes the place of weight decay.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .network import ResNet20


@torch.no_grad()
def orthogonalise(matrix: Tensor, steps: int = 4) -> Tensor:
    """About the nearest orthogonal matrix, by Jordan's quintic Newton-Schulz iteration (singular values near 1)."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = matrix / (matrix.norm() + 1e-7)
    tall = x.shape[0] > x.shape[1]
    if tall:
        x = x.T
    for _ in range(steps):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.T if tall else x


class Muon(torch.optim.Optimizer):
    """Orthogonalised Nesterov momentum; the learning rate is the step relative to the weight's fixed norm."""

    def __init__(self, parameters: list[nn.Parameter], rate: float, momentum: float = 0.8) -> None:
        super().__init__(parameters, {"lr": rate, "momentum": momentum})

    @torch.no_grad()
    def step(self) -> None:  # type: ignore[override]
        for group in self.param_groups:
            for parameter in group["params"]:
                state = self.state[parameter]
                if not state:
                    state["momentum"] = torch.zeros_like(parameter)
                momentum = state["momentum"]
                momentum.mul_(group["momentum"]).add_(parameter.grad)
                direction = parameter.grad.add(momentum, alpha=group["momentum"])
                update = orthogonalise(direction.flatten(1)).view_as(parameter)
                size = parameter.shape[0] ** 0.5
                parameter.mul_(size / parameter.norm().clamp_min(1e-7))
                parameter.add_(update, alpha=-group["lr"])


def make_optimizers(network: ResNet20, rate: float, other_rate: float) -> list[torch.optim.Optimizer]:
    """Muon and Adam over all of the network's parameters; each group keeps its peak rate as `initial_lr`."""
    convolutions = [each.convolution.weight for each in network.convolutions().values()]
    coefficients = [each.coefficients for each in network.square_activations().values()]
    known = {id(parameter) for parameter in convolutions + coefficients}
    others = [parameter for parameter in network.parameters() if id(parameter) not in known]
    groups = [{"params": others, "lr": other_rate}]
    if coefficients:
        # A polynomial's coefficients are small and act on every value of a channel: they get smaller steps.
        groups.append({"params": coefficients, "lr": other_rate / 4})
    optimizers = [Muon(convolutions, rate), torch.optim.Adam(groups, betas=(0.9, 0.98))]
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["initial_lr"] = group["lr"]
    return optimizers
