"""Occluded objects of a track: by hand, and against scikit-learn's scaling on made-up scenes."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.preprocessing import MinMaxScaler

from tasks.quality.metrics.detect_occlusion_in_video import of_objects
from tests.tasks.quality.buckets import SIDES_PX, Record, box, bucket_of, frames, turned
from tests.tasks.quality.sequence_zoo import scene


def values(tmp_path: Path, units: list[Record], objects: list[Record]) -> dict[int, tuple[float, Any]]:
    """(value, word) by key."""
    bucket = bucket_of(tmp_path, units, objects)
    found = of_objects(bucket, None)
    pairs = zip(found["detect_occlusion_in_video"].tolist(), found["occlusion_probability"].to_pylist(), strict=True)
    return dict(zip(bucket.objects.key.tolist(), pairs, strict=True))


def by_hand(objects: list[Record]) -> np.ndarray:
    """Distances of a track's objects from its mean, 0 where not below it in area."""
    width, height = SIDES_PX
    sides = np.array([each["rotated"][2:4] if "rotated" in each else each["bbox_px"][2:] for each in objects])
    w, h = sides[:, 0] / width, sides[:, 1] / height
    scaled = MinMaxScaler().fit_transform(np.stack([w * h, w / h], axis=1))
    mean = scaled.mean(axis=0)
    return np.where(scaled[:, 0] < mean[0], np.linalg.norm(scaled - mean, axis=1), 0.0)


@pytest.mark.parametrize("seed", range(6))
def test_values_are_those_of_the_definition(tmp_path: Path, seed: int):
    """Every track of five or more, whatever its shapes: 1 / distance where it is far off and small, else 100."""
    made, tracks = scene(seed), dict[tuple[str, str], list[int]]()
    found = values(tmp_path, *made)
    for key, each in enumerate(made.objects):
        if each["track"] is not None:
            tracks.setdefault((made.units[each["unit"]]["sequence_hash"], each["track"]), []).append(key)
    judged = {name: keys for name, keys in tracks.items() if len(keys) >= 5}
    for keys in judged.values():
        distances = by_hand([made.objects[key] for key in keys])
        want = [1 / distance if distance > 0.3 else 100 for distance in distances]
        assert [found[key][0] for key in keys] == pytest.approx(want)
        assert [found[key][1] == "none" for key in keys] == [value == 100 for value in want]
    rest = set(found) - {key for keys in judged.values() for key in keys}
    assert all(np.isnan(found[key][0]) and found[key][1] is None for key in rest)
    assert any(value < 100 for value, _ in found.values())


def test_a_box_that_is_cut_off_may_be_occluded(tmp_path: Path):
    """Nine equal boxes and one of half the width: its distance is high, and the others are not small."""
    objects = [box(k, 10, 10, 10 if k == 4 else 20, 20, track="a") for k in range(10)]
    found = values(tmp_path, frames(10), objects)
    assert found[4] == (pytest.approx(1 / np.hypot(0.9, 0.9)), "high")
    assert all(found[k] == (100.0, "none") for k in range(10) if k != 4)


@pytest.mark.parametrize(("side", "word"), [(16.96, "none"), (15.95, "low"), (13.73, "moderate"), (11.07, "high")])
def test_words_go_by_the_distance(tmp_path: Path, side: float, word: str):
    """Squares, so that only the area changes: at distances of 0.25, 0.35, 0.55 and 0.75."""
    objects = [box(k, 0, 0, size, size, track="a") for k, size in enumerate([20] * 9 + [side, 10])]
    assert values(tmp_path, frames(11), objects)[9][1] == word


def test_a_track_that_does_not_change_is_not_occluded(tmp_path: Path):
    """Rounding in equal boxes is no change, however it would look when it is scaled up."""
    shifts = np.random.default_rng(0).uniform(0, 30, 8)
    objects = [box(k, x, 10, (x + 10.1) - x, (x + 7.3) - x, track="a") for k, x in enumerate(shifts)]
    found = values(tmp_path, frames(8), objects)
    assert set(found.values()) == {(100.0, "none")}


def test_rotated_boxes_count_before_they_are_turned(tmp_path: Path):
    """Turning alone changes nothing; a box without height has no value, and does not count for its track."""
    objects = [turned(k, 20, 20, 30, 10, 35 * k, track="a") for k in range(5)]
    found = values(tmp_path, frames(9), [*objects, box(5, 0, 0, 5, 0, track="a")])
    assert [found[k] for k in range(5)] == [(100.0, "none")] * 5
    assert np.isnan(found[5][0])
    short = values(tmp_path, frames(9), [*objects[:4], box(5, 0, 0, 5, 0, track="a")])
    assert np.isnan([value for value, _ in short.values()]).all()
