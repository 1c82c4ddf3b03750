"""Command line: python -m resnet20_training train relu | train square | mix | export | evaluate | report."""

from __future__ import annotations

import argparse
from pathlib import Path

from . import commands
from .options import Options


def _add_data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, required=True, help="folder with train/ and test/ PNG images, or the binary batches")
    parser.add_argument("--cache", type=Path, help="folder for the packed images (PNG images are then decoded once)")
    parser.add_argument("--threads", type=int, help="processor threads (default: all)")


def _add_run(parser: argparse.ArgumentParser, epochs: int, rate: float, penalty: float) -> None:
    _add_data(parser)
    parser.add_argument("--out", type=Path, required=True, help="folder of the run: checkpoint and history; continues if present")
    parser.add_argument("--padding", choices=("zero", "circular-width"), default="circular-width")
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument("--no-compile", action="store_true", help="do not compile the network (faster start, slower epochs)")
    parser.add_argument(
        "--teacher", type=Path, action="append", help="checkpoint of a trained network to distil from; repeated: their mean"
    )
    parser.add_argument(
        "--teacher-scores",
        choices=("fresh", "stored"),
        default="fresh",
        help="evaluate the teacher on every batch, or once for each image and its mirror image",
    )
    parser.add_argument("--epochs", type=int, default=epochs)
    parser.add_argument("--rate", type=float, default=rate, help="peak step of the convolutions, relative to their norm")
    parser.add_argument("--penalty", type=float, default=penalty, help="weight of the range penalty")
    defaults = Options(epochs=epochs)
    for name in ("batch", "seed", "cutout", "views"):
        parser.add_argument(f"--{name}", type=int, default=getattr(defaults, name))
    for name in ("other-rate", "warm-up", "label-smoothing", "distillation", "temperature", "average", "clip", "soft-limit", "clamp", "clamp-end", "clamp-until", "speckled", "curvature-penalty", "vertex-limit", "minutes"):
        parser.add_argument(f"--{name}", type=float, default=getattr(defaults, name.replace("-", "_")))


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="resnet20_training", description=__doc__)
    products = parser.add_subparsers(dest="command", required=True)

    train = products.add_parser("train", help="train a network").add_subparsers(dest="network", required=True)
    relu = train.add_parser("relu", help="train the ReLU network from scratch, or fine-tune it")
    _add_run(relu, epochs=100, rate=0.05, penalty=0.0)
    relu.add_argument("--start", type=Path, help="checkpoint of a ReLU network to start from (any padding)")
    relu.add_argument("--widening", type=int, default=1, help="so many times the channels: a stronger network, as a teacher only")
    relu.set_defaults(action=commands.train_relu)
    square = train.add_parser("square", help="turn a ReLU network into a square network")
    _add_run(square, epochs=100, rate=0.03, penalty=0.03)
    square.add_argument("--start", type=Path, required=True, help="checkpoint of a ReLU or a square network to start from")
    square.set_defaults(action=commands.train_square)

    mix = products.add_parser("mix", help="make a network between two: a trained one, and one trained on from it")
    mix.add_argument("--checkpoint", type=Path, nargs=2, required=True, metavar=("FIRST", "SECOND"))
    mix.add_argument("--share", type=float, required=True, help="of the second one's weights, 0 to 1")
    mix.add_argument("--out", type=Path, required=True, help="folder for the checkpoint")
    mix.set_defaults(action=commands.mix)

    export = products.add_parser("export", help="write weights, card, test fixtures and sample inputs")
    _add_data(export)
    export.add_argument("--checkpoint", type=Path, required=True)
    export.add_argument("--name", required=True, help="name of the weights, such as square-resnet20")
    export.add_argument("--out", type=Path, default=Path("weights"))
    export.add_argument(
        "--vertex-limit",
        type=float,
        default=Options.vertex_limit,
        help="how far the vertex of a square activation may lie from its inputs' mean, in deviations (noise grows with it)",
    )
    export.add_argument("--range-images", type=int, help="measure ranges on so many training images only (default: all)")
    export.add_argument("--fixtures", type=Path, help="folder for the test images and their scores")
    export.add_argument("--inputs", type=Path, help="folder for one sample image of each class")
    export.set_defaults(action=commands.export)

    evaluate = products.add_parser("evaluate", help="measure exported weights on the test images")
    _add_data(evaluate)
    evaluate.add_argument("--weights", type=Path, required=True, help="the card, weights/NAME.json")
    evaluate.add_argument("--noise", action="store_true", help="accuracy under noise")
    evaluate.add_argument("--round", action="store_true", help="accuracy with rounded weights")
    evaluate.add_argument("--ranges", action="store_true", help="ranges over the test images")
    evaluate.add_argument("--out", type=Path, help="JSON file for the results")
    evaluate.add_argument("--card", action="store_true", help="also put the robustness figures into the card")
    evaluate.set_defaults(action=commands.evaluate)

    report = products.add_parser("report", help="plot training curves and a confusion matrix")
    report.add_argument("--curve", action="append", default=[], metavar="TITLE=HISTORY.json")
    report.add_argument("--curves-out", type=Path)
    report.add_argument("--results", type=Path, help="results of evaluate, for the confusion matrix")
    report.add_argument("--confusion-out", type=Path)
    report.set_defaults(action=commands.report)
    return parser


def main() -> None:
    arguments = make_parser().parse_args()
    arguments.action(arguments)


if __name__ == "__main__":
    main()
