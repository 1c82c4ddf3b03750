"""ResNet-20 for CIFAR-10 with ReLU or square activations and zero or circular-width padding."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Padding = Literal["zero", "circular-width"]
ActivationKind = Literal["relu", "square"]
WIDTHS = (16, 32, 64)
BLOCKS_PER_STAGE = 3
# Of the normalisation in square activations: weight of a batch in the running averages, and what is added to a variance.
MOMENTUM = 0.05
EPSILON = 1e-6


def pad_circular_width(x: Tensor) -> Tensor:
    """Put the last column before the first and the first after the last."""
    return torch.cat([x[..., -1:], x, x[..., :1]], dim=3)


class NormalisedConvolution(nn.Module):
    """A convolution without bias, then batch normalisation."""

    def __init__(self, inputs: int, outputs: int, size: int, stride: int, padding: Padding) -> None:
        super().__init__()
        self.circular = padding == "circular-width" and size == 3
        margin = size // 2
        self.convolution = nn.Conv2d(
            inputs, outputs, size, stride, (margin, 0) if self.circular else margin, bias=False
        )
        self.norm = nn.BatchNorm2d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(self.convolution(pad_circular_width(x) if self.circular else x))


class ReluActivation(nn.Module):
    """ReLU. While training, inputs beyond the soft limit in magnitude are returned as a penalty.

    Encryption replaces ReLU by a polynomial on an interval that holds every input: the narrower, the more precise.
    """

    def __init__(self) -> None:
        super().__init__()
        self.soft_limit = 3.5

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        if not self.training:
            return F.relu(x), x.new_zeros((), dtype=torch.float32)
        excess = F.relu(x.float().abs() - self.soft_limit)
        return F.relu(x), excess.square().sum() / x.shape[0]


class SquareActivation(nn.Module):
    """a z^2 + b z + k per channel, on z = (x - centre) / deviation.

    While training, centre and deviation are the batch's own, with their gradients, as in batch normalisation (Ioffe and
    Szegedy 2015), and a running average of them is kept for evaluation. z is clamped before the polynomial, so that one
    value far outside cannot be squared again and again by the layers that follow; what exceeds a softer limit is
    returned as a penalty that pulls it back in. As both are measured in the batch's deviations, neither is met by making
    all inputs of a channel smaller, which would take away its precision and, step by step, its use.

    An evaluated network has no clamp: a pure polynomial is all that encryption can compute. The clamp is therefore
    widened towards the end of training, until it hardly ever acts.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.soft_limit = 3.5
        self.register_buffer("centre", torch.zeros(channels))
        self.register_buffer("deviation", torch.ones(channels))
        # A tensor, so that a compiled network need not be compiled again when it changes.
        self.register_buffer("clamp", torch.tensor(4.5), persistent=False)
        self.coefficients = nn.Parameter(torch.zeros(3, channels))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        a, b, k = self.coefficients.view(3, 1, -1, 1, 1)
        if not self.training:
            z = self._normalise(x.float(), self.centre, self.deviation)
            return ((a * z + b) * z + k).to(x.dtype), x.new_zeros((), dtype=torch.float32)
        variance, centre = torch.var_mean(x.float(), dim=(0, 2, 3), correction=0)
        deviation = (variance + EPSILON).sqrt()
        self.centre.lerp_(centre.detach(), MOMENTUM)
        self.deviation.lerp_(deviation.detach(), MOMENTUM)
        z = self._normalise(x.float(), centre, deviation)
        excess = F.relu(z.abs() - self.soft_limit)
        z = z.clamp(-self.clamp, self.clamp)
        return ((a * z + b) * z + k).to(x.dtype), excess.square().sum() / x.shape[0]

    @staticmethod
    def _normalise(x: Tensor, centre: Tensor, deviation: Tensor) -> Tensor:
        return (x - centre.view(1, -1, 1, 1)) / deviation.view(1, -1, 1, 1)

    def polynomial(self) -> Tensor:
        """The rows a, b, k of a x^2 + b x + k in the activation's own input x, float64 [3, channels]."""
        a, b, k = self.coefficients.detach().double()
        centre, deviation = self.centre.double(), self.deviation.double()
        square, slope = a / deviation**2, b / deviation
        return torch.stack([square, slope - 2 * square * centre, k + square * centre**2 - slope * centre])

    def missing_curvature(self, limit: float) -> Tensor:
        """By how much the channels' |a| is too small for the vertex to lie within `limit` deviations: their sum.

        See curvature.py for why.
        """
        a, b, _ = self.coefficients
        return F.relu(b.abs() / (2 * limit) - a.abs()).sum()

    @torch.no_grad()
    def recentre(self, centre: Tensor, deviation: Tensor) -> None:
        """Normalise by another centre and deviation, [channels] each, and keep the polynomial."""
        square, slope, k = self.polynomial()
        self.centre.copy_(centre)
        self.deviation.copy_(deviation)
        self.coefficients.copy_(
            torch.stack(
                [square * deviation**2, (2 * square * centre + slope) * deviation, (square * centre + slope) * centre + k]
            )
        )


