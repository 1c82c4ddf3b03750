from pathlib import Path

import pytest
import torch
from resnet20_training import step, training
from resnet20_training.curvature import raise_curvature
from resnet20_training.data import Batch, Images, normalise
from resnet20_training.distillation import Ensemble, FreshTeacher, StoredTeacher
from resnet20_training.export import write_fixtures, write_samples, write_weights
from resnet20_training.folded import FoldedNetwork, fold, load_folded
from resnet20_training.mixing import mix
from resnet20_training.morph import recentre, square_from_relu
from resnet20_training.network import ReluActivation, ResNet20, SquareActivation, pad_circular_width
from resnet20_training.optimizer import orthogonalise
from resnet20_training.options import Options, clamp_at, schedule
from resnet20_training.robustness import needed, rounded_weights
from resnet20_training.training import Run, describe, load_network
from torch import Tensor


def trained_like(kind: str, padding: str) -> ResNet20:
    """A network whose normalisation is not the identity."""
    torch.manual_seed(1)
    network = ResNet20(kind, padding)
    for each in network.convolutions().values():
        torch.nn.init.normal_(each.norm.bias, std=0.1)
        torch.nn.init.uniform_(each.norm.weight, 0.5, 1.0)
        torch.nn.init.normal_(each.norm.running_mean, std=0.1)
    for each in network.activations().values():
        if isinstance(each, SquareActivation):
            torch.nn.init.normal_(each.centre)
            torch.nn.init.normal_(each.coefficients, std=0.2)
    return network.eval()


def test_circular_padding_wraps_the_columns_only() -> None:
    x = torch.arange(12.0).view(1, 1, 3, 4)
    padded = pad_circular_width(x)
    assert padded.shape == (1, 1, 3, 6)
    assert torch.equal(padded[0, 0, :, 0], x[0, 0, :, 3]) and torch.equal(padded[0, 0, :, 5], x[0, 0, :, 0])


