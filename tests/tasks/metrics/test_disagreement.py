"""Disagreement from pairs of classes, with Kognic's sample as units."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from schemas.judging import MeasureContext
from tasks.metrics.disagreement import combine, finish, partial
from tasks.pixels.confusion import Confusion, UnitConfusion
from tests.tasks.pixels.kognic_scenes import IMAGES, Scenes, read_scenes
from tests.tasks.pixels.label_scenes import confusion_of, context, made_up

DIGITS = 6
"""Of the rates that are expected."""
OVERALL = {
    "disagreement": "disagreement",
    "disagreement_ignoring_unmapped": "disagreement_ignoring_unmapped",
    "mean_of_image_disagreement": "mean_of_image_disagreement",
    "mean_iou": "miou",
    "mean_iou_ignoring_unmapped": "miou_ignoring_unmapped",
}


def rows_of(states: list[Any], knows: MeasureContext) -> Mapping[str, list[dict[str, Any]]]:
    """Rows by table."""
    made = finish(combine(states, knows), knows)
    return {name: [row for piece in pieces for row in piece.to_pylist()] for name, pieces in made.items()}


@pytest.fixture(scope="module")
def scenes(shared: Path) -> Scenes:
    """The samples."""
    return read_scenes(shared)


@pytest.fixture(scope="module")
def sample(scenes: Scenes) -> Mapping[str, list[dict[str, Any]]]:
    """The rows of the sample, each image a unit in a bucket of its own."""
    knows = context("disagreement")._replace(categories=scenes.categories)
    units = [scenes.confusion[image] for image in IMAGES]
    states = [partial(UnitConfusion(np.full(len(c.n_pixels), k), c), knows) for k, c in enumerate(units, 1)]
    return rows_of(states, knows)


def test_the_sample_has_the_expected_numbers(scenes: Scenes, sample: Mapping[str, list[dict[str, Any]]]) -> None:
    """The five that are printed, with the pixels they are made of."""
    expected = scenes.expected["_all"]
    rows = {row["metric"]: row for row in sample["metrics"] if row["category"] is None}
    assert {name: round(row["value"], DIGITS) for name, row in rows.items()} == {
        ours: expected[theirs] for ours, theirs in OVERALL.items()
    }
    assert rows["disagreement"]["n_ground_truth"] == expected["pixels"]
    left = expected["pixels"] - expected["unmapped_annotated_pixels"]
    assert rows["disagreement_ignoring_unmapped"]["n_ground_truth"] == left


@pytest.mark.parametrize("side", ["annotated", "predicted"])
def test_classes_of_the_sample_have_the_expected_numbers(
    scenes: Scenes, sample: Mapping[str, list[dict[str, Any]]], side: str
) -> None:
    """By name, with their pixels."""
    rows = [row for row in sample["metrics"] if row["metric"] == f"disagreement_of_{side}"]
    found = {row["category_name"]: (row["n_ground_truth"], round(row["value"], DIGITS)) for row in rows}
    expected = scenes.expected["_all"][f"per_{side}_class"]
    assert found == {name: (row["pixels"], row["disagreement"]) for name, row in expected.items()}


def test_components_of_the_sample_have_the_expected_numbers(
    scenes: Scenes, sample: Mapping[str, list[dict[str, Any]]]
) -> None:
    """With the pixels of both sides."""
    for name, expected in scenes.expected["_all"]["iou_per_component"].items():
        rows = {row["metric"]: row for row in sample["metrics"] if row["category_name"] == name}
        assert round(rows["iou"]["value"], DIGITS) == expected["iou"]
        assert round(rows["iou_ignoring_unmapped"]["value"], DIGITS) == expected["iou_ignoring_unmapped"]
        pixels = rows["iou"]["n_ground_truth"], rows["iou"]["n_predictions"]
        assert pixels == (expected["annotated"], expected["predicted"])


def test_units_of_the_sample_come_worst_first(scenes: Scenes, sample: Mapping[str, list[dict[str, Any]]]) -> None:
    """In the order expected, each with its disagreement and mean IoU."""
    found = [IMAGES[row["unit_key"] - 1] for row in sample["unit_scores"]]
    assert found == scenes.expected["_all"]["image_order_most_disagreement_first"]
    for image, row in zip(found, sample["unit_scores"], strict=True):
        assert round(row["disagreement"], DIGITS) == scenes.expected[image]["disagreement"]
        assert round(row["mean_iou"], DIGITS) == scenes.expected[image]["miou"]


def test_what_is_not_predicted_disagrees_and_what_is_not_annotated_does_not_count() -> None:
    """Unit 1 is annotated alone, unit 2 predicted alone."""
    knows = context("disagreement")
    columns = np.array([[1, 11, -1, 6], [1, -1, -1, 2], [2, -1, 11, 5]]).T
    unit_key, *rest = columns
    rows = rows_of([partial(UnitConfusion(unit_key, Confusion(*rest)), knows)], knows)
    assert [(row["unit_key"], row["disagreement"]) for row in rows["unit_scores"]] == [(1, 0.75)]
    shares = {row["metric"]: row["value"] for row in rows["metrics"] if row["category"] is None}
    assert shares["disagreement"] == 0.75
    assert shares["mean_iou"] == 0.0


def test_parts_make_the_whole() -> None:
    """To the bit, however the units are cut."""
    images, knows = made_up(1, 6), context("disagreement")
    whole = rows_of([partial(confusion_of(images), knows)], knows)
    cut = [confusion_of(images[first : first + 2], first + 1) for first in (4, 0, 2)]
    assert rows_of([partial(part, knows) for part in cut], knows) == whole


def test_without_annotated_units_there_is_no_number() -> None:
    """And a reason for each."""
    knows = context("disagreement")
    rows = rows_of([partial(confusion_of([]), knows)], knows)
    assert rows["unit_scores"] == []
    assert all(row["value"] is None and row["null_reason"] for row in rows["metrics"])
