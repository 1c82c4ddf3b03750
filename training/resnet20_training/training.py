"""The training loop that both recipes share: batches, validation, checkpoints, progress."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from math import isfinite
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from .data import Augmentation, Batch, Images, normalise
from .distillation import Teacher
from .network import ResNet20, watching_inputs
from .options import Options
from .step import Inputs, Step

# Epochs on a GPU take less than a second: there is no checkpoint of each, but one whenever so many seconds have passed.
SECONDS_BETWEEN_CHECKPOINTS = 10.0


@dataclass
class Progress:
    """What the caller sees after each epoch."""

    epoch: int
    loss: float
    training: float
    validation: float
    penalty: float
    largest: float
    seconds: float


@torch.no_grad()
def validate(network: ResNet20, images: Images, batch: int = 500) -> tuple[float, float]:
    """Share of the images that the network classifies correctly, and the largest magnitude at any activation's input."""
    network.eval()
    right, largest = [], []
    with watching_inputs(network, lambda _name, inputs: largest.append(inputs.abs().amax())):
        for pixels, labels in zip(images.pixels.split(batch), images.labels.split(batch)):
            right.append((network(normalise(pixels))[0].argmax(1) == labels).sum())
    return int(torch.stack(right).sum()) / len(images), float(torch.stack(largest).amax())


class Run:
    """One training run, resumable from its folder."""

    def __init__(
        self,
        network: ResNet20,
        options: Options,
        folder: Path,
        device: torch.device,
        compiled: bool,
        teacher: Teacher | None = None,
        start: dict[str, Any] | None = None,
    ) -> None:
        self.options, self.folder, self.device = options, folder, device
        # How the network that this run starts from came about; kept for the card.
        self.start = start or {}
        self.step = Step(network, options, device, compiled)
        self.teacher = teacher
        self.epoch = 0
        self.steps = 0
        self.seconds = 0.0
        self.history: list[dict[str, float | None]] = []
        folder.mkdir(parents=True, exist_ok=True)
        if self.checkpoint.exists():
            self._restore()

    @property
    def checkpoint(self) -> Path:
        return self.folder / "checkpoint.pt"

    def _restore(self) -> None:
        stored = torch.load(self.checkpoint, map_location=self.device, weights_only=True)
        if stored["options"] != asdict(self.options):
            raise ValueError(f"{self.checkpoint} belongs to a run with other options: {stored['options']}")
        self.step.network.load_state_dict(stored["network"])
        self.step.averaged.load_state_dict(stored["averaged"])
        for optimizer, state in zip(self.step.optimizers, stored["optimizers"]):
            optimizer.load_state_dict(state)
        self.epoch, self.steps, self.history = stored["epoch"], stored["steps"], stored["history"]
        self.seconds = stored["seconds"]
        if self.teacher is not None:
            self.teacher.recall(stored["remembered"])

    def _store(self) -> None:
        network = self.step.network
        temporary = self.checkpoint.with_suffix(".new")
        torch.save(
            {
                "kind": network.kind,
                "padding": network.padding,
                "widening": network.widening,
                "options": asdict(self.options),
                "start": self.start,
                "network": network.state_dict(),
                "averaged": self.step.averaged.state_dict(),
                "optimizers": [optimizer.state_dict() for optimizer in self.step.optimizers],
                "epoch": self.epoch,
                "steps": self.steps,
                "seconds": self.seconds,
                "history": self.history,
                "remembered": None if self.teacher is None else self.teacher.memory(),
            },
            temporary,
        )
        temporary.replace(self.checkpoint)
        (self.folder / "history.json").write_text(json.dumps(self.history, indent=1) + "\n")

    def _position(self, steps: int, seconds: float) -> float:
        """How much of the run is done, 0 to 1."""
        spent = seconds / (60 * self.options.minutes) if self.options.minutes else 0.0
        return min(1.0, max(self.steps / steps, spent))

    def _targets(self, batch: Batch) -> Tensor | None:
        if self.teacher is None:
            return None
        with torch.autocast(self.device.type, torch.bfloat16):
            return self.teacher.scores(batch)

    def train(self, training: Images, validation: Images, report: Callable[[Progress], None]) -> None:
        """Run the epochs that are left."""
        options = self.options
        torch.manual_seed(options.seed)
        training, validation = training.to(self.device), validation.to(self.device)
        augmentation = Augmentation(training, options.seed, options.cutout, options.views, options.speckled)
        total = options.epochs * (len(training) // options.batch)
        stored = time.monotonic()
        while self._position(total, self.seconds) < 1:
            started = time.monotonic()
            for batch in augmentation.epoch(self.epoch, options.batch):
                position = self._position(total, self.seconds + time.monotonic() - started)
                if position == 1:
                    break
                self.step(Inputs(batch.pixels, batch.labels, self._targets(batch)), position, self.steps)
                self.steps += 1
            self.epoch += 1
            loss, right, penalty = self.step.take_sums()
            accuracy, largest = validate(self.step.averaged, validation)
            progress = Progress(self.epoch, loss, right, accuracy, penalty, largest, time.monotonic() - started)
            self.seconds += progress.seconds
            # JSON has no value for what grew without bound.
            self.history.append({name: value if isfinite(value) else None for name, value in asdict(progress).items()})
            if time.monotonic() - stored >= SECONDS_BETWEEN_CHECKPOINTS or self._position(total, self.seconds) == 1:
                self._store()
                stored = time.monotonic()
            report(progress)


def load_network(path: Path) -> tuple[ResNet20, dict]:
    """The averaged network of a checkpoint, and the rest of what the checkpoint holds."""
    stored = torch.load(path, map_location="cpu", weights_only=True)
    network = ResNet20(stored["kind"], stored["padding"], stored["widening"])
    network.load_state_dict(stored["averaged"])
    return network.eval(), stored


def describe(checkpoint: dict[str, Any]) -> dict[str, Any]:
    """How a checkpoint's network came about: for its card, and for those of the networks that are trained on from it."""
    told = {
        **{key: checkpoint[key] for key in ("kind", "padding", "widening")},
        **checkpoint["options"],
        "epochsDone": checkpoint["epoch"],
        "stepsDone": checkpoint["steps"],
        "start": checkpoint["start"],
    }
    return {**told, "mixed": checkpoint["mixed"]} if "mixed" in checkpoint else told
