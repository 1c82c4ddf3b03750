from pathlib import Path

import numpy as np
import torch
from PIL import Image
from resnet20_training.data import CLASSES, Augmentation, Images, load_images, normalise, split_validation


def test_reads_png_folders_and_binary_batches_alike(tmp_path: Path, images: Images) -> None:
    for pixels, label, name in zip(images.pixels, images.labels.tolist(), images.names):
        folder = tmp_path / "png" / "test" / CLASSES[label]
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels.numpy()).save(folder / name)
    records = np.concatenate([images.labels.numpy().astype(np.uint8)[:, None], images.pixels.permute(0, 3, 1, 2).reshape(40, -1).numpy()], 1)
    (tmp_path / "binary").mkdir()
    records.tofile(tmp_path / "binary" / "test_batch.bin")
    folders, batches = load_images(tmp_path / "png", "test", tmp_path / "cache"), load_images(tmp_path / "binary", "test")
    assert torch.equal(batches.pixels, images.pixels) and torch.equal(batches.labels, images.labels)
    # Folders come in order of class and name; compare as sets of (label, pixels).
    def as_set(some: Images) -> set:
        return {(label, pixels.numpy().tobytes()) for label, pixels in zip(some.labels.tolist(), some.pixels)}
    assert as_set(folders) == as_set(images)
    assert as_set(load_images(tmp_path / "png", "test", tmp_path / "cache")) == as_set(images)


def test_split_is_stratified_stable_and_disjoint(images: Images) -> None:
    training, validation = split_validation(images, per_class=1)
    assert sorted(validation.labels.tolist()) == list(range(10))
    assert len(training) == 30 and not set(training.names) & set(validation.names)
    assert split_validation(images, per_class=1)[1].names == validation.names


def test_augmentation_shifts_and_flips_and_repeats(images: Images) -> None:
    def epoch(number: int) -> torch.Tensor:
        return torch.cat([batch.pixels for batch in Augmentation(images, 5).epoch(number, 8)])
    assert epoch(0).shape == (40, 3, 32, 32)
    assert torch.equal(epoch(3), epoch(3)) and not torch.equal(epoch(3), epoch(4))
    # Every value of an augmented image is one of the original's.
    pixels = next(iter(Augmentation(images, 5).epoch(0, 8))).pixels
    assert set(pixels.unique().tolist()) <= set(normalise(images.pixels).unique().tolist())


def test_cutout_blanks_one_square_of_each_image(images: Images) -> None:
    for whole, cut in zip(Augmentation(images, 5).epoch(0, 8), Augmentation(images, 5, cutout=8).epoch(0, 8)):
        assert whole.pixels.shape == cut.pixels.shape
        for image in cut.pixels:
            # Normalised pixels of an image are zero only by accident, and never in all three channels at once.
            blank = (image == 0).all(0)
            rows, columns = blank.any(1).sum(), blank.any(0).sum()
            assert 4 <= rows <= 8 and 4 <= columns <= 8 and blank.sum() == rows * columns


def test_speckles_are_single_saturated_pixels_of_some_images(images: Images) -> None:
    colours = normalise(torch.tensor([0, 255], dtype=torch.uint8).expand(1, 1, 3, 2).permute(0, 1, 3, 2))[0, :, 0]
    speckled = 0
    for plain, other in zip(Augmentation(images, 5).epoch(0, 8), Augmentation(images, 5, speckled=0.5).epoch(0, 8)):
        for before, after in zip(plain.pixels, other.pixels):
            spots = (before != after).any(0)
            assert spots.sum() < 40
            speckled += bool(spots.any())
            if spots.any():
                found = after[:, spots]
                assert (found == found[:, :1]).all()
                assert all(value in colours[channel] for channel, value in enumerate(found[:, 0]))
    assert 10 < speckled < 30


def test_flags_say_which_images_are_flipped(images: Images) -> None:
    seen = {}
    for number in range(2):
        for batch in Augmentation(images, 5).epoch(number, 8):
            for index, flag in zip(batch.images.tolist(), batch.flipped.tolist()):
                seen.setdefault(index, set()).add(flag)
    # Two successive epochs show every image both ways.
    assert all(flags == {False, True} for flags in seen.values()) and len(seen) == len(images)


def test_views_repeat_in_another_order(images: Images) -> None:
    def epoch(number: int) -> tuple[list[int], torch.Tensor]:
        batches = list(Augmentation(images, 5, cutout=8, views=2).epoch(number, 8))
        assert {batch.view for batch in batches} == {number % 2}
        order = torch.cat([batch.images for batch in batches])
        return order.tolist(), torch.cat([batch.pixels for batch in batches])[order.argsort()]

    (first, views), (third, same), (_, others) = epoch(0), epoch(2), epoch(1)
    assert first != third and torch.equal(views, same) and not torch.equal(views, others)
