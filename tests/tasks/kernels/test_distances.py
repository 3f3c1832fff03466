"""Distances as similarities."""

import numpy as np
import pytest

from tasks.kernels.distances import similarity_of

LIMITS = [np.array([5.0, 10.0, 20.0]), np.array([0.01, 0.02, 0.05]), np.array([0.1]), np.array([1.0, 3.0, 7.0])]


@pytest.mark.parametrize("limits", LIMITS)
def test_a_threshold_decides_as_its_distance_does_to_the_last_place(limits: np.ndarray) -> None:
    """The next number after a limit is beyond it, although both quotients may round to one."""
    for limit in limits:
        threshold = 1 - limit / (2 * limits[-1])
        assert similarity_of(limit, limits) >= threshold
        assert similarity_of(np.nextafter(limit, 0), limits) >= threshold
        assert similarity_of(np.nextafter(limit, np.inf), limits) < threshold


def test_similarity_falls_from_one_to_nothing() -> None:
    """1 at distance 0, 1/2 at the largest limit, 0 from twice that on; never negative."""
    limits = np.array([5.0, 20.0])
    found = [similarity_of(distance, limits) for distance in (0.0, 10.0, 20.0, 40.0, 1e300, np.inf)]
    assert found == [1, 0.75, 0.5, 0, 0, 0]
    rising = [similarity_of(distance, limits) for distance in np.linspace(0, 50, 1001)]
    assert np.all(np.diff(rising) <= 0)
