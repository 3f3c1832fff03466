"""Objects missing between two frames and broken tracks: by hand, and against a loop on made-up scenes."""

from pathlib import Path

import numpy as np
import pytest

from tasks.quality.metrics.missing_objects_broken_tracks import of_objects
from tests.tasks.quality.buckets import Record, box, bucket_of, frames
from tests.tasks.quality.sequence_zoo import Scene, iou, scene


def values(tmp_path: Path, units: list[Record], objects: list[Record]) -> dict[int, float]:
    """Value by key."""
    bucket = bucket_of(tmp_path, units, objects)
    found = of_objects(bucket, None)["missing_objects_broken_tracks"]
    return dict(zip(bucket.objects.key.tolist(), found.tolist(), strict=True))


def by_hand(made: Scene) -> dict[int, float]:
    """As it is defined: a window of three frames, the lowest value of a track in a frame."""
    found = dict.fromkeys(range(len(made.objects)), np.nan)
    for name in made.sequences():
        times = made.of(name)
        found |= {key: 1.0 for now in times for key in now}
        for two_back, between, now in zip(times, times[1:], times[2:], strict=False):
            for key in now:
                _look_back(made, key, two_back, between, found)
    lowest: dict[tuple[int, str], float] = {}
    for key, own in enumerate(made.objects):
        if own["track"] is not None:
            place = own["unit"], own["track"]
            lowest[place] = min(lowest.get(place, 1.0), found[key])
    return {key: lowest.get((own["unit"], own["track"]), found[key]) for key, own in enumerate(made.objects)} | {
        key: np.nan for key, value in found.items() if np.isnan(value)
    }


def _best(made: Scene, key: int, others: list[int]) -> tuple[float, int]:
    own = made.objects[key]
    alike = [(iou(own, made.objects[k]), -k) for k in others if made.objects[k]["category"] == own["category"]]
    value, place = max(alike, default=(0.0, 0))
    return value, -place


def _look_back(made: Scene, key: int, two_back: list[int], between: list[int], found: dict[int, float]) -> None:
    (far, first), (near, middle) = _best(made, key, two_back), _best(made, key, between)
    if far < 0.25:
        return
    if near > 0.5:
        tracks = {made.objects[k]["track"] for k in (first, middle, key)} - {None}
        found[key] = min(found[key], 0.5 if len(tracks) > 1 else 1.0)
    else:
        found[first] = 0.0


@pytest.mark.parametrize("seed", range(6))
def test_values_are_those_of_the_definition(tmp_path: Path, seed: int):
    """All shapes, over videos and groups, with tracks and without; single images have no value."""
    made = scene(seed)
    found = values(tmp_path, *made)
    assert found == pytest.approx(by_hand(made), nan_ok=True)
    assert {0.0, 0.5, 1.0} <= set(found.values())


def test_an_object_that_is_missing_from_the_next_frame_is_flagged_where_it_was(tmp_path: Path):
    """Frames 0 and 2 hold a box and frame 1 none, also where nothing else is on it: 0 in frame 0, 1 in frame 2."""
    objects = [box(0, 10, 10, 20, 20, track="a"), box(2, 12, 10, 20, 20, track="a")]
    assert values(tmp_path, frames(4), objects) == {0: 0.0, 1: 1.0}


def test_a_track_that_is_broken_is_flagged_where_that_shows(tmp_path: Path):
    """A box that is called b for one frame: 0.5 there, where the window has another, and in the two that look back."""
    tracks = ["a", "a", "b", "a", "a", "a", None]
    objects = [box(k, 10, 10, 20, 20, track=track) for k, track in enumerate(tracks)]
    assert list(values(tmp_path, frames(7), objects).values()) == [1, 1, 0.5, 0.5, 0.5, 1, 1]


def test_another_class_is_no_partner(tmp_path: Path):
    """A box of another class in between does not stand for the one that is missing."""
    objects = [box(k, 10, 10, 20, 20, track="a", category=k % 2) for k in range(3)]
    assert list(values(tmp_path, frames(3), objects).values()) == [0, 1, 1]


def test_the_lowest_value_of_a_track_in_a_frame_counts_for_all_of_it(tmp_path: Path):
    """Two boxes of one track in a frame, of which one goes missing."""
    objects = [box(0, 10, 10, 20, 20, track="a"), box(0, 60, 10, 20, 20, track="a"), box(2, 10, 10, 20, 20, track="a")]
    assert list(values(tmp_path, frames(3), objects).values()) == [0, 0, 1]
