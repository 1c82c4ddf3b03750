import sys
from pathlib import Path

import pytest
import torch

sys.path.insert(0, str(Path(__file__).parents[1]))

from resnet20_training.data import Images  # noqa: E402


@pytest.fixture
def images() -> Images:
    """Small synthetic images whose class shows in their colour."""
    generator = torch.Generator().manual_seed(3)
    labels = torch.arange(40) % 10
    pixels = torch.randint(0, 60, (40, 32, 32, 3), generator=generator) + 18 * labels[:, None, None, None]
    return Images(pixels.to(torch.uint8), labels, tuple(f"{i}.png" for i in range(40)))
