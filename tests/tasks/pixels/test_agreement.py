"""Disagreement and IoU of components, against every number that is expected of Kognic's segmentation samples."""

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tasks.class_mapping import components
from tasks.pixels.agreement import (
    Agreement,
    Share,
    agrees,
    component_pixels,
    disagreement,
    disagreement_by_class,
    mean,
)
from tasks.pixels.classes import agreement_of
from tasks.pixels.confusion import Confusion, summed
from tests.tasks.pixels.kognic_scenes import IMAGES, Scenes, read_scenes

DIGITS = 6
"""Of the rates that are expected; counts are expected exactly."""


@pytest.fixture(scope="module")
def scenes(shared: Path) -> Scenes:
    """The samples."""
    return read_scenes(shared)


def pooled(scenes: Scenes, images: list[str]) -> Confusion:
    """The pixels of some images together."""
    parts = [scenes.confusion[image] for image in images]
    return summed(Confusion(*(np.concatenate(column) for column in zip(*parts, strict=True))))


def told(share: Share) -> dict[str, Any]:
    """A share as the expected numbers have it."""
    assert share.value is not None
    return {"pixels": share.pixels, "disagree": share.disagreeing, "disagreement": round(share.value, DIGITS)}


def numbers_of(scenes: Scenes, confusion: Confusion) -> dict[str, Any]:
    """All numbers of some images, named and rounded as the expected ones."""
    agreement, names = agreement_of(scenes.categories), scenes.names
    every, beside = disagreement(confusion, agreement), disagreement(confusion, agreement, beside=True)
    assert every.value is not None
    assert beside.value is not None
    parts = component_pixels(confusion, agreement)
    rows = (column[0].tolist() for column in (*parts[:3], parts.iou, parts.iou_beside))
    columns = zip(components(scenes.categories), *rows, strict=True)
    found = {
        "pixels": every.pixels,
        "agree": every.pixels - every.disagreeing,
        "disagree": every.disagreeing,
        "disagreement": round(every.value, DIGITS),
        "unmapped_annotated_pixels": every.pixels - beside.pixels,
        "disagreement_ignoring_unmapped": round(beside.value, DIGITS),
        "iou_per_component": {
            part.name: {
                "inter": shared,
                "annotated": annotated,
                "predicted": predicted,
                "iou": round(iou, DIGITS),
                "iou_ignoring_unmapped": round(iou_beside, DIGITS),
            }
            for part, shared, annotated, predicted, iou, iou_beside in columns
        },
        "miou": round(mean(parts.iou) or 0, DIGITS),
        "miou_ignoring_unmapped": round(mean(parts.iou_beside) or 0, DIGITS),
        "confusion": sorted([names[a], names[p], n] for a, p, n in zip(*confusion, strict=True)),
    }
    for side in ("annotated", "predicted"):
        shares = disagreement_by_class(confusion, agreement, side)
        found[f"per_{side}_class"] = {names[key]: told(share) for key, share in shares.items()}
    return found


@pytest.mark.parametrize("image", IMAGES)
def test_an_image_has_the_expected_numbers(scenes: Scenes, image: str) -> None:
    """Counts exactly, rates to the digits given."""
    assert numbers_of(scenes, pooled(scenes, [image])) == scenes.expected[image]


def test_all_images_have_the_expected_numbers(scenes: Scenes) -> None:
    """From pooled pixels; the mean of images and the order of the worst beside them."""
    expected = dict(scenes.expected["_all"])
    agreement = agreement_of(scenes.categories)
    of_image = {image: disagreement(scenes.confusion[image], agreement).value or 0.0 for image in IMAGES}
    worst = sorted(of_image, key=of_image.__getitem__, reverse=True)
    assert worst == expected.pop("image_order_most_disagreement_first")
    assert round(float(np.mean(list(of_image.values()))), DIGITS) == expected.pop("mean_of_image_disagreement")
    assert numbers_of(scenes, pooled(scenes, list(IMAGES))) == expected


def painted(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, Confusion]:
    """Two images of classes -1 to 5, and how many pixels each pair has."""
    truth, found = rng.integers(-1, 6, (2, 9, 11))
    counts = Counter(zip(truth.ravel().tolist(), found.ravel().tolist(), strict=True))
    return (
        truth,
        found,
        Confusion(*(np.array(c) for c in zip(*((*pair, n) for pair, n in counts.items()), strict=True))),
    )


def test_numbers_are_those_of_counted_pixels() -> None:
    """Over painted images, with many to one, one to many, and classes in no pair."""
    pairs = np.array([[0, 3], [1, 3], [2, 4], [2, 5]])
    agreement = Agreement(pairs, [((0, 1), (3,)), ((2,), (4, 5)), ((9,), (9,))], [4])
    allowed, rng = {tuple(pair) for pair in pairs.tolist()}, np.random.default_rng(0)
    for _ in range(50):
        truth, found, confusion = painted(rng)
        wrong = sum((t, f) not in allowed for t, f in zip(truth.ravel().tolist(), found.ravel().tolist(), strict=True))
        assert disagreement(confusion, agreement) == (wrong, truth.size)
        assert disagreement(confusion, agreement, beside=True) == (wrong - (truth == 4).sum(), (truth != 4).sum())
        parts = component_pixels(confusion, agreement)
        for row, (annotated, predicted) in enumerate(agreement.components[:2]):
            a, p = np.isin(truth, annotated), np.isin(found, predicted)
            assert parts.iou[0, row] == (a & p).sum() / (a | p).sum()
            kept = truth != 4
            assert parts.iou_beside[0, row] == (a & p).sum() / ((a | p) & kept).sum()


def test_groups_are_counted_apart() -> None:
    """Each as if it were alone."""
    rng = np.random.default_rng(1)
    agreement = Agreement(np.array([[0, 0]]), [((0,), (0,)), ((1, 2), (3,))], [4])
    alone = [painted(rng)[2] for _ in range(3)]
    together = Confusion(*(np.concatenate(column) for column in zip(*alone, strict=True)))
    group = np.repeat(np.arange(3), [len(part.n_pixels) for part in alone])
    expected = [component_pixels(part, agreement) for part in alone]
    for name, found in component_pixels(together, agreement, group)._asdict().items():
        assert (found == np.concatenate([getattr(part, name) for part in expected])).all()


def test_what_has_no_pixel_has_no_number() -> None:
    """A component that neither side shows has no IoU, and no pixels have no disagreement."""
    nothing = Confusion(*(np.zeros(0, np.int64) for _ in range(3)))
    agreement = Agreement(np.array([[1, 1]]), [((1,), (1,))], [])
    assert disagreement(nothing, agreement).value is None
    assert disagreement_by_class(nothing, agreement, "annotated") == {}
    assert np.isnan(component_pixels(nothing, agreement).iou).all()
    assert mean(component_pixels(nothing, agreement).iou) is None
    assert agrees(nothing, np.zeros((0, 2), np.int64)).tolist() == []
