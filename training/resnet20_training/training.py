"""The training loop that both recipes share: schedule, weight average, checkpoints, progress."""

from __future__ import annotations

import copy
import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .data import Augmentation, Images, normalise
from .distillation import Teacher
from .network import ResNet20, watching_inputs
from .optimizer import make_optimizers


@dataclass(frozen=True)
class Options:
    """What a run is made of; stored in its checkpoint and, at export, in the card."""

    epochs: int
    batch: int = 256
    rate: float = 0.05
    other_rate: float = 0.004
    warm_up: float = 0.03
    cutout: int = 0
    # How many augmentations of each image there are; 0: another one in every epoch.
    views: int = 0
    label_smoothing: float = 0.1
    penalty: float = 0.0
    soft_limit: float = 3.5
    distillation: float = 0.0
    temperature: float = 2.0
    average: float = 0.995
    clip: float = 2.0
    clamp: float = 4.5
    clamp_end: float = 10.0
    clamp_until: float = 0.4
    # Weight of what square activations lack in curvature for their vertices to stay within so many deviations.
    curvature_penalty: float = 0.0
    vertex_limit: float = 12.0
    # If given, the schedule follows the clock and the run ends after so many minutes, or after its epochs.
    minutes: float = 0.0
    seed: int = 1


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


def schedule(position: float, warm_up: float) -> float:
    """Factor on the learning rates at `position` (0 to 1) of the run: a linear rise, then linearly to zero."""
    return min(position / warm_up if warm_up > 0 else 1.0, (1 - position) / (1 - warm_up))


def clamp_at(position: float, options: Options) -> float:
    """The square activations' clamp at `position` of the run: constant, then linearly to its end."""
    widening = max(0.0, position - options.clamp_until) / (1 - options.clamp_until)
    return options.clamp + (options.clamp_end - options.clamp) * widening


@torch.no_grad()
def accuracy(network: nn.Module, images: Images, batch: int = 500) -> float:
    """Share of the images that the network, as evaluated, classifies correctly."""
    network.eval()
    right = 0
    for pixels, labels in zip(images.pixels.split(batch), images.labels.split(batch)):
        right += int((network(normalise(pixels))[0].argmax(1) == labels).sum())
    return right / len(images)


@torch.no_grad()
def largest_input(network: ResNet20, images: Images, batch: int = 500) -> float:
    """Largest magnitude at the input of any activation."""
    network.eval()
    found = 0.0

    def watch(_name: str, inputs: Tensor) -> None:
        nonlocal found
        found = max(found, float(inputs.abs().max()))

    with watching_inputs(network, watch):
        for pixels in images.pixels.split(batch):
            network(normalise(pixels))
    return found


