"""What each command does, from parsed arguments."""

from __future__ import annotations

import argparse
import json
from dataclasses import fields
from typing import Any

import torch

from . import export as exporting
from . import mixing
from .curvature import raise_curvature
from .data import Images, load_images, split_validation
from .distillation import Ensemble, FreshTeacher, StoredTeacher, Teacher
from .folded import load_folded
from .morph import recentre, square_from_relu
from .network import ResNet20
from .options import Options
from .ranges import measure_ranges, share_outside
from .robustness import needed, relu_noise, rounded_weights, square_noise
from .training import Progress, Run, describe, load_network


def _use_threads(arguments: argparse.Namespace) -> None:
    if arguments.threads:
        torch.set_num_threads(arguments.threads)


def _training_images(arguments: argparse.Namespace) -> tuple[Images, Images]:
    return split_validation(load_images(arguments.data, "train", arguments.cache))


def _options(arguments: argparse.Namespace) -> Options:
    return Options(**{field.name: getattr(arguments, field.name) for field in fields(Options)})


def _run(arguments: argparse.Namespace, network: ResNet20, training: Images, validation: Images, start: dict[str, Any]) -> None:
    options = _options(arguments)
    device = torch.device(arguments.device)
    compiled = not arguments.no_compile
    teacher: Teacher | None = None
    if arguments.teacher:
        teaching = Ensemble([load_network(path)[0] for path in arguments.teacher])
        if arguments.teacher_scores == "stored":
            teacher = StoredTeacher(teaching, device, training)
        else:
            teacher = FreshTeacher(teaching, device, len(training), options.views, compiled)
    run = Run(network, options, arguments.out, device, compiled, teacher, start)

    def report(progress: Progress) -> None:
        left = (options.epochs - progress.epoch) * progress.seconds / 60
        if options.minutes:
            left = min(left, options.minutes - run.seconds / 60)
        print(
            f"epoch {progress.epoch}/{options.epochs}  loss {progress.loss:.4f}  training {100 * progress.training:.2f} %  "
            f"validation {100 * progress.validation:.2f} %  largest input {progress.largest:.1f}  "
            f"{progress.seconds:.0f} s, {left:.0f} min left",
            flush=True,
        )

    run.train(training, validation, report)


def train_relu(arguments: argparse.Namespace) -> None:
    _use_threads(arguments)
    training, validation = _training_images(arguments)
    torch.manual_seed(arguments.seed)
    network, start = ResNet20("relu", arguments.padding, arguments.widening), {}
    if arguments.start:
        source, stored = load_network(arguments.start)
        network.load_state_dict(source.state_dict())
        start = describe(stored)
    _run(arguments, network, training, validation, start)


def train_square(arguments: argparse.Namespace) -> None:
    _use_threads(arguments)
    training, validation = _training_images(arguments)
    source, stored = load_network(arguments.start)
    if source.kind == "relu":
        network = square_from_relu(source, training, arguments.padding, arguments.seed)
    else:
        # With the padding that it was trained with: another one makes squares grow without bound at first.
        recentre(source, training, arguments.seed)
        raise_curvature(source, training, arguments.vertex_limit)
        network = ResNet20("square", arguments.padding)
        network.load_state_dict(source.state_dict())
    _run(arguments, network, training, validation, describe(stored))


def mix(arguments: argparse.Namespace) -> None:
    arguments.out.mkdir(parents=True, exist_ok=True)
    torch.save(mixing.mix(*arguments.checkpoint, arguments.share), arguments.out / "checkpoint.pt")


def export(arguments: argparse.Namespace) -> None:
    _use_threads(arguments)
    training, validation = _training_images(arguments)
    test = load_images(arguments.data, "test", arguments.cache)
    network, stored = load_network(arguments.checkpoint)
    if network.widening != 1:
        raise ValueError(f"{arguments.checkpoint} has {network.widening} times the channels of a ResNet-20: it can teach only")
    recipe = describe(stored)
    if network.kind == "square":
        recentre(network, training, recipe["seed"])
        recipe["vertexLimit"] = arguments.vertex_limit
        recipe["channelsCurved"] = raise_curvature(network, training, arguments.vertex_limit)
    folded, card = exporting.write_weights(
        network, recipe, arguments.name, arguments.out, training, validation, test, arguments.range_images
    )
    print(json.dumps({"accuracy": card["accuracy"], "largest": max(each["max"] for each in card["ranges"].values())}))
    if arguments.fixtures:
        exporting.write_fixtures(folded, arguments.name, arguments.fixtures, test)
    if arguments.inputs:
        networks = [load_folded(path)[0] for path in sorted(arguments.out.glob("*-resnet20.json"))]
        print(json.dumps({"sample margins": exporting.write_samples(networks, arguments.inputs, test)}))


def evaluate(arguments: argparse.Namespace) -> None:
    from .report import confusion

    _use_threads(arguments)
    network, card = load_folded(arguments.weights)
    test = load_images(arguments.data, "test", arguments.cache)
    scores = network.scores(test)
    correct = exporting.score_accuracy(scores, test.labels)
    results: dict[str, Any] = {
        "network": card["name"],
        "sha256": card["sha256"],
        "testImages": len(test),
        "accuracy": correct,
        "confusion": confusion(scores, test.labels),
    }
    robustness: dict[str, Any] = {}
    if arguments.noise and network.activation == "square":
        results["noise"] = square_noise(network, test, scores)
        robustness["noiseExponentWithin0.2Points"] = needed(results["noise"], "exponent", correct)
    elif arguments.noise:
        results["noise"] = relu_noise(network, test, scores, card["ranges"])
        robustness["relativeBitsWithin0.2Points"] = needed(results["noise"], "bits", correct)
    if arguments.round:
        results["rounding"] = rounded_weights(network, test, scores)
        robustness["weightBitsWithin0.2Points"] = needed(results["rounding"], "bits", correct)
    if arguments.ranges:
        results["testRanges"] = measure_ranges(network, test)
        bounds = {name: each["bound"] for name, each in card["ranges"].items()}
        results["outOfRange"] = share_outside(network, test, bounds)
    print(json.dumps({key: value for key, value in results.items() if key != "confusion"}, indent=1))
    if arguments.out:
        exporting.write_json(arguments.out, results)
    if arguments.card:
        exporting.write_json(arguments.weights, {**card, "robustness": robustness})


def report(arguments: argparse.Namespace) -> None:
    from pathlib import Path

    from .report import confusion_table, plot_confusion, plot_curves

    if arguments.curve:
        named = (each.rsplit("=", 1) for each in arguments.curve)
        plot_curves({title: Path(path) for title, path in named}, arguments.curves_out)
    if arguments.results:
        matrix = json.loads(arguments.results.read_text())["confusion"]
        print(confusion_table(matrix))
        if arguments.confusion_out:
            plot_confusion(matrix, arguments.confusion_out)
