"""What metrics over pixels keep of a bucket."""

import numpy as np
import pytest

from tasks.pixels import state as module
from tasks.pixels.agreement import Agreement
from tasks.pixels.state import combined, state_of, worst_first
from tests.tasks.pixels.label_scenes import confusion_of, made_up

AGREEMENT = Agreement(np.array([[k, k] for k in (-1, 11, 12, 13)]), [((k,), (k,)) for k in (11, 12, 13)], [])


def test_units_have_their_pixels_and_mean_iou(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each by itself, however many are looked at together."""
    images = made_up(0, 7)
    monkeypatch.setattr(module, "_UNITS_AT_ONCE", 3)
    found = state_of(confusion_of(images), AGREEMENT)
    for unit, (truth, predicted) in enumerate(images):
        assert found.pixels[unit] == truth.size
        assert found.disagreeing[unit] == (truth != predicted).sum()
        both = [(truth == k, predicted == k) for k in (1, 2, 3)]
        ious = [(a & p).sum() / (a | p).sum() for a, p in both if (a | p).any()]
        assert found.mean_iou[unit] == pytest.approx(np.mean(ious), abs=1e-15)


def test_states_are_combined_by_key() -> None:
    """In whatever order they come."""
    images = made_up(1, 4)
    whole = state_of(confusion_of(images), AGREEMENT)
    parts = [state_of(confusion_of([images[k]], k + 1), AGREEMENT) for k in (2, 0, 3, 1)]
    for ours, theirs in zip(combined(parts)[1:], whole[1:], strict=True):
        assert np.array_equal(ours, theirs, equal_nan=True)
    for ours, theirs in zip(combined(parts).confusion, whole.confusion, strict=True):
        assert ours.tolist() == theirs.tolist()


def test_the_worst_come_first_then_by_key() -> None:
    """By share, not by count."""
    right, half, wrong = np.array([[1, 1]]), np.array([[1, 2]]), np.array([[2, 2]])
    images = [(right, right), (right, half), (np.tile(right, 50), np.tile(half, 50)), (right, wrong)]
    found = state_of(confusion_of(images), AGREEMENT)
    assert found.unit_key[worst_first(found)].tolist() == [4, 2, 3, 1]


def test_nothing_is_a_state() -> None:
    """Without units."""
    found = state_of(confusion_of([]), AGREEMENT)
    assert [len(column) for column in (*found.confusion, *found[1:])] == [0] * 7
