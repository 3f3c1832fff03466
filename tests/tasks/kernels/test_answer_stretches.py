"""Stretches of frames and lists of options against plain Python."""

from itertools import pairwise

import numpy as np
import pytest

from tasks.kernels.answer_stretches import UNSCORED, agree, arrange, falling_keys, sweep

Ranges = list[tuple[int, int, int]]


def swept(rows: Ranges) -> dict[tuple[int, int], set[int]]:
    """Rows that hold on each frame of each group, from the kernel's stretches."""
    group, first, last = np.array(rows, np.int64).reshape(-1, 3).T.copy()
    found = sweep(group, first, last)
    frames: dict[tuple[int, int], set[int]] = {}
    for s in range(len(found.first)):
        held = found.row[found.indptr[s] : found.indptr[s + 1]].tolist()
        assert held
        for frame in range(found.first[s], found.last[s] + 1):
            assert (group[held[0]], frame) not in frames
            frames[int(group[held[0]]), frame] = set(held)
    return frames


def expanded(rows: Ranges) -> dict[tuple[int, int], set[int]]:
    """The same, frame by frame."""
    frames: dict[tuple[int, int], set[int]] = {}
    for k, (group, first, last) in enumerate(rows):
        for frame in range(first, last + 1):
            frames.setdefault((group, frame), set()).add(k)
    return frames


@pytest.mark.parametrize("seed", range(20))
def test_every_frame_has_the_rows_that_hold_on_it(seed: int) -> None:
    """Ranges that overlap, touch, enclose one another and are equal; frames that none holds on are left out."""
    rng = np.random.default_rng(seed)
    starts = rng.integers(0, 12, 40)
    rows = sorted(
        (int(group), int(first), int(first + length))
        for group, first, length in zip(rng.integers(0, 6, 40), starts, rng.integers(0, 8, 40), strict=True)
    )
    assert swept(rows) == expanded(rows)


def test_rows_over_the_same_frames_are_one_stretch() -> None:
    """However many; and no rows are none."""
    found = sweep(np.zeros(5, np.int64), np.full(5, 3), np.full(5, 9))
    assert (found.first.tolist(), found.last.tolist(), found.indptr.tolist()) == ([3], [9], [0, 5])
    nothing = np.empty(0, np.int64)
    assert [len(column) for column in sweep(nothing, nothing, nothing)] == [0, 0, 1, 0]


@pytest.mark.parametrize("seed", range(20))
def test_either_side_has_every_option_once(seed: int) -> None:
    """Annotated ones ascending, predicted ones best first; of one option the higher score."""
    rng = np.random.default_rng(seed)
    indptr = np.concatenate([[0], np.cumsum(rng.integers(0, 8, 30))])
    n = int(indptr[-1])
    row, predicted, option = rng.permutation(n), rng.random(n) < 0.6, rng.integers(0, 5, n)
    score = np.where(predicted & (rng.random(n) < 0.8), np.round(rng.random(n), 1), np.nan)
    found = arrange(indptr, row, predicted, option, score)
    for s in range(30):
        held = row[indptr[s] : indptr[s + 1]]
        ours = found.annotated_row[found.annotated_indptr[s] : found.annotated_indptr[s + 1]]
        assert option[ours].tolist() == sorted({int(option[k]) for k in held if not predicted[k]})
        best: dict[int, float] = {}
        for k in held[predicted[held]].tolist():
            best[int(option[k])] = max(best.get(int(option[k]), -1.0), -1.0 if np.isnan(score[k]) else score[k])
        theirs = found.predicted_row[found.predicted_indptr[s] : found.predicted_indptr[s + 1]]
        listed = list(zip(option[theirs].tolist(), np.nan_to_num(score[theirs], nan=-1.0).tolist(), strict=True))
        assert listed == sorted(best.items(), key=lambda item: (-item[1], item[0]))


def test_keys_ascend_as_scores_fall() -> None:
    """Equal scores have equal keys, zeros of either sign too; what has no score, of whichever sign, comes last."""
    score = np.array([np.inf, 2.0, 1.0, np.nextafter(1.0, 0.0), 5e-324, 0.0, -0.0, -5e-324, -1.0, -np.inf, np.nan])
    keys = falling_keys(score).tolist()
    assert keys == sorted(keys)
    assert [k for k, (a, b) in enumerate(pairwise(keys)) if a == b] == [5]
    assert keys[-1] == falling_keys(-score)[-1] == UNSCORED
    assert len(falling_keys(np.empty(0))) == 0


def test_options_in_both_lists_are_hits() -> None:
    """And the place of the first annotated one is told."""
    annotated, predicted = np.array([1, 2, 5]), np.array([2, 7, 1, 5, 4])
    found = agree(np.array([0, 2, 3, 3]), annotated, np.array([0, 3, 4, 5]), predicted)
    assert found.common.tolist() == [2, 1, 0]
    assert found.place.tolist() == [2, 0, -1]
    assert found.hit.tolist() == [True, False, True, True, False]
