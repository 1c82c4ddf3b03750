"""Networks between two trained ones.

Where one network was trained on from another, the networks on the line between them are good ones too, often better
than either (Wortsman et al. 2022, "Model soups"): narrow ranges can be had without the accuracy that a short run with a
strong range penalty costs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from .training import describe

SHAPE = ("kind", "padding", "widening")


def mix(first: Path, second: Path, share: float) -> dict[str, Any]:
    """The second one's checkpoint with (1 - share) x the first one's averaged weights + share x its own.

    It can be exported, taught with and trained on; the run that it came from cannot be continued.
    """
    one, other = (torch.load(path, map_location="cpu", weights_only=True) for path in (first, second))
    if any(one[key] != other[key] for key in SHAPE):
        raise ValueError(f"{first} and {second} are networks of different shape")
    averaged = {
        name: torch.lerp(tensor, other["averaged"][name], share) if tensor.is_floating_point() else tensor
        for name, tensor in one["averaged"].items()
    }
    kept = {key: other[key] for key in (*SHAPE, "options", "start", "epoch", "steps")}
    return {**kept, "averaged": averaged, "mixed": {"share": share, "first": describe(one)}}
