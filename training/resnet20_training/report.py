"""Plots of training curves and confusion matrices, and the confusion matrix as text."""

from __future__ import annotations

import json
from pathlib import Path

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as pyplot  # noqa: E402
import torch  # noqa: E402
from torch import Tensor  # noqa: E402

from .data import CLASSES  # noqa: E402

# Identical input gives an identical file.
matplotlib.rcParams["svg.hashsalt"] = "resnet20"


def confusion(scores: Tensor, labels: Tensor) -> list[list[int]]:
    """Counts of images by true class (row) and predicted class (column)."""
    cells = labels * len(CLASSES) + scores.argmax(1)
    return torch.bincount(cells, minlength=len(CLASSES) ** 2).view(len(CLASSES), -1).tolist()


def confusion_table(matrix: list[list[int]]) -> str:
    """The matrix as a Markdown table."""
    lines = ["| true \\ predicted | " + " | ".join(CLASSES) + " |", "|---|" + "---:|" * len(CLASSES)]
    lines += [f"| {name} | " + " | ".join(str(count) for count in row) + " |" for name, row in zip(CLASSES, matrix)]
    return "\n".join(lines)


def plot_curves(histories: dict[str, Path], target: Path) -> None:
    """Training accuracy and validation accuracy of the averaged weights by epoch, one panel for each run."""
    columns = min(4, len(histories))
    rows = -(-len(histories) // columns)
    figure, panels = pyplot.subplots(rows, columns, figsize=(4.2 * columns, 3.4 * rows), sharey=True, squeeze=False)
    for panel in panels.flat[len(histories) :]:
        panel.set_visible(False)
    for panel, (title, path) in zip(panels.flat, histories.items()):
        history = json.loads(path.read_text())
        epochs = [each["epoch"] for each in history]
        panel.plot(epochs, [100 * each["training"] for each in history], label="training (augmented)", linestyle="--")
        panel.plot(epochs, [100 * each["validation"] for each in history], label="validation (averaged weights)")
        panel.set_title(title)
        panel.set_xlabel("epoch")
        panel.grid(alpha=0.3)
        panel.set_ylim(60, 100)
    for row in panels:
        row[0].set_ylabel("accuracy, %")
    panels[0][0].legend(loc="lower right")
    figure.tight_layout()
    target.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(target, metadata={"Date": None})


def plot_confusion(matrix: list[list[int]], target: Path) -> None:
    """The confusion matrix as a heat map, errors on a logarithmic scale of colour."""
    counts = torch.tensor(matrix).double()
    figure, panel = pyplot.subplots(figsize=(6, 5.4))
    panel.imshow(torch.log1p(counts).numpy(), cmap="Blues")
    for row, column in ((r, c) for r in range(len(CLASSES)) for c in range(len(CLASSES))):
        colour = "white" if counts[row, column] > 100 else "black"
        panel.text(column, row, str(matrix[row][column]), ha="center", va="center", color=colour, fontsize=8)
    panel.set_xticks(range(len(CLASSES)), CLASSES, rotation=45, ha="right")
    panel.set_yticks(range(len(CLASSES)), CLASSES)
    panel.set_xlabel("predicted")
    panel.set_ylabel("true")
    figure.tight_layout()
    target.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(target, metadata={"Date": None})
