"""CIFAR-10 as packed 8-bit arrays: reading, caching, splitting and augmenting.

Two sources are read: a folder with `train/CLASS/*.png` and `test/CLASS/*.png`, or the binary batches
(`data_batch_1.bin` to `data_batch_5.bin`, `test_batch.bin`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
# Mean and deviation of the training images on the 0 to 1 scale.
MEAN = (0.4914, 0.4822, 0.4465)
DEVIATION = (0.2470, 0.2435, 0.2616)
# The largest shift in pixels that augmentation applies.
SHIFT = 4
# In speckled images one pixel in so many has another colour.
PIXELS_PER_SPECKLE = 100
# One split for every experiment: choices are comparable and the test images choose nothing.
SPLIT_SEED = 20
VALIDATION_PER_CLASS = 250


@dataclass(frozen=True)
class Images:
    """Pixels as uint8 [count, 32, 32, 3] (channels last), labels as int64 [count], and each image's name."""

    pixels: Tensor
    labels: Tensor
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.labels)

    def select(self, indices: Tensor) -> Images:
        return Images(self.pixels[indices], self.labels[indices], tuple(self.names[i] for i in indices.tolist()))

    def to(self, device: torch.device) -> Images:
        return Images(self.pixels.to(device), self.labels.to(device), self.names)


def _read_folders(folder: Path) -> Images:
    pixels, labels, names = [], [], []
    for label, name in enumerate(CLASSES):
        for path in sorted((folder / name).glob("*.png")):
            with Image.open(path) as image:
                pixels.append(np.asarray(image.convert("RGB")))
            labels.append(label)
            names.append(f"{name}/{path.name}")
    if not pixels:
        raise FileNotFoundError(f"no PNG images below {folder}")
    return Images(torch.from_numpy(np.stack(pixels)), torch.tensor(labels), tuple(names))


