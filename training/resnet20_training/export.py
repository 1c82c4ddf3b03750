"""Writing weights, their card, and the images and scores that other implementations are tested with."""

from __future__ import annotations

import hashlib
import json
import platform
from pathlib import Path
from typing import Any

import numpy
import safetensors
import torch
from PIL import Image
from safetensors.torch import save_file
from torch import Tensor

from .data import CLASSES, DEVIATION, MEAN, SPLIT_SEED, VALIDATION_PER_CLASS, Images
from .folded import FoldedNetwork, fold
from .network import ResNet20
from .ranges import MARGIN, measure_ranges, share_outside

FIXTURES_PER_CLASS = 10
FIXTURE_SEED = 100
# Scores beyond so many times the largest of the test images are refused as noise.
SCORE_MARGIN = 8.0
# The score of a sample input's class lies at least this far above every other.
SAMPLE_MARGIN = 2.0


def score_accuracy(scores: Tensor, labels: Tensor) -> float:
    return round(float((scores.argmax(1) == labels).double().mean()), 6)


def write_json(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=2) + "\n")


def write_weights(
    network: ResNet20,
    recipe: dict[str, Any],
    name: str,
    folder: Path,
    training: Images,
    validation: Images,
    test: Images,
    range_images: int | None = None,
) -> tuple[FoldedNetwork, dict[str, Any]]:
    """Write `<name>.safetensors` and `<name>.json`.

    Ranges cover all training images, those held out included, or evenly spread `range_images` of them.
    """
    folded = FoldedNetwork(fold(network), network.kind, network.padding)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.safetensors"
    save_file(folded.tensors, path)
    # The library makes files that only their owner can read.
    path.chmod(0o644)
    whole = Images(
        torch.cat([training.pixels, validation.pixels]),
        torch.cat([training.labels, validation.labels]),
        training.names + validation.names,
    )
    if range_images is not None and range_images < len(whole):
        whole = whole.select(torch.linspace(0, len(whole) - 1, range_images).long())
    ranges = measure_ranges(folded, whole)
    bounds = {activation: each["bound"] for activation, each in ranges.items()}
    test_scores = folded.scores(test)
    card = {
        "format": 1,
        "name": name,
        "architecture": "resnet20",
        "activation": network.kind,
        "padding": network.padding,
        "input": {"shape": [3, 32, 32], "mean": list(MEAN), "deviation": list(DEVIATION)},
        "classes": list(CLASSES),
        "ranges": ranges,
        "rangeMargin": MARGIN,
        "rangeImages": len(whole),
        "scoreBound": round(SCORE_MARGIN * float(test_scores.abs().max()), 1),
        "accuracy": {
            "test": score_accuracy(test_scores, test.labels),
            "validation": score_accuracy(folded.scores(validation), validation.labels),
            "testImages": len(test),
            "validationImages": len(validation),
            "testOutOfRange": round(share_outside(folded, test, bounds), 6),
        },
        "parameters": sum(tensor.numel() for tensor in folded.tensors.values()),
        "recipe": recipe,
        "seed": recipe["seed"],
        "libraries": {
            "python": platform.python_version(),
            "torch": torch.__version__.split("+")[0],
            "numpy": numpy.__version__,
            "safetensors": safetensors.__version__,
        },
        "data": (
            f"CIFAR-10 (Krizhevsky 2009): {len(training)} training images; {VALIDATION_PER_CLASS} training images a class "
            f"held out for validation (seed {SPLIT_SEED}); {len(test)} test images, used for reporting only"
        ),
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }
    write_json(folder / f"{name}.json", card)
    return folded, card


def choose_fixtures(test: Images) -> tuple[Images, list[str]]:
    """The same ten test images of each class at every export, and their file names."""
    generator = torch.Generator().manual_seed(FIXTURE_SEED)
    chosen, names = [], []
    for label, name in enumerate(CLASSES):
        members = torch.nonzero(test.labels == label).flatten()
        chosen.append(members[torch.randperm(len(members), generator=generator)[:FIXTURES_PER_CLASS]])
        names += [f"{name}-{number:04d}.png" for number in range(1, FIXTURES_PER_CLASS + 1)]
    return test.select(torch.cat(chosen)), names


def write_fixtures(folded: FoldedNetwork, name: str, folder: Path, test: Images) -> None:
    """Write the images, and the scores that the exported weights give in float64 arithmetic."""
    images, names = choose_fixtures(test)
    folder.mkdir(parents=True, exist_ok=True)
    for file, pixels in zip(names, images.pixels):
        Image.fromarray(pixels.numpy()).save(folder / file, optimize=True)
    scores = folded.to(torch.float64).scores(images).tolist()
    write_json(folder / f"scores-{name}.json", dict(zip(names, scores)))


def write_samples(networks: list[FoldedNetwork], folder: Path, test: Images, default: str = "horse") -> dict[str, float]:
    """Write one clearly recognised test image of each class, and a default; returns their smallest margins.

    An image is taken if every given network recognises it with the margin; the first such one in order of name.
    """
    margins = []
    for network in networks:
        scores = network.scores(test)
        own = scores.gather(1, test.labels[:, None]).squeeze(1)
        others = scores.scatter(1, test.labels[:, None], float("-inf")).amax(1)
        margins.append(own - others)
    smallest = torch.stack(margins).amin(0)
    folder.mkdir(parents=True, exist_ok=True)
    chosen = {}
    for label, name in enumerate(CLASSES):
        members = torch.nonzero(test.labels == label).flatten()
        clear = members[smallest[members] >= SAMPLE_MARGIN]
        index = int(clear[0]) if len(clear) else int(members[smallest[members].argmax()])
        chosen[name] = round(float(smallest[index]), 3)
        image = Image.fromarray(test.pixels[index].numpy())
        image.save(folder / f"{name}.png", optimize=True)
        if name == default:
            image.save(folder / "default.png", optimize=True)
    return chosen
