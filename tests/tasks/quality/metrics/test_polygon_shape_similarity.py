"""How alike a track stays to itself, against OpenCV's moments and a loop."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from tasks.quality.metrics.polygon_shape_similarity import of_objects
from tests.tasks.quality.buckets import Record, box, bucket_of, frames, raster, turned
from tests.tasks.quality.sequence_zoo import scene


def values(tmp_path: Path, units: list[Record], objects: list[Record]) -> dict[int, float]:
    """Value by key."""
    bucket = bucket_of(tmp_path, units, objects)
    found = of_objects(bucket, None)["polygon_shape_similarity"]
    return dict(zip(bucket.objects.key.tolist(), found.tolist(), strict=True))


def hu(each: Record) -> np.ndarray:
    """Of pixels OpenCV's, of boxes those of a large raster of their sides."""
    if "pixels" in each:
        return cv2.HuMoments(cv2.moments(each["pixels"].astype(np.uint8), True)).ravel()
    sides = each["rotated"][2:4] if "rotated" in each else each["bbox_px"][2:]
    longest = max(sides)
    return cv2.HuMoments(cv2.moments(np.ones([round(2000 * side / longest) for side in sides], np.uint8), True)).ravel()


@pytest.mark.parametrize("seed", range(3))
def test_values_are_those_of_the_definition(tmp_path: Path, seed: int):
    """Every track of every sequence, in the order of time; null without a track."""
    made = scene(seed)
    found, means = values(tmp_path, *made), dict[tuple[str, str], np.ndarray]()
    for key, each in enumerate(made.objects):
        if each["track"] is None:
            assert np.isnan(found[key])
            continue
        name, own = (made.units[each["unit"]]["sequence_hash"], each["track"]), hu(each)
        mean = means.get(name, own)
        cosine = own @ mean / np.linalg.norm(own) / np.linalg.norm(mean)
        assert found[key] == pytest.approx(cosine if name in means else 1.0, abs=1e-4)
        means[name] = (mean + own) / 2
    assert min(value for value in found.values() if value == value) < 0.99


def test_a_shape_that_only_turns_and_grows_stays_alike(tmp_path: Path):
    """Rotated boxes of one proportion are equal in shape; a longer one is less alike."""
    objects = [turned(k, 20, 20, 10 + k, 2 * (10 + k), 40 * k, track="a") for k in range(3)]
    found = values(tmp_path, frames(4), [*objects, box(3, 0, 0, 90, 4, track="a")])
    assert [found[k] for k in range(3)] == pytest.approx([1, 1, 1])
    assert found[3] < 0.9


def test_what_has_no_area_has_no_value_and_is_passed_over(tmp_path: Path):
    """Points, and masks without a pixel, do not end a track."""
    pixels = np.zeros((80, 100), bool)
    pixels[3:9, 4:30] = True
    objects = [
        raster(0, pixels, track="a"),
        raster(1, np.zeros((80, 100), bool), track="a"),
        {"unit": 2, "shape": "point", "bbox_px": (0, 0, 0, 0), "track": "a"},
        raster(3, pixels.copy(), track="a"),
    ]
    found = values(tmp_path, frames(4), objects)
    assert [found[0], found[3]] == pytest.approx([1, 1])
    assert np.isnan([found[1], found[2]]).all()
