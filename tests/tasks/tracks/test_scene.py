"""Boxes grouped by sequence, class and frame."""

import pytest

from schemas.errors import InputError
from tasks.tracks.scene import frames_of, scene_of
from tests.tasks.tracks.made_boxes import boxes, scene, units


def test_frames_are_those_with_a_box_in_the_order_of_time() -> None:
    """Of each sequence and class by itself; rows of a frame keep their order."""
    truth = boxes((1, 3, "x", 0.0), (0, 5, "y", 0.0), (0, 2, "y", 1.0), (0, 2, "z", 2.0), category=(0, 1, 1, 0))
    found = boxes((0, 7, "p", 0.0), category=(1,))
    frames = frames_of(truth, found, units(), 2)
    assert [*zip(frames.sequence.tolist(), frames.category.tolist(), strict=True)] == [(0, 0), (0, 1), (1, 0)]
    assert frames.frames.tolist() == [0, 1, 4, 5]
    assert frames.truth_order.tolist() == [3, 2, 1, 0]
    assert frames.truth.tolist() == [0, 1, 2, 3, 3, 4]
    assert frames.found.tolist() == [0, 0, 0, 0, 1, 1]


def test_tracks_of_two_sequences_are_two() -> None:
    """Even where they have one name."""
    made = scene([(0, 0, "x", 0.0), (1, 0, "x", 0.0), (0, 1, "x", 0.0)], [(0, 0, "p", 2.0)])
    assert made.truth_track.tolist() == [0, 0, 1]
    assert (made.truth_tracks.tolist(), made.found_tracks.tolist()) == ([0, 1, 2], [0, 1, 1])


def test_pairs_of_tracks_overlap_on_some_frame() -> None:
    """Each once, however often they do."""
    found = [(0, 0, "p", 2.0), (0, 1, "p", 3.0), (0, 1, "q", 30.0)]
    made = scene([(0, 0, "x", 0.0), (0, 1, "x", 0.0)], found)
    assert made.pair.tolist() == [0, 0]
    assert (made.pair_truth.tolist(), made.pair_found.tolist()) == ([0], [0])


def test_nothing_gives_an_empty_scene() -> None:
    """No sequence, no frame."""
    made = scene([], [])
    assert (made.frames.tolist(), made.truth.tolist(), made.truth_tracks.tolist()) == ([0], [0], [0])


def test_a_track_may_be_on_a_frame_once() -> None:
    """In each class."""
    twice = (0, 4, "x", 0.0), (0, 4, "x", 5.0)
    with pytest.raises(InputError, match="track 'x' of the set is twice on frame 4 of 'a'"):
        scene([], twice)
    apart = boxes(*twice, category=(0, 1))
    frames = frames_of(apart, boxes(), units(), 2)
    assert scene_of(frames, apart, boxes(), units()).truth_tracks.tolist() == [0, 1, 2]
