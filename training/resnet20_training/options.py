"""What a training run is made of, and how rates and clamp follow its course."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Options:
    """What a run is made of; stored in its checkpoint and, at export, in the card."""

    epochs: int
    batch: int = 256
    rate: float = 0.05
    other_rate: float = 0.004
    warm_up: float = 0.03
    cutout: int = 0
    # Share of the images in which single pixels get a saturated colour.
    speckled: float = 0.0
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


def schedule(position: float, warm_up: float) -> float:
    """Factor on the learning rates at `position` (0 to 1) of the run: a linear rise, then linearly to zero."""
    return min(position / warm_up if warm_up > 0 else 1.0, (1 - position) / (1 - warm_up))


def clamp_at(position: float, options: Options) -> float:
    """The square activations' clamp at `position` of the run: constant, then linearly to its end."""
    widening = max(0.0, position - options.clamp_until) / (1 - options.clamp_until)
    return options.clamp + (options.clamp_end - options.clamp) * widening