def test_a_shift_of_the_columns_by_four_shifts_nothing_in_the_scores() -> None:
    # The strides leave every fourth column: only such shifts commute with the network.
    network = trained_like("relu", "circular-width")
    x = torch.randn(1, 3, 32, 32)
    with torch.no_grad():
        torch.testing.assert_close(network(x)[0], network(x.roll(4, dims=3))[0], atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("kind", ["relu", "square"])
@pytest.mark.parametrize("padding", ["zero", "circular-width"])
def test_folding_keeps_the_scores(kind: str, padding: str, images: Images) -> None:
    network = trained_like(kind, padding)
    x = normalise(images.pixels)
    with torch.no_grad():
        expected = network(x)[0]
    actual = FoldedNetwork(fold(network), kind, padding).scores(images)
    torch.testing.assert_close(actual, expected, atol=2e-3, rtol=2e-3)


def test_recentring_keeps_the_scores_and_normalises_the_inputs(images: Images) -> None:
    network = trained_like("square", "circular-width")
    x = normalise(images.pixels)
    with torch.no_grad():
        expected = network(x)[0]
        recentre(network, images, seed=1)
        torch.testing.assert_close(network(x)[0], expected, atol=2e-3, rtol=2e-3)
        stem = network.stem(x).transpose(0, 1).flatten(1)
    torch.testing.assert_close(network.stem_activation.centre, stem.mean(1), atol=0.1, rtol=0.1)
    torch.testing.assert_close(network.stem_activation.deviation, stem.std(1), atol=0.1, rtol=0.1)


def test_morph_follows_relu(images: Images) -> None:
    relu = trained_like("relu", "circular-width")
    square = square_from_relu(relu, images, "circular-width", seed=1)
    assert square.kind == "square"
    x = torch.linspace(-1, 1, 50)[None, None, None, :].expand(1, 16, 1, 50)
    activation = square.stem_activation
    with torch.no_grad():
        values = activation.centre[:, None, None] + activation.deviation[:, None, None] * x
        assert (activation.eval()(values)[0] - values.relu()).abs().max() < 0.5 * float(activation.deviation.max())


def test_flat_polynomials_are_curved_and_keep_their_mean(images: Images) -> None:
    network = trained_like("square", "circular-width")
    stem = network.stem_activation
    inputs = network.stem(normalise(images.pixels))
    square, slope, _ = stem.coefficients.clone()
    flat = slope.abs() / (2 * square.abs()) > 0.5
    outputs = stem(inputs)[0]
    assert 0 < flat.sum() < len(flat) and raise_curvature(network, images, 0.5) >= int(flat.sum())
    curved, changed = stem.coefficients[0], stem(inputs)[0]
    assert torch.allclose(curved[flat].abs(), slope[flat].abs()) and torch.equal(curved[~flat], square[~flat])
    assert torch.allclose(changed.mean((0, 2, 3)), outputs.mean((0, 2, 3)), atol=1e-4)
    assert torch.equal(changed[:, ~flat], outputs[:, ~flat])


def test_orthogonalise_brings_singular_values_near_one() -> None:
    values = torch.linalg.svdvals(orthogonalise(torch.randn(16, 144)))
    assert values.min() > 0.5 and values.max() < 1.5


def square_of_normalised_inputs() -> SquareActivation:
    activation = SquareActivation(1)
    with torch.no_grad():
        activation.coefficients[0] = 1
    return activation


def inputs_with_a_tail() -> Tensor:
    """Mean 0, variance 1; one input of 400 lies 10 deviations out."""
    x = torch.ones(400)
    x[1::2] = -1
    x *= ((400 - 100) / 399) ** 0.5
    x[0] = 10
    return (x - x.mean()).view(4, 1, 10, 10)


def test_the_clamp_acts_while_training_only() -> None:
    activation, x = square_of_normalised_inputs(), inputs_with_a_tail()
    z = x / x.std(correction=0)
    value, penalty = activation.train()(x)
    inside = z.abs() < 4.5
    torch.testing.assert_close(value[inside], z[inside].square())
    assert (~inside).sum() == 1 and value.max() == 4.5**2
    assert float(penalty) == pytest.approx(float((z.max() - 3.5).square()) / 4, rel=1e-4)
    torch.testing.assert_close(square_of_normalised_inputs().eval()(x)[0], x.square())


def test_no_scale_or_offset_of_its_inputs_lowers_the_range_penalty() -> None:
    x = inputs_with_a_tail()
    values, penalties = zip(*(square_of_normalised_inputs().train()(scale * x + 3) for scale in (0.1, 1.0, 10.0)))
    assert penalties[0] > 1
    for value, penalty in zip(values[1:], penalties[1:]):
        torch.testing.assert_close(penalty, penalties[0], rtol=1e-3, atol=0)
        torch.testing.assert_close(value, values[0], rtol=1e-3, atol=1e-3)


def test_evaluation_normalises_by_averages_over_the_batches() -> None:
    activation, x = square_of_normalised_inputs().train(), 0.5 * inputs_with_a_tail() + 2
    for _ in range(200):
        activation(x)
    assert float(activation.centre) == pytest.approx(2, abs=1e-3)
    assert float(activation.deviation) == pytest.approx(0.5, rel=1e-3)
    torch.testing.assert_close(activation.eval()(x)[0], ((x - 2) / 0.5).square(), rtol=1e-2, atol=1e-2)


def test_relu_is_penalised_beyond_its_soft_limit_while_training_only() -> None:
    activation = ReluActivation()
    x = torch.tensor([-6.0, 5.0, 3.0]).view(1, 3, 1, 1)
    value, penalty = activation.train()(x)
    assert value.flatten().tolist() == [0, 5, 3] and float(penalty) == pytest.approx(2.5**2 + 1.5**2)
    assert float(activation.eval()(x)[1]) == 0


def test_missing_curvature_is_what_raises_a_to_its_limit() -> None:
    activation = SquareActivation(2)
    with torch.no_grad():
        activation.coefficients.copy_(torch.tensor([[0.2, -2.0], [4.0, 3.0], [0.0, 0.0]]))
    # Vertices 10 and 0.75 deviations from the mean: the first channel needs a = 0.5.
    missing = activation.missing_curvature(4)
    assert missing.item() == pytest.approx(0.3)
    missing.backward()
    gradient = activation.coefficients.grad
    assert gradient[0, 0] < 0 < gradient[1, 0] and torch.equal(gradient[:, 1], torch.zeros(3))


def test_exported_inputs_are_in_deviations_from_their_centre(images: Images) -> None:
    network = trained_like("square", "circular-width")
    recentre(network, images, seed=1)
    seen: dict[str, torch.Tensor] = {}
    FoldedNetwork(fold(network), "square", "circular-width", observe=seen.__setitem__).scores(images)
    assert len(seen) == 19
    for name, inputs in seen.items():
        channels = inputs.transpose(0, 1).flatten(1)
        assert channels.mean(1).abs().max() < 0.2, name
        assert (channels.std(1) - 1).abs().max() < 0.2, name


def test_the_clamp_widens_in_the_last_part() -> None:
    options = Options(epochs=1, clamp=4, clamp_end=10, clamp_until=0.5)
    assert [clamp_at(position, options) for position in (0, 0.5, 0.75, 1)] == [4, 4, 7, 10]


def test_schedule_rises_and_ends_at_zero() -> None:
    assert schedule(0.0, 0.1) == 0 and schedule(0.1, 0.1) == pytest.approx(1) and schedule(1.0, 0.1) == 0


def test_an_ensembles_scores_are_the_mean_of_its_networks(images: Images) -> None:
    networks = [trained_like("relu", "circular-width"), trained_like("square", "circular-width")]
    x = normalise(images.pixels[:4])
    with torch.no_grad():
        expected = (networks[0](x)[0] + networks[1](x)[0]) / 2
        torch.testing.assert_close(Ensemble(networks)(x)[0], expected)


def test_stored_scores_are_near_the_fresh_ones(images: Images) -> None:
    network, device = trained_like("relu", "circular-width"), torch.device("cpu")
    indices, flipped = torch.tensor([3, 7]), torch.tensor([False, True])
    pixels = normalise(images.pixels[indices])
    pixels[1] = pixels[1].flip(2)
    batch = Batch(pixels, images.labels[indices], indices, flipped, None)
    stored = StoredTeacher(network, device, images).scores(batch)
    fresh = FreshTeacher(network, device, len(images), views=0, compiled=False).scores(batch)
    assert stored.shape == (2, 10) and (stored - fresh).abs().mean() < 0.2 * fresh.std()


def test_a_fresh_teacher_remembers_views(images: Images) -> None:
    network = trained_like("relu", "circular-width")
    teacher = FreshTeacher(network, torch.device("cpu"), len(images), views=2, compiled=False)

    def scores(chosen: list[int], view: int, pixels: Tensor) -> Tensor:
        indices = torch.tensor(chosen)
        return teacher.scores(Batch(pixels, images.labels[indices], indices, indices > 0, view))

    pixels = normalise(images.pixels[:3])
    first = scores([0, 1, 2], 1, pixels)
    torch.testing.assert_close(first, network(pixels)[0])
    # What is known is not evaluated again; what is not known is, also beside it and in another view.
    other = normalise(images.pixels[3:6])
    again = scores([2, 5, 0], 1, other)
    assert torch.equal(again[[0, 2]], first[[2, 0]])
    torch.testing.assert_close(again[1], network(other)[0][1])
    torch.testing.assert_close(scores([0, 1, 2], 0, other), network(other)[0])


@pytest.mark.parametrize("kind", ["relu", "square"])
def test_a_resumed_run_equals_an_uninterrupted_one(
    kind: str, tmp_path: Path, images: Images, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "SECONDS_BETWEEN_CHECKPOINTS", 0.0)

    def run(folder: Path, stop_after: int | None) -> ResNet20:
        torch.manual_seed(1)
        network = ResNet20("relu", "circular-width")
        if kind == "square":
            network = square_from_relu(network, images, "circular-width", seed=1)
        options = Options(epochs=2, batch=20, penalty=0.001, distillation=0.5, views=1)
        teacher = FreshTeacher(trained_like("relu", "zero"), torch.device("cpu"), len(images), options.views, False)
        this = Run(network, options, folder, torch.device("cpu"), False, teacher)

        def report(progress: object) -> None:
            if stop_after == this.epoch:
                raise KeyboardInterrupt

        this.train(images, images, report)
        return load_network(this.checkpoint)[0]

    whole = run(tmp_path / "whole", None)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "parts", 1)
    resumed = run(tmp_path / "parts", None)
    for name, value in whole.state_dict().items():
        torch.testing.assert_close(resumed.state_dict()[name], value, msg=name)


