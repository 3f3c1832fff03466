"""Wilson's interval and bounds that hold together."""

import numpy as np
import pytest

from tasks.failure_analysis.intervals import Z_95, bonferroni, wilson


def test_the_interval_solves_wilsons_equation() -> None:
    """Both ends are shares from which what was counted is z standard deviations away."""
    hits, counts = np.array([1, 5, 50, 99]), np.array([10, 10, 100, 100])
    for bound in wilson(hits, counts):
        deviations = np.abs(hits / counts - bound) / np.sqrt(bound * (1 - bound) / counts)
        assert deviations == pytest.approx(np.full(4, Z_95))


def test_a_known_value() -> None:
    """8 of 10 lies between 0.490 and 0.943."""
    low, high = wilson(np.array([8]), np.array([10]))
    assert (round(low[0], 3), round(high[0], 3)) == (0.490, 0.943)


def test_the_ends_are_exact_and_nothing_has_no_interval() -> None:
    """None of n begins at 0, all of n ends at 1; of nothing there is no share."""
    low, high = wilson(np.array([0, 7, 0]), np.array([7, 7, 0]))
    assert (low[0], high[1]) == (0.0, 1.0)
    assert np.isnan([low[2], high[2]]).all()


def test_more_looks_need_more_deviations() -> None:
    """One look is the one-sided 95 %; a thousand ask for 5 in 100,000."""
    assert bonferroni(1) == pytest.approx(1.6449, abs=1e-4)
    assert bonferroni(1000) == pytest.approx(3.8906, abs=1e-4)
    assert bonferroni(0) == bonferroni(1)
