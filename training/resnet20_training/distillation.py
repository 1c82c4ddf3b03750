"""A trained network's scores as additional targets."""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor, nn

from .data import Images, normalise


class Teacher(Protocol):
    def scores(self, pixels: Tensor, images: Tensor, flipped: Tensor) -> Tensor:
        """Target scores of a batch: its augmented pixels, the images' indices, and whether each is flipped."""


class Ensemble(nn.Module):
    """Several networks as one, whose scores are the mean of theirs."""

    def __init__(self, networks: list[nn.Module]) -> None:
        super().__init__()
        self.networks = nn.ModuleList(networks)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        scores = torch.stack([network(x)[0] for network in self.networks]).mean(0)
        return scores, scores.new_zeros(())


class FreshTeacher:
    """Evaluates the teacher on exactly what the student sees: the better target, and a forward pass dearer."""

    def __init__(self, network: nn.Module, device: torch.device) -> None:
        self._network = network.to(device, memory_format=torch.channels_last).eval()

    @torch.no_grad()
    def scores(self, pixels: Tensor, images: Tensor, flipped: Tensor) -> Tensor:
        return self._network(pixels)[0].float()


class StoredTeacher:
    """Evaluates the teacher once for each image and its mirror image, without shifts."""

    def __init__(self, network: nn.Module, device: torch.device, training: Images, batch: int = 500) -> None:
        network = network.to(device, memory_format=torch.channels_last).eval()
        parts = []
        with torch.no_grad(), torch.autocast(device.type, torch.bfloat16):
            for pixels in training.pixels.split(batch):
                plain = normalise(pixels.to(device))
                parts.append(torch.stack([network(side)[0].float() for side in (plain, plain.flip(3))], dim=1))
        self._scores = torch.cat(parts)

    def scores(self, pixels: Tensor, images: Tensor, flipped: Tensor) -> Tensor:
        return self._scores[images, flipped.long()]