def test_a_mixed_network_lies_between_two_and_tells_of_both(tmp_path: Path, images: Images) -> None:
    checkpoints = []
    for seed, name in enumerate(("first", "second")):
        torch.manual_seed(seed)
        options = Options(epochs=1, batch=20, seed=seed)
        run = Run(ResNet20("relu", "zero"), options, tmp_path / name, torch.device("cpu"), False)
        run.train(images, images, lambda progress: None)
        checkpoints.append(run.checkpoint)
    torch.save(mix(*checkpoints, 0.25), tmp_path / "mixed.pt")
    mixed, stored = load_network(tmp_path / "mixed.pt")
    one, other = (load_network(path)[0].linear.weight for path in checkpoints)
    torch.testing.assert_close(mixed.linear.weight, 0.75 * one + 0.25 * other)
    assert not torch.equal(one, other)
    recipe = describe(stored)
    assert recipe["seed"] == 1 and recipe["mixed"]["share"] == 0.25 and recipe["mixed"]["first"]["seed"] == 0


def test_networks_of_different_shape_are_not_mixed(tmp_path: Path) -> None:
    for padding in ("zero", "circular-width"):
        Run(ResNet20("relu", padding), Options(epochs=1), tmp_path / padding, torch.device("cpu"), False)._store()
    with pytest.raises(ValueError, match="different shape"):
        mix(tmp_path / "zero" / "checkpoint.pt", tmp_path / "circular-width" / "checkpoint.pt", 0.5)


