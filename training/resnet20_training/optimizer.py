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
def orthogonalise(matrices: Tensor, steps: int = 4) -> Tensor:
    """About the nearest orthogonal matrices, by Jordan's quintic Newton-Schulz iteration (singular values near 1).

    [..., rows, columns] in and out.
    """
    a, b, c = 3.4445, -4.7750, 2.0315
    x = matrices / (matrices.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    tall = x.shape[-2] > x.shape[-1]
    if tall:
        x = x.mT
    for _ in range(steps):
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.mT if tall else x


class Muon(torch.optim.Optimizer):
    """Orthogonalised Nesterov momentum; the learning rate is the step relative to the weight's fixed norm."""

    def __init__(self, parameters: list[nn.Parameter], rate: Tensor, momentum: float = 0.8) -> None:
        super().__init__(parameters, {"lr": rate, "momentum": momentum})
        for parameter in parameters:
            self.state[parameter]["momentum"] = torch.zeros_like(parameter)

    @torch.no_grad()
    def step(self) -> None:  # type: ignore[override]
        for group in self.param_groups:
            alike: dict[torch.Size, list[nn.Parameter]] = {}
            for parameter in group["params"]:
                alike.setdefault(parameter.shape, []).append(parameter)
            for parameters in alike.values():
                self._step_alike(parameters, group["lr"], group["momentum"])

    def _step_alike(self, parameters: list[nn.Parameter], rate: Tensor, decay: float) -> None:
        """Parameters of one shape, together: on a GPU many small products cost as much as many large ones."""
        gradients = [parameter.grad for parameter in parameters]
        momenta = [self.state[parameter]["momentum"] for parameter in parameters]
        torch._foreach_mul_(momenta, decay)
        torch._foreach_add_(momenta, gradients)
        directions = torch._foreach_add(gradients, momenta, alpha=decay)
        updates = orthogonalise(torch.stack([direction.flatten(1) for direction in directions]))
        weights = torch.stack([parameter.flatten(1) for parameter in parameters])
        sizes = weights.norm(dim=(1, 2), keepdim=True).clamp_min(1e-7)
        stepped = weights * (weights.shape[1] ** 0.5 / sizes) - rate * updates
        torch._foreach_copy_(parameters, [each.view_as(parameters[0]) for each in stepped])


def make_optimizers(network: ResNet20, rate: float, other_rate: float) -> list[torch.optim.Optimizer]:
    """Muon and Adam over all of the network's parameters; each group keeps its peak rate as `initial_lr`.

    Rates are tensors beside the parameters, so that a recorded step (step.py) follows them.
    """
    device = network.linear.weight.device
    convolutions = [each.convolution.weight for each in network.convolutions().values()]
    coefficients = [each.coefficients for each in network.square_activations().values()]
    known = {id(parameter) for parameter in convolutions + coefficients}
    others = [parameter for parameter in network.parameters() if id(parameter) not in known]
    groups = [{"params": others, "lr": torch.tensor(other_rate, device=device)}]
    if coefficients:
        # A polynomial's coefficients are small and act on every value of a channel: they get smaller steps.
        groups.append({"params": coefficients, "lr": torch.tensor(other_rate / 4, device=device)})
    optimizers = [
        Muon(convolutions, torch.tensor(rate, device=device)),
        torch.optim.Adam(groups, betas=(0.9, 0.98), capturable=device.type == "cuda"),
    ]
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["initial_lr"] = float(group["lr"])
    return optimizers


def set_rates(optimizers: list[torch.optim.Optimizer], factor: float) -> None:
    """Every group's rate becomes `factor` times its peak."""
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["lr"].fill_(group["initial_lr"] * factor)
