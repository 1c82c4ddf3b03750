"""A trained network's scores as additional targets."""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor, nn

from .data import Batch, Images, normalise


class Teacher(Protocol):
    def scores(self, batch: Batch) -> Tensor:
        """Target scores of a batch."""

    def memory(self) -> Tensor | None:
        """What a resumed run's teacher would have to evaluate again, if anything."""

    def recall(self, memory: Tensor | None) -> None:
        """Take over the memory of a run that was interrupted."""


class Ensemble(nn.Module):
    """Several networks as one, whose scores are the mean of theirs."""

    def __init__(self, networks: list[nn.Module]) -> None:
        super().__init__()
        self.networks = nn.ModuleList(networks)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        scores = torch.stack([network(x)[0] for network in self.networks]).mean(0)
        return scores, scores.new_zeros(())


class FreshTeacher:
    """Evaluates the teacher on exactly what the student sees: the better target, and a forward pass dearer.

    A consistent teacher helps most (Beyer et al. 2022, "Knowledge distillation: a good teacher is patient and
    consistent"). Where images come in a limited number of views, each is evaluated once and remembered.
    """

    def __init__(self, network: nn.Module, device: torch.device, images: int, views: int, compiled: bool) -> None:
        self._network = network.to(device, memory_format=torch.channels_last).eval()
        # For whole batches only: each other size would be compiled again.
        self._whole = torch.compile(self._network) if compiled else self._network
        # Scores of each view of each image, not a number until they are known.
        self._remembered = torch.full((views, images, 10), float("nan"), device=device)

    @torch.no_grad()
    def scores(self, batch: Batch) -> Tensor:
        if batch.view is None:
            return self._whole(batch.pixels)[0].float()
        known = self._remembered[batch.view, batch.images]
        missing = known[:, 0].isnan()
        if missing.any():
            fresh = self._whole(batch.pixels) if missing.all() else self._network(batch.pixels[missing])
            known[missing] = fresh[0].float()
            self._remembered[batch.view, batch.images] = known
        return known

    def memory(self) -> Tensor:
        return self._remembered

    def recall(self, memory: Tensor) -> None:
        self._remembered.copy_(memory)


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

    def scores(self, batch: Batch) -> Tensor:
        return self._scores[batch.images, batch.flipped.long()]

    def memory(self) -> None:
        return None

    def recall(self, memory: None) -> None:
        pass
