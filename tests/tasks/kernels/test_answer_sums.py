"""Frames of options and scores of a few stretches, counted by hand."""

import numpy as np

from tasks.columns import only_read
from tasks.kernels.answer_sums import Given, option_sums, score_sums

RADIO, CHECKLIST, TEXT = range(3)
RIGHT, WRONG, MISSING, UNANNOTATED = range(4)

OURS = Given(np.array([0, 1, 2, 4, 4, 4]), np.array([0, 1, 2, 3]))
THEIRS = Given(np.array([0, 2, 2, 4, 5, 5]), np.array([0, 1, 3, 4, 2]))
HIT = np.array([True, False, True, False, False])
OUTCOME = np.array([RIGHT, MISSING, WRONG, UNANNOTATED, WRONG])
QUESTION, KINDS = np.array([0, 0, 1, 1, 2]), np.array([RADIO, CHECKLIST, TEXT])
FRAMES = np.array([2, 3, 5, 7, 11])


def test_radios_count_their_first_option_and_checklists_every_one() -> None:
    """What is not annotated, and texts, count nowhere."""
    found = option_sums(KINDS[QUESTION], OUTCOME, FRAMES, OURS, THEIRS, HIT, 5)
    assert found.tolist() == [[2, 0, 0, 5, 0], [0, 0, 0, 0, 5], [0, 3, 5, 0, 0]]


def test_a_wrong_radio_is_false_for_one_option_and_missed_for_the_other() -> None:
    """A frame each."""
    one = np.zeros(1, np.int64)
    ours, theirs = (Given(np.array([0, 1]), np.array([option])) for option in (0, 1))
    found = option_sums(one, np.array([WRONG]), one + 1, ours, theirs, np.zeros(1, bool), 2)
    assert found.tolist() == [[0, 0], [0, 1], [1, 0]]


def test_scores_are_told_by_option_and_of_the_best() -> None:
    """One beyond 1 is none; a text's is passed over; negative zero is zero."""
    score, indptr = only_read(np.array([0.5, 2.0, -0.0, 0.25, 1.0, 0.9])), np.array([0, 2, 2, 4, 5, 6])
    place = np.array([0, -1, 1, -1, -1])
    found = score_sums(KINDS, QUESTION, OUTCOME, FRAMES, OURS, THEIRS, score, indptr, HIT, place, 2, 5)
    assert found.unscored.tolist() == [2, 0, 0]
    assert found.frames.tolist() == [5, 5, 0]
    assert found.positive.tolist() == [2, 3, 5, 5, 0]
    assert found.near.tolist() == [2, 5, 0]
    assert found.options.group.tolist() == [0, 3, 4]
    assert found.options.bits.view(np.float64).tolist() == [0.5, 0.0, 0.25]
    assert found.options.bits[1] == 0
    assert found.options.frames.tolist() == [[2, 5, 5], [2, 5, 0]]
    assert (found.best.group.tolist(), found.best.frames.tolist()) == ([0], [[2], [2]])