class Run:
    """One training run, resumable from its folder after any epoch."""

    def __init__(
        self,
        network: ResNet20,
        options: Options,
        folder: Path,
        device: torch.device,
        teacher: Teacher | None = None,
        start: dict[str, Any] | None = None,
    ) -> None:
        self.options, self.folder, self.device = options, folder, device
        network.set_soft_limit(options.soft_limit)
        # How the network that this run starts from came about; kept for the card.
        self.start = start or {}
        self.network = network.to(device, memory_format=torch.channels_last)
        self.averaged = copy.deepcopy(self.network).requires_grad_(False)
        self.teacher = teacher
        self.optimizers = make_optimizers(self.network, options.rate, options.other_rate)
        self.epoch = 0
        self.steps = 0
        self.seconds = 0.0
        self.history: list[dict[str, float]] = []
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
        self.network.load_state_dict(stored["network"])
        self.averaged.load_state_dict(stored["averaged"])
        for optimizer, state in zip(self.optimizers, stored["optimizers"]):
            optimizer.load_state_dict(state)
        self.epoch, self.steps, self.history = stored["epoch"], stored["steps"], stored["history"]
        self.seconds = stored["seconds"]
        if self.teacher is not None:
            self.teacher.recall(stored["remembered"])

    def _store(self) -> None:
        temporary = self.checkpoint.with_suffix(".new")
        torch.save(
            {
                "kind": self.network.kind,
                "padding": self.network.padding,
                "options": asdict(self.options),
                "start": self.start,
                "network": self.network.state_dict(),
                "averaged": self.averaged.state_dict(),
                "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
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

    @torch.no_grad()
    def _average(self) -> None:
        # A short memory at first: otherwise the start of the run would stay in the average for long.
        weight = 1 - min(self.options.average, (1 + self.steps) / (10 + self.steps))
        for kept, new in zip(self.averaged.state_dict().values(), self.network.state_dict().values()):
            if kept.is_floating_point():
                kept.lerp_(new, weight)
            else:
                kept.copy_(new)

    def _loss(self, scores: Tensor, labels: Tensor, target: Tensor | None) -> Tensor:
        loss = F.cross_entropy(scores, labels, label_smoothing=self.options.label_smoothing)
        if target is None:
            return loss
        heat = self.options.temperature
        told = F.kl_div(
            F.log_softmax(scores / heat, 1), F.log_softmax(target / heat, 1), reduction="batchmean", log_target=True
        )
        return (1 - self.options.distillation) * loss + self.options.distillation * heat**2 * told

    def _position(self, steps: int, seconds: float) -> float:
        """How much of the run is done, 0 to 1."""
        spent = seconds / (60 * self.options.minutes) if self.options.minutes else 0.0
        return min(1.0, max(self.steps / steps, spent))

    def train(self, training: Images, validation: Images, report: Callable[[Progress], None], compiled: bool) -> None:
        """Run the epochs that are left."""
        torch.manual_seed(self.options.seed)
        training, validation = training.to(self.device), validation.to(self.device)
        augmentation = Augmentation(training, self.options.seed, self.options.cutout, self.options.views)
        forward = torch.compile(self.network) if compiled else self.network
        total = self.options.epochs * (len(training) // self.options.batch)
        others = [parameter for group in self.optimizers[1].param_groups for parameter in group["params"]]
        while self._position(total, self.seconds) < 1:
            started = time.monotonic()
            self.network.train()
            sums, batches = torch.zeros(3, dtype=torch.float64), 0
            for batch in augmentation.epoch(self.epoch, self.options.batch):
                position = self._position(total, self.seconds + time.monotonic() - started)
                if position == 1:
                    break
                factor = schedule(position, self.options.warm_up)
                self.network.set_clamp(clamp_at(position, self.options))
                for optimizer in self.optimizers:
                    for group in optimizer.param_groups:
                        group["lr"] = group["initial_lr"] * factor
                with torch.autocast(self.device.type, torch.bfloat16):
                    scores, penalty = forward(batch.pixels)
                    scores = scores.float()
                    target = None if self.teacher is None else self.teacher.scores(batch)
                    loss = self._loss(scores, batch.labels, target)
                for optimizer in self.optimizers:
                    optimizer.zero_grad()
                loss_and_penalties = loss + self.options.penalty * penalty
                if self.options.curvature_penalty:
                    missing = self.network.missing_curvature(self.options.vertex_limit)
                    loss_and_penalties = loss_and_penalties + self.options.curvature_penalty * missing
                loss_and_penalties.backward()
                nn.utils.clip_grad_norm_(others, self.options.clip)
                for optimizer in self.optimizers:
                    optimizer.step()
                self.steps += 1
                self._average()
                right = (scores.detach().argmax(1) == batch.labels).float().mean()
                sums += torch.stack([loss.detach().float(), right, penalty.detach().float()]).double().cpu()
                batches += 1
            self.epoch += 1
            loss, right, penalty = (sums / max(batches, 1)).tolist()
            progress = Progress(
                self.epoch,
                loss,
                right,
                accuracy(self.averaged, validation),
                penalty,
                largest_input(self.averaged, validation),
                time.monotonic() - started,
            )
            self.seconds += progress.seconds
            self.history.append(asdict(progress))
            self._store()
            report(progress)


def load_network(path: Path) -> tuple[ResNet20, dict]:
    """The averaged network of a checkpoint, and the rest of what the checkpoint holds."""
    stored = torch.load(path, map_location="cpu", weights_only=True)
    network = ResNet20(stored["kind"], stored["padding"])
    network.load_state_dict(stored["averaged"])
    return network.eval(), stored