def test_export_writes_weights_card_fixtures_and_samples(tmp_path: Path, images: Images) -> None:
    network = trained_like("square", "circular-width")
    folded, card = write_weights(network, {"seed": 1}, "square-resnet20", tmp_path / "weights", images, images, images)
    again, card_again = load_folded(tmp_path / "weights" / "square-resnet20.json")
    assert card_again == card and set(again.tensors) == set(folded.tensors)
    assert again.tensors["stage2.block1.shortcut.weight"].shape == (32, 16, 1, 1)
    assert again.tensors["stage3.block3.activation2"].shape == (3, 64)
    assert card["accuracy"]["testOutOfRange"] == 0
    assert len(card["ranges"]) == 19
    write_fixtures(folded, "square-resnet20", tmp_path / "fixtures", images)
    assert (tmp_path / "fixtures" / "scores-square-resnet20.json").exists()
    write_samples([folded], tmp_path / "inputs", images)
    assert len(list((tmp_path / "inputs").glob("*.png"))) == 11


def test_rounding_finely_changes_nothing(images: Images) -> None:
    network = FoldedNetwork(fold(trained_like("relu", "zero")), "relu", "zero")
    rows = rounded_weights(network, images, network.scores(images))
    assert rows[-1]["sameClass"] == 1 and rows[0]["meanScoreError"] > rows[-1]["meanScoreError"]


def test_needed_is_the_coarsest_row_that_holds_from_there_on() -> None:
    rows = [{"bits": 7, "accuracy": 0.5}, {"bits": 9, "accuracy": 0.899}, {"bits": 11, "accuracy": 0.9}]
    assert needed(rows, "bits", 0.9) == 9
    assert needed(rows[:1], "bits", 0.9) is None


@pytest.mark.skipif(not torch.cuda.is_available(), reason="records steps of a GPU, and there is none")
@pytest.mark.parametrize("kind", ["relu", "square"])
def test_recorded_steps_train_as_others_do(kind: str, images: Images, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(before_recording: int) -> ResNet20:
        monkeypatch.setattr(step, "STEPS_BEFORE_RECORDING", before_recording)
        torch.manual_seed(1)
        network = ResNet20("relu", "circular-width")
        if kind == "square":
            network = square_from_relu(network, images, "circular-width", seed=1)
        options = Options(epochs=1, batch=20, penalty=0.001, curvature_penalty=0.1, distillation=0.5)
        this = step.Step(network, options, torch.device("cuda"), compiled=False)
        for number in range(12):
            chosen = torch.arange(20) + 20 * (number % 2)
            pixels, labels = normalise(images.pixels[chosen].cuda()), images.labels[chosen].cuda()
            this(step.Inputs(pixels, labels, torch.randn(20, 10, generator=torch.Generator().manual_seed(number)).cuda()), number / 12, number)
        return this.averaged

    recorded, plain = run(3).state_dict(), run(100).state_dict()
    start = ResNet20("relu", "circular-width").state_dict()
    for name, value in plain.items():
        if name.endswith("convolution.weight"):
            moved = (value.cpu() - start[name]).norm()
            assert (recorded[name] - value).norm() < 0.1 * moved, name
