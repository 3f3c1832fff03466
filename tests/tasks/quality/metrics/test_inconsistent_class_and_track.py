"""Another class or track where an object of the previous frame lay: by hand, and against a loop on made-up scenes."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tasks.quality.metrics.inconsistent_class_and_track import of_objects
from tests.tasks.quality.buckets import Record, box, bucket_of, frames
from tests.tasks.quality.sequence_zoo import Scene, iou, scene


def values(tmp_path: Path, units: list[Record], objects: list[Record]) -> tuple[dict[int, float], dict[int, Any]]:
    """(value, partner) by key."""
    bucket = bucket_of(tmp_path, units, objects)
    found = of_objects(bucket, None)
    keys = bucket.objects.key.tolist()
    value, partner = found["inconsistent_class_and_track"], found["inconsistent_class_and_track_partner"]
    return dict(zip(keys, value.tolist(), strict=True)), dict(zip(keys, partner.to_pylist(), strict=True))


def by_hand(made: Scene) -> dict[int, float]:
    """As it is defined, object by object."""
    found = dict.fromkeys(range(len(made.objects)), np.nan)
    for name in made.sequences():
        times = made.of(name)
        for now, before in zip(times, [[], *times], strict=False):
            found |= {key: _of_one(made, made.objects[key], before) for key in now}
    return found


def _of_one(made: Scene, own: Record, before: list[int]) -> float:
    alike = [iou(own, made.objects[other]) for other in before]
    best = int(np.argmax(alike)) if alike else -1
    if best < 0 or alike[best] <= 0.8:
        return 1.0
    other = made.objects[before[best]]
    tracked = own["track"] is not None and other["track"] is not None
    if tracked and own["track"] == other["track"]:
        return 1.0
    return 1 - alike[best] if tracked or own["category"] != other["category"] else 1.0


@pytest.mark.parametrize("seed", range(6))
def test_values_are_those_of_the_definition(tmp_path: Path, seed: int):
    """All shapes, over videos and groups, with tracks and without; single images have no value."""
    made = scene(seed)
    found, partner = values(tmp_path, *made)
    assert found == pytest.approx(by_hand(made), abs=1e-12, nan_ok=True)
    assert {key for key, other in partner.items() if other is not None} == {k for k, v in found.items() if v < 1}
    assert any(value < 1 for value in found.values())


def test_a_changed_class_and_a_changed_track_are_doubtful(tmp_path: Path):
    """A box that stays where it was: of another class, or of another track, 1 - IoU and the key of the other."""
    seen = [("a", 0), ("a", 0), ("a", 1), ("b", 1), ("c", 0), (None, 0), (None, 1)]
    objects = [box(k, 10, 10, 20, 10 if k < 4 else 9, track=track, category=c) for k, (track, c) in enumerate(seen)]
    found, partner = values(tmp_path, frames(7), objects)
    assert list(found.values()) == pytest.approx([1, 1, 1, 0, 0.1, 1, 0])
    assert list(partner.values()) == [None, None, None, 2, 3, None, 5]


def test_overlaps_of_four_fifths_are_not_the_same_place(tmp_path: Path):
    """The IoU must be above 0.8."""
    objects = [box(0, 0, 0, 10, 10, track="a"), box(1, 0, 0, 10, 8, track="b")]
    assert list(values(tmp_path, frames(2), objects)[0].values()) == [1, 1]


def test_only_the_previous_frame_counts(tmp_path: Path):
    """Two frames on, and in another sequence, nothing is inconsistent; points have no value."""
    units = [*frames(3), *frames(2, "next")]
    objects = [box(0, 0, 0, 10, 10, track="a"), box(2, 0, 0, 10, 10, track="b"), box(3, 0, 0, 10, 10, track="c")]
    point = {"unit": 4, "shape": "point", "bbox_px": (0, 0, 0, 0), "track": "d"}
    found, _ = values(tmp_path, units, [*objects, point])
    assert [found[key] for key in range(3)] == [1, 1, 1]
    assert np.isnan(found[3])
