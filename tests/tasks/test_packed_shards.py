"""What waits in memory between matching and measuring."""

import numpy as np
import pytest

from tasks.packed_shards import Outcomes


@pytest.mark.parametrize("shape", [(0, 4, 10), (3, 1, 1), (5, 4, 10), (7, 3, 3)], ids=str)
def test_outcomes_come_back_as_they_were(shape: tuple[int, ...]) -> None:
    """Of any shape, none included, and eight to a byte."""
    array = np.random.default_rng(1).random(shape) < 0.5
    packed = Outcomes.of(array)
    assert packed.bits.nbytes == -(-array.size // 8)
    assert packed.array().dtype == np.bool_
    assert np.array_equal(packed.array(), array)
