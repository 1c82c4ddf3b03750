"""The exported network: batch normalisation folded into the convolutions, as the encrypted circuit evaluates it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor

from .data import Images, normalise
from .network import BLOCKS_PER_STAGE, WIDTHS, ResNet20, pad_circular_width

Observer = Callable[[str, Tensor], None]
Disturbance = Callable[[str, Tensor], Tensor]


def fold(network: ResNet20) -> dict[str, Tensor]:
    """The tensors to export, computed in float64 and stored as float32.

    The input of every square activation is exported in deviations from its centre: encryption is precise relative to
    the largest input, so that a large mean with little around it would waste what it has, and channels of different
    deviations would not use their range alike.
    """
    tensors: dict[str, Tensor] = {}
    for name, each in network.convolutions().items():
        norm = each.norm
        factor = norm.weight.detach().double() / torch.sqrt(norm.running_var.double() + norm.eps)
        tensors[f"{name}.weight"] = each.convolution.weight.detach().double() * factor[:, None, None, None]
        tensors[f"{name}.bias"] = norm.bias.detach().double() - norm.running_mean.double() * factor
    tensors["linear.weight"] = network.linear.weight.detach()
    tensors["linear.bias"] = network.linear.bias.detach()
    for name, activation in network.square_activations().items():
        tensors[name] = activation.coefficients.detach().double().clone()
    before = ""
    for name, activation in network.square_activations().items():
        convolution = "stem" if name == "stem.activation" else name.replace("activation", "conv")
        deviation = activation.deviation.double()
        tensors[f"{convolution}.weight"] /= deviation[:, None, None, None]
        tensors[f"{convolution}.bias"] = (tensors[f"{convolution}.bias"] - activation.centre.double()) / deviation
        if name.endswith("activation2"):
            _scale_shortcut(tensors, name.removesuffix(".activation2"), before, deviation)
        if not name.endswith("activation1"):
            before = name
    return {name: tensor.float().contiguous() for name, tensor in tensors.items()}


def _scale_shortcut(tensors: dict[str, Tensor], block: str, before: str, deviation: Tensor) -> None:
    """Divide what a block's shortcut adds, [channels], by `deviation`.

    Without a convolution there, it is the output of the activation `before` the block, which only the block's first
    convolution reads besides.
    """
    if f"{block}.shortcut.weight" in tensors:
        tensors[f"{block}.shortcut.weight"] /= deviation[:, None, None, None]
        tensors[f"{block}.shortcut.bias"] /= deviation
    else:
        tensors[before] /= deviation
        tensors[f"{block}.conv1.weight"] *= deviation[:, None, None]


@dataclass
class FoldedNetwork:
    """Evaluates exported tensors in their own precision; hooks observe or disturb what flows."""

    tensors: dict[str, Tensor]
    activation: str
    padding: str
    # Sees each activation's name and input.
    observe: Observer | None = None
    # Changes each convolution's output, after its bias.
    disturb: Disturbance | None = None
    # Changes each activation's input, after the shortcut has been added.
    disturb_activation: Disturbance | None = None

    def convolve(self, name: str, x: Tensor, stride: int = 1) -> Tensor:
        weight, bias = self.tensors[f"{name}.weight"], self.tensors[f"{name}.bias"]
        margin = weight.shape[2] // 2
        if self.padding == "circular-width" and margin:
            out = F.conv2d(pad_circular_width(x), weight, bias, stride, (margin, 0))
        else:
            out = F.conv2d(x, weight, bias, stride, margin)
        return out if self.disturb is None else self.disturb(name, out)

    def activate(self, name: str, x: Tensor) -> Tensor:
        if self.disturb_activation is not None:
            x = self.disturb_activation(name, x)
        if self.observe is not None:
            self.observe(name, x)
        if self.activation == "relu":
            return F.relu(x)
        a, b, k = self.tensors[name].view(3, 1, -1, 1, 1)
        return (a * x + b) * x + k

    def __call__(self, x: Tensor) -> Tensor:
        x = self.activate("stem.activation", self.convolve("stem", x))
        for stage in range(1, len(WIDTHS) + 1):
            for block in range(1, BLOCKS_PER_STAGE + 1):
                name = f"stage{stage}.block{block}"
                stride = 2 if stage > 1 and block == 1 else 1
                inner = self.activate(f"{name}.activation1", self.convolve(f"{name}.conv1", x, stride))
                changes = f"{name}.shortcut.weight" in self.tensors
                around = self.convolve(f"{name}.shortcut", x, stride) if changes else x
                x = self.activate(f"{name}.activation2", self.convolve(f"{name}.conv2", inner) + around)
        return F.linear(x.mean(dim=(2, 3)), self.tensors["linear.weight"], self.tensors["linear.bias"])

    def to(self, kind: torch.dtype | torch.device) -> FoldedNetwork:
        moved = {name: tensor.to(kind) for name, tensor in self.tensors.items()}
        return FoldedNetwork(moved, self.activation, self.padding, self.observe, self.disturb, self.disturb_activation)

    @torch.no_grad()
    def scores(self, images: Images, batch: int = 250) -> Tensor:
        """Scores of all images, [count, 10], in the tensors' precision and on their device."""
        like = self.tensors["linear.bias"]
        parts = [self(normalise(pixels.to(like.device)).to(like.dtype)) for pixels in images.pixels.split(batch)]
        return torch.cat(parts)


def load_folded(card_path: Path) -> tuple[FoldedNetwork, dict]:
    """An exported network and its card."""
    card = json.loads(card_path.read_text())
    tensors = load_file(card_path.with_suffix(".safetensors"))
    return FoldedNetwork(tensors, card["activation"], card["padding"]), card