def _read_batches(paths: list[Path]) -> Images:
    records = np.concatenate([np.fromfile(path, dtype=np.uint8).reshape(-1, 3073) for path in paths])
    # A record is the label and then the three colour planes.
    pixels = records[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1).copy()
    names = tuple(f"{path.stem}/{row}" for path in paths for row in range(path.stat().st_size // 3073))
    return Images(torch.from_numpy(pixels), torch.from_numpy(records[:, 0].astype(np.int64)), names)


def _batch_paths(folder: Path, split: str) -> list[Path]:
    return sorted(folder.glob("data_batch_*.bin" if split == "train" else "test_batch.bin"))


def load_images(folder: Path, split: str, cache: Path | None = None) -> Images:
    """Read the `train` or `test` images; with `cache`, decode the PNG files only once."""
    packed = cache / f"cifar10-{split}.pt" if cache is not None else None
    if packed is not None and packed.exists():
        stored = torch.load(packed, weights_only=True)
        return Images(stored["pixels"], stored["labels"], tuple(stored["names"]))
    batches = _batch_paths(folder, split)
    images = _read_batches(batches) if batches else _read_folders(folder / split)
    if packed is not None:
        packed.parent.mkdir(parents=True, exist_ok=True)
        torch.save({"pixels": images.pixels, "labels": images.labels, "names": list(images.names)}, packed)
    return images


def split_validation(images: Images, per_class: int = VALIDATION_PER_CLASS) -> tuple[Images, Images]:
    """Split off `per_class` images of each class, always the same ones: (training, validation)."""
    generator = torch.Generator().manual_seed(SPLIT_SEED)
    held_out = []
    for label in range(len(CLASSES)):
        members = torch.nonzero(images.labels == label).flatten()
        held_out.append(members[torch.randperm(len(members), generator=generator)[:per_class]])
    validation = torch.cat(held_out).sort().values
    keep = torch.ones(len(images), dtype=torch.bool)
    keep[validation] = False
    return images.select(torch.nonzero(keep).flatten()), images.select(validation)


@cache
def _pixel_statistics(device: torch.device) -> tuple[Tensor, Tensor]:
    """Mean and deviation of 8-bit pixels; made once, as a copy to a GPU waits for all that it still has to do."""
    return torch.tensor(MEAN, device=device) * 255, torch.tensor(DEVIATION, device=device) * 255


def normalise(pixels: Tensor) -> Tensor:
    """uint8 [count, 32, 32, 3] to normalised float32 [count, 3, 32, 32] in channels-last memory."""
    mean, deviation = _pixel_statistics(pixels.device)
    return ((pixels.float() - mean) / deviation).permute(0, 3, 1, 2)


@dataclass(frozen=True)
class Batch:
    """Augmented images [count, 3, 32, 32], their labels, their indices, and whether each is flipped.

    `view` numbers the augmentation of this epoch where there is a limited number of them.
    """

    pixels: Tensor
    labels: Tensor
    images: Tensor
    flipped: Tensor
    view: int | None


class Augmentation:
    """Random shifts (edges mirrored) and horizontal flips of whole batches, by one gather on packed pixels.

    With `cutout`, a square of so many pixels around a random centre becomes the images' mean (DeVries, Taylor 2017).
    With `speckled`, in that share of the images single pixels get one saturated colour: no training image looks so, and
    the activations' ranges have to hold for images that look like no training image.
    With `views`, every image comes in so many variants only, one an epoch and then again from the first.
    """

    def __init__(self, images: Images, seed: int, cutout: int = 0, views: int = 0, speckled: float = 0.0) -> None:
        pixels = images.pixels.permute(0, 3, 1, 2).contiguous()
        # Reflection padding exists for floating point only; 8-bit values are exact in float16.
        padded = torch.cat(
            [
                torch.nn.functional.pad(part.float(), (SHIFT,) * 4, mode="reflect").to(torch.uint8)
                for part in pixels.split(5000)
            ]
        )
        self._padded = padded.permute(0, 2, 3, 1).contiguous()
        self._labels = images.labels
        self._seed = seed
        self._cutout = cutout
        self._views = views
        self._speckled = speckled

    def epoch(self, number: int, batch: int) -> Iterator[Batch]:
        """The batches of one epoch. They depend on the seed and the epoch's number alone, so a resumed run repeats them.

        Random numbers are drawn on the processor, as every device draws others; all else is done where the images are.
        """
        device = self._padded.device
        view = number % self._views if self._views else None
        count = len(self._labels)
        generator = self._generator(number)
        order = torch.randperm(count, generator=generator)
        if view is not None:
            generator = self._generator(view)
        shifts = torch.randint(0, 2 * SHIFT + 1, (2, count, 1), generator=generator).to(device)
        # Alternate the flip from epoch to epoch (each image is seen both ways equally often), from a random start.
        start = torch.randint(0, 2, (count, 1), generator=torch.Generator().manual_seed(self._seed)).to(device)
        places = torch.arange(32, device=device)
        rows = places + shifts[0]
        columns = places + shifts[1]
        flipped = (start + (number if view is None else view)) % 2 == 1
        cut = self._cut_edges(count, generator)
        speckles = self._speckles(count, generator) if self._speckled else None
        columns = torch.where(flipped, columns.flip(1), columns)
        for chosen in order[: count - count % batch].to(device).split(batch):
            pixels = self._padded[chosen[:, None, None], rows[chosen][:, :, None], columns[chosen][:, None, :]]
            if speckles is not None:
                spots, colours = (part[chosen] for part in speckles)
                pixels = torch.where(spots[..., None], colours, pixels)
            normalised = normalise(pixels)
            if self._cutout:
                cut_rows, cut_columns = (edge[chosen] for edge in cut)
                normalised.masked_fill_(cut_rows[:, None, :, None] & cut_columns[:, None, None, :], 0.0)
            yield Batch(normalised, self._labels[chosen], chosen, flipped[chosen, 0], view)

    def _generator(self, number: int) -> torch.Generator:
        return torch.Generator().manual_seed(self._seed * 100_003 + number)

    def _speckles(self, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Which pixels of each image are speckles, [count, 32, 32], and their colour, uint8 [count, 1, 1, 3]."""
        device = self._padded.device
        chosen = torch.rand((count, 1, 1), generator=generator) < self._speckled
        spots = chosen & (torch.randint(0, PIXELS_PER_SPECKLE, (count, 32, 32), generator=generator) == 0)
        colours = 255 * torch.randint(0, 2, (count, 1, 1, 3), generator=generator, dtype=torch.uint8)
        return spots.to(device), colours.to(device)

    def _cut_edges(self, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """The rows and the columns of each image, [count, 32], that its cut-out square covers."""
        device = self._padded.device
        first = torch.randint(0, 32, (2, count, 1), generator=generator).to(device) - self._cutout // 2
        places = torch.arange(32, device=device)
        rows, columns = (places >= first) & (places < first + self._cutout)
        return rows, columns
