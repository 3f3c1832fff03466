"""Temporal IoU, and who finds whom by it."""

import numpy as np
import pytest

from tasks.columns import only_read
from tasks.kernels.answer_ranges import (
    Options,
    average_precisions,
    chained,
    joined_rows,
    match_ranges,
    temporal_iou,
)


@pytest.mark.parametrize("seed", range(5))
def test_temporal_iou_counts_frames(seed: int) -> None:
    """In both by in either, ends inclusive."""
    for first, length, other, more in np.random.default_rng(seed).integers(0, 12, (50, 4)).tolist():
        ours, theirs = set(range(first, first + length + 1)), set(range(other, other + more + 1))
        expected = len(ours & theirs) / len(ours | theirs)
        assert temporal_iou(first, first + length, other, other + more) == expected


def found(
    predicted: list[tuple[int, int, int]], truth: list[tuple[int, int, int]], *thresholds: float
) -> list[list[bool]]:
    """Matches of (group, first, last)."""
    sides = (np.array(side, np.int64).reshape(-1, 3).T.copy() for side in (predicted, truth))
    return match_ranges(*(column for side in sides for column in side), np.array(thresholds)).tolist()


def test_the_better_one_takes_the_range_it_overlaps_most() -> None:
    """Who comes later takes another that is free, or none."""
    truth = [(0, 0, 9), (0, 10, 19)]
    assert found([(0, 0, 9), (0, 1, 9), (0, 8, 19)], truth, 0.5, 0.9) == [[True, True], [False, False], [True, False]]


def test_equal_overlaps_take_the_earlier() -> None:
    """So that the order of rows changes nothing."""
    assert found([(0, 0, 3), (0, 2, 2), (0, 0, 1)], [(0, 0, 1), (0, 2, 3)], 0.5) == [[True], [True], [False]]


def test_groups_do_not_meet() -> None:
    """Nor does a side that is empty."""
    assert found([(1, 0, 9), (2, 0, 9)], [(0, 0, 9), (2, 0, 9)], 0.5) == [[False], [True]]
    assert found([], [(0, 0, 9)], 0.5) == []
    assert found([(0, 0, 9)], [], 0.5) == [[False]]


@pytest.mark.parametrize("seed", range(5))
def test_ranges_that_touch_and_agree_are_joined(seed: int) -> None:
    """By all keys but the frame; each run is told by its first row and its last frame."""
    rng = np.random.default_rng(seed)
    group, score, first = rng.integers(0, (3, 2, 30), (25, 3)).T
    last = first + rng.integers(0, 6, 25)
    heads, ends = joined_rows(np.stack([group, score, first]), last)
    frames = {
        (int(g), int(s), f) for g, s, a, b in zip(group, score, first, last, strict=True) for f in range(a, b + 1)
    }
    runs = [(int(group[k]), int(score[k]), int(first[k]), int(end)) for k, end in zip(heads, ends, strict=True)]
    assert runs == sorted(runs)
    assert frames == {(g, s, f) for g, s, a, b in runs for f in range(a, b + 1)}
    assert not any((g, s, b + 1) in frames or (g, s, a - 1) in frames for g, s, a, b in runs)


@pytest.mark.parametrize("seed", range(20))
def test_neighbouring_stretches_are_chained_by_option_and_score(seed: int) -> None:
    """What is left to join are the same frames of each, and no range goes on in the next stretch."""
    rng = np.random.default_rng(seed)
    sequence = np.sort(rng.integers(0, 3, 30))
    first = np.cumsum(rng.integers(1, 4, 30)) % 40  # some stand in no order
    last, which = first + rng.integers(0, 2, 30), rng.random(30) < 0.8
    lists = [rng.permutation(4)[: rng.integers(0, 5)] for _ in range(30)]
    indptr = np.concatenate([[0], np.cumsum([*map(len, lists)])])
    option, score = np.concatenate(lists), rng.choice([0.0, -0.0, 0.5, np.nan], int(indptr[-1]) + 5)
    side = Options(indptr, option, only_read(score), indptr + 5)
    found = chained(sequence, first, last, which, side, 4)
    word = [None if np.isnan(value) else value for value in score[5:].tolist()]
    given = {
        (sequence[s] * 4 + option[k], word[k], frame)
        for s in np.flatnonzero(which)
        for k in range(indptr[s], indptr[s + 1])
        for frame in range(first[s], last[s] + 1)
    }
    ranges = [(g, None if np.isnan(v) else v, a, b) for g, v, a, b in zip(*found, strict=True)]
    assert {(g, v, frame) for g, v, a, b in ranges for frame in range(a, b + 1)} == given
    assert len(ranges) <= sum(len(lists[s]) for s in np.flatnonzero(which))


def test_a_range_goes_on_as_long_as_its_score_does() -> None:
    """A stretch that is left out, a gap, or another sequence ends it."""
    rows = [(0, 0, 4, 0.5), (0, 5, 5, 0.5), (0, 6, 7, 0.25), (0, 9, 9, 0.25), (1, 10, 10, 0.25), (1, 11, 12, 0.25)]
    sequence, first, last = (np.array(column, np.int64) for column in list(zip(*rows, strict=True))[:3])
    side = Options(np.arange(7), np.zeros(6, np.int64), only_read(np.array([row[3] for row in rows])), np.arange(7))
    found = chained(sequence, first, last, np.arange(6) != 5, side, 1)
    ranges = list(zip(found.first.tolist(), found.last.tolist(), strict=True))
    assert ranges == [(0, 5), (6, 7), (9, 9), (10, 10)]


@pytest.mark.parametrize("count", [0, 1, 40])
def test_average_precision_is_the_area_under_the_envelope(count: int) -> None:
    """At every threshold by itself; of no predictions 0."""
    found = np.random.default_rng(count).random((count, 3)) < 0.4
    areas = average_precisions(found, 50)
    for t, column in enumerate(found.T):
        precision = [float(column[: p + 1].mean()) for p in range(count)]
        expected = sum(max(precision[p:]) for p in range(count) if column[p]) / 50
        assert areas[t] == pytest.approx(expected, abs=1e-15)
