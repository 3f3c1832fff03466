"""Answers as they are compared, against plain Python."""

import numpy as np
import pytest

from tasks.columns import only_read
from tasks.kernels.answer_rows import Asked, Frames, Side, Stored, ordered_pieces, place_answers

RADIO, TEXT = 0, 2


def test_answers_to_live_questions_about_live_units_are_taken() -> None:
    """Texts have their own place; what asks nothing that lives is outside, and other units' answers are no one's."""
    asked = Asked(np.array([RADIO, TEXT]), np.array([-1, 0, 0, 1, -1]), np.array([-1, 0, 1, -1, -1]))
    local = np.array([-1, 0, 1], np.int32)
    units = Frames(local, np.array([4, 7]), np.zeros(2, np.int64), np.zeros(2, bool), np.zeros(8, np.int64))
    unit = np.array([1, 2, 2, 0, 1, 9, 2])
    key, nothing = np.array([2, 3, 1, 1, 4, 1, 99], np.int32), np.full(7, -1, np.int32)
    stored = Stored(*map(only_read, (unit, key, nothing, nothing, np.arange(7))))
    placed, outside = place_answers(stored, asked, units)
    assert placed.row.tolist() == [0, 1, 2]
    assert (placed.sequence.tolist(), placed.question.tolist()) == ([4, 7, 7], [0, 1, 0])
    assert placed.option.tolist() == [1, 1, 0]
    assert outside == 2


@pytest.mark.parametrize("highest", [9, 1 << 61])
def test_pieces_come_by_group_and_first_frame(highest: int) -> None:
    """Equal ones as they were, also where both together take more than a word."""
    rng = np.random.default_rng(highest)
    sequence, pair, question = rng.choice([0, 3, highest // 6], 200), rng.integers(0, 2, 200), rng.integers(0, 3, 200)
    first, option, score = rng.integers(0, 6, 200), rng.integers(0, 9, 200), rng.random(200)
    first[7], last = (1 << 31) - 1, np.minimum(first + 1, (1 << 31) - 1)
    columns = (sequence, pair, question, first, last, option, score)
    found = ordered_pieces(_side(columns, slice(80)), _side(columns, slice(80, 200)), 2, 3)
    group = (sequence * 2 + pair) * 3 + question
    expected = np.lexsort((first, group))
    for column, given in zip(found, (np.arange(200) >= 80, group, first, last, option, score), strict=True):
        assert np.array_equal(column, given[expected])


def _side(columns: tuple[np.ndarray, ...], rows: slice) -> Side:
    sequence, pair, question, first, last, option, score = (column[rows] for column in columns)
    return Side(sequence, pair, question, first, last, option, only_read(score))


def test_one_pair_may_be_said_once() -> None:
    """Of a side that has no pieces too."""
    none, zero = np.empty(0, np.int64), np.zeros(2, np.int64)
    side = Side(np.array([1, 0]), np.array([4]), zero, zero, zero, zero, only_read(np.full(2, np.nan)))
    nothing = Side(none, none, none, none, none, none, only_read(np.empty(0)))
    found = ordered_pieces(nothing, side, 5, 1)
    assert (found.group.tolist(), found.predicted.tolist()) == ([4, 9], [True, True])
    assert [len(column) for column in ordered_pieces(nothing, nothing, 1, 1)] == [0] * 6
