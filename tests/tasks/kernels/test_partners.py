"""Keys of those whom positions point at."""

import numpy as np
import pytest

from tasks.kernels.partners import partners

RNG = np.random.default_rng(6)
KEYS = RNG.integers(-(2**62), 2**62, 50)


@pytest.mark.parametrize("count", [0, 1, 7, 8, 9, 1_000])
@pytest.mark.parametrize("nobody", [0.0, 0.5, 1.0])
def test_keys_and_bits_are_those_of_the_positions(count: int, nobody: float) -> None:
    """A bit is set where somebody is there; the bits after the last are not."""
    position = np.where(RNG.random(count) < nobody, -1, RNG.integers(0, len(KEYS), count)).astype(np.int32)
    found, there = partners(position, KEYS), position >= 0
    assert np.array_equal(found.key, np.where(there, KEYS[position], 0))
    assert np.array_equal(found.there, np.packbits(there, bitorder="little"))
    assert found.nobody == np.count_nonzero(~there)


def test_nobody_needs_no_keys() -> None:
    """Where all positions are -1 there may be none to point at."""
    found = partners(np.full(3, -1, np.int32), KEYS[:0])
    assert (found.key.tolist(), found.nobody) == ([0, 0, 0], 3)
