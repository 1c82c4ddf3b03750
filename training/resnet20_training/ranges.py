"""What magnitudes the activations' inputs take."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from .data import Images
from .folded import FoldedNetwork

# Histogram of magnitudes: bins of 1/256 up to 256, the last one holding everything beyond.
BINS_PER_UNIT = 256
LARGEST = 256
QUANTILE = 0.9999
MARGIN = 1.25


class RangeRecorder:
    """Accumulates each activation's largest input, its histogram, and each channel's mean and deviation."""

    def __init__(self) -> None:
        self.maximum: dict[str, Tensor] = {}
        self.minimum: dict[str, Tensor] = {}
        self.histogram: dict[str, Tensor] = {}
        self.sums: dict[str, Tensor] = {}
        self.count: dict[str, int] = {}

    def __call__(self, name: str, x: Tensor) -> None:
        channels = x.transpose(0, 1).flatten(1)
        magnitudes = channels.abs().flatten()
        bins = (magnitudes * BINS_PER_UNIT).long().clamp_max(BINS_PER_UNIT * LARGEST - 1)
        histogram = torch.bincount(bins, minlength=BINS_PER_UNIT * LARGEST)
        sums = torch.stack([channels.double().sum(1), channels.double().square().sum(1)])
        if name not in self.count:
            self.maximum[name], self.minimum[name] = channels.amax(1), channels.amin(1)
            self.histogram[name], self.sums[name], self.count[name] = histogram, sums, channels.shape[1]
            return
        self.maximum[name] = torch.maximum(self.maximum[name], channels.amax(1))
        self.minimum[name] = torch.minimum(self.minimum[name], channels.amin(1))
        self.histogram[name] += histogram
        self.sums[name] += sums
        self.count[name] += channels.shape[1]

    def summary(self) -> dict[str, dict[str, float]]:
        """Per activation: largest magnitude, 99.99 % quantile, largest distance in deviations, and the bound."""
        result = {}
        for name, count in self.count.items():
            mean, square = self.sums[name] / count
            deviation = (square - mean**2).clamp_min(1e-12).sqrt()
            highest, lowest = self.maximum[name].double(), self.minimum[name].double()
            distance = torch.maximum(highest - mean, mean - lowest) / deviation
            cumulated = self.histogram[name].cumsum(0).double()
            quantile = int(torch.searchsorted(cumulated, cumulated[-1] * QUANTILE)) + 1
            largest = float(torch.maximum(highest.abs(), lowest.abs()).max())
            result[name] = {
                "max": round(largest, 4),
                "quantile9999": round(quantile / BINS_PER_UNIT, 4),
                "deviations": round(float(distance.max()), 2),
                "bound": math.ceil(largest * MARGIN * 4) / 4,
            }
        return result


def measure_ranges(network: FoldedNetwork, images: Images) -> dict[str, dict[str, float]]:
    recorder = RangeRecorder()
    FoldedNetwork(network.tensors, network.activation, network.padding, observe=recorder).scores(images)
    return recorder.summary()


def share_outside(network: FoldedNetwork, images: Images, bounds: dict[str, float]) -> float:
    """Share of the images with any activation's input outside its bound."""
    outside: list[Tensor] = []

    def observe(name: str, x: Tensor) -> None:
        beyond = x.abs().flatten(1).amax(1) > bounds[name]
        if name == "stem.activation":
            outside.append(beyond)
        else:
            outside[-1] |= beyond

    FoldedNetwork(network.tensors, network.activation, network.padding, observe=observe).scores(images)
    return float(torch.cat(outside).double().mean())