def make_activation(kind: ActivationKind, channels: int) -> nn.Module:
    return SquareActivation(channels) if kind == "square" else ReluActivation()


class Block(nn.Module):
    """Two convolutions and a shortcut around them."""

    def __init__(self, inputs: int, outputs: int, stride: int, kind: ActivationKind, padding: Padding) -> None:
        super().__init__()
        self.conv1 = NormalisedConvolution(inputs, outputs, 3, stride, padding)
        self.activation1 = make_activation(kind, outputs)
        self.conv2 = NormalisedConvolution(outputs, outputs, 3, 1, padding)
        changes = stride != 1 or inputs != outputs
        self.shortcut = NormalisedConvolution(inputs, outputs, 1, stride, padding) if changes else None
        self.activation2 = make_activation(kind, outputs)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        inner, penalty1 = self.activation1(self.conv1(x))
        around = x if self.shortcut is None else self.shortcut(x)
        out, penalty2 = self.activation2(self.conv2(inner) + around)
        return out, penalty1 + penalty2


class ResNet20(nn.Module):
    """Returns the ten scores and the range penalty of all activations.

    `widening` multiplies the number of channels; beyond 1 the network can teach, not be exported.
    """

    def __init__(self, kind: ActivationKind, padding: Padding, widening: int = 1) -> None:
        super().__init__()
        self.kind, self.padding, self.widening = kind, padding, widening
        inputs = WIDTHS[0] * widening
        self.stem = NormalisedConvolution(3, inputs, 3, 1, padding)
        self.stem_activation = make_activation(kind, inputs)
        self.blocks = nn.ModuleDict()
        for stage, width in enumerate(WIDTHS, start=1):
            outputs = width * widening
            for block in range(1, BLOCKS_PER_STAGE + 1):
                stride = 2 if stage > 1 and block == 1 else 1
                self.blocks[f"stage{stage}_block{block}"] = Block(inputs, outputs, stride, kind, padding)
                inputs = outputs
        self.linear = nn.Linear(inputs, 10)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x, penalty = self.stem_activation(self.stem(x))
        for block in self.blocks.values():
            x, more = block(x)
            penalty = penalty + more
        return self.linear(x.mean(dim=(2, 3))), penalty

    def square_activations(self) -> dict[str, SquareActivation]:
        """The square activations by name; none in a ReLU network."""
        return {name: each for name, each in self.activations().items() if isinstance(each, SquareActivation)}

    def set_clamp(self, deviations: float) -> None:
        """Where the square activations clamp their inputs while training."""
        for activation in self.square_activations().values():
            activation.clamp.fill_(deviations)

    def missing_curvature(self, limit: float) -> Tensor:
        """The sum over all square activations; zero in a ReLU network."""
        missing = [activation.missing_curvature(limit) for activation in self.square_activations().values()]
        return torch.stack(missing).sum() if missing else torch.zeros(())

    def set_soft_limit(self, limit: float) -> None:
        """Beyond which magnitude inputs are penalised while training: deviations if square, as they are if ReLU."""
        for activation in self.activations().values():
            activation.soft_limit = limit

    def convolutions(self) -> dict[str, NormalisedConvolution]:
        """The convolutions by the name under which they are exported."""
        named = {"stem": self.stem}
        for key, block in self.blocks.items():
            prefix = key.replace("_", ".")
            named[f"{prefix}.conv1"] = block.conv1
            named[f"{prefix}.conv2"] = block.conv2
            if block.shortcut is not None:
                named[f"{prefix}.shortcut"] = block.shortcut
        return named

    def activations(self) -> dict[str, nn.Module]:
        """The activations, in the order of evaluation, by the name under which they are exported."""
        named = {"stem.activation": self.stem_activation}
        for key, block in self.blocks.items():
            prefix = key.replace("_", ".")
            named[f"{prefix}.activation1"] = block.activation1
            named[f"{prefix}.activation2"] = block.activation2
        return named


@contextmanager
def watching_inputs(network: ResNet20, watch: Callable[[str, Tensor], None]) -> Iterator[None]:
    """While the context lasts, `watch` is given each activation's name and input."""

    def watcher(name: str):  # noqa: ANN202
        return lambda _module, inputs: watch(name, inputs[0])

    hooks = [each.register_forward_pre_hook(watcher(name)) for name, each in network.activations().items()]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()
