"""KITTI's average precision: buckets add up, and classes are read at their own overlap."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from schemas.judging import MeasureContext
from schemas.tables import CATEGORIES
from tasks.columns import completed
from tasks.metrics.kitti_precision import Bucket, State, combine, combine_counts, finish, partial, recount
from tasks.protocols.kitti import PROTOCOL, RULES
from tests import kitti_devkit as devkit
from tests.kitti_devkit import OVERLAP, Image
from tests.kitti_scenes import random_images
from tests.tasks.kernels.test_kitti import scene_of


@pytest.fixture
def context() -> MeasureContext:
    """A project of cars and pedestrians, written in another case, and trams."""
    names = ["tram", "CAR", "Pedestrian"]
    columns = {
        "category_key": range(3),
        "feature_hash": names,
        "name": names,
        "kind": ["object"] * 3,
        "source_order": range(3),
        "retired": [False] * 3,
    }
    labels = {"prediction_set": "net", "protocol": "kitti", "rules": "r", "similarity": "bbox_iou"}
    return MeasureContext(PROTOCOL, RULES, pa.table({}), completed(columns, CATEGORIES.schema, 3), labels)


def measured(parts: list[list[Image]], context: MeasureContext) -> State:
    """The state over buckets that hold these images."""
    no_keys = np.empty(0, np.int64)
    buckets = [Bucket(*scene_of(images, ("moderate", "easy", "hard")), no_keys, no_keys) for images in parts]
    state = combine([partial(bucket, context) for bucket in buckets], context)
    share = recount(buckets[0], None, state, context)
    for bucket in buckets[1:2]:
        share = recount(bucket, None, state, context, share)
    others = [recount(bucket, None, state, context) for bucket in buckets[2:]]
    return combine_counts(state, [share, *others], context)


def rows(state: State, context: MeasureContext) -> list[dict[str, object]]:
    """Rows of `metrics`."""
    return [row for table in finish(state, context)["metrics"] for row in table.to_pylist()]


def test_the_whole_is_its_parts_combined(context: MeasureContext) -> None:
    """To the bit, however images are put into buckets."""
    images = random_images(5, 24)
    whole = rows(measured([images], context), context)
    assert rows(measured([images[:7], [], images[7:]], context), context) == whole


def test_classes_are_known_whatever_their_case_and_others_have_no_number(context: MeasureContext) -> None:
    """A class that is not evaluated is null, and one that the project lacks has no rows of its own."""
    images = random_images(6, 24)
    found = {
        (row["category_name"], row["metric"], row["area_range"], row["threshold"]): row["value"]
        for row in rows(measured([images], context), context)
    }
    line = devkit.precisions(images, "car", "hard", 0.5) or []
    assert found["CAR", "AP_R11", "hard", 0.5] == pytest.approx(devkit.average_precision(line, 11), abs=1e-12)
    assert found["tram", "AP_R40", "hard", 0.5] is None
    line = devkit.precisions(images, "cyclist", "hard", OVERLAP["cyclist"]) or []
    assert found[None, "Cyclist_AP_R40_hard", "hard", None] == pytest.approx(devkit.average_precision(line, 40))
    assert {name for name, *_ in found} == {None, "CAR", "Pedestrian", "tram"}


def test_a_threshold_that_is_not_asked_for_leaves_its_classes_out(context: MeasureContext) -> None:
    """Cars have no official number where .7 is not among the thresholds; the others keep theirs."""
    images = random_images(6, 24)
    half = context._replace(rules=replace(RULES, iou_thresholds=(0.5,)))
    values = {row["metric"]: row["value"] for row in rows(measured([images], half), half)}
    assert values["Car_AP_R40_hard"] is None
    others = [values[f"{name}_AP_R40_hard"] for name in ("Pedestrian", "Cyclist")]
    assert values["AP_R40_hard"] == pytest.approx(np.mean(others))
