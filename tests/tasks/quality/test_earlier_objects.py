"""Overlaps with earlier frames against every pair compared by itself."""

from pathlib import Path

import numpy as np
import pytest

from schemas.judging import Pairs
from tasks.quality.earlier_objects import earlier_objects, most_alike, same
from tests.tasks.quality.buckets import box, bucket_of, frames, raster
from tests.tasks.quality.sequence_zoo import Scene, iou, scene


def by_hand(made: Scene, steps: int, floor: float) -> dict[tuple[int, int], float]:
    """Every pair of the scene that is alike enough."""
    found = {}
    for name in made.sequences():
        times = made.of(name)
        for now, before in zip(times[steps:], times, strict=False):
            alike = {(a, b): iou(made.objects[a], made.objects[b]) for a in now for b in before}
            found |= {pair: value for pair, value in alike.items() if value >= floor}
    return found


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("steps", "floor"), [(1, 0.5), (2, 0.25)])
def test_pairs_are_those_of_the_frame_so_many_steps_before(tmp_path: Path, seed: int, steps: int, floor: float):
    """Shapes of all kinds, two videos, a group and single images: the same pairs, alike to 12 places."""
    made = scene(seed)
    bucket = bucket_of(tmp_path, *made)
    pairs = earlier_objects(bucket, steps, floor)
    key, rows = bucket.objects.key, np.repeat(np.arange(len(made.objects)), np.diff(pairs.indptr))
    places = zip(key[rows].tolist(), key[pairs.annotation].tolist(), strict=True)
    found = dict(zip(places, pairs.similarity, strict=True))
    assert found == pytest.approx(by_hand(made, steps, floor), abs=1e-12)
    assert found


def test_images_of_a_group_that_differ_in_size_are_compared_by_relative_position(tmp_path: Path):
    """A box, and a mask by its hull, that fill the same quarter of a small and a large image overlap wholly."""
    units = [
        *frames(1, "group", width=100, height=80),
        {"sequence_hash": "group", "frame": 1, "width": 50, "height": 160},
    ]
    small, large = np.zeros((80, 100), bool), np.zeros((160, 50), bool)
    small[:40, :50] = large[:80, :25] = True
    objects = [box(0, 0, 0, 50, 40), raster(0, small), box(1, 0, 0, 25, 80), raster(1, large)]
    pairs = earlier_objects(bucket_of(tmp_path, units, objects), 1, 0.1)
    assert pairs.indptr.tolist() == [0, 0, 0, 2, 4]
    assert pairs.similarity.tolist() == [1.0] * 4


def test_nothing_overlaps_where_there_are_no_sequences(tmp_path: Path):
    """Two images are not one after the other; no objects have no pairs."""
    units = [*frames(1, "one", kind="image"), *frames(1, "other", kind="image")]
    assert len(earlier_objects(bucket_of(tmp_path, units, [box(0, 1, 1, 9, 9), box(1, 1, 1, 9, 9)]), 1, 0.1)[1]) == 0
    assert earlier_objects(bucket_of(tmp_path, units, []), 2, 0.1).indptr.tolist() == [0]


def test_of_equally_alike_partners_the_first_is_the_most_alike():
    """Partners that are not allowed, and objects without any, play no part."""
    pairs = Pairs(np.array([0, 3, 3, 5]), np.array([4, 6, 7, 1, 2]), np.array([0.5, 0.9, 0.9, 0.3, 0.8]))
    best, alike = most_alike(pairs, np.array([True, True, True, True, False]))
    assert best.tolist() == [6, -1, 1]
    assert alike.tolist() == [0.9, 0.0, 0.3]
    assert same(np.array([5, 5, 1, 0, 5, 0, 5, 0]), pairs).tolist() == [True, True, False, False, True]
