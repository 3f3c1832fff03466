"""Orders of rows against numpy's."""

from itertools import pairwise

import numpy as np
import pytest

from schemas.records import Array
from tasks.kernels.row_order import ascending

NOTHING = np.empty(0, np.int64)
LIMITS = np.iinfo(np.int64)


def expected(keys: Array) -> list[int]:
    """By the first key, then the others; equal ones as they were."""
    found: list[int] = np.lexsort(keys[::-1]).tolist()
    return found


@pytest.mark.parametrize("rows", [0, 1, 2, 5000])
@pytest.mark.parametrize("keys", [1, 3])
def test_rows_ascend_by_all_keys(rows: int, keys: int) -> None:
    """Many are equal, some are below 0."""
    values = np.random.default_rng(rows).integers(-9, 9, (keys, rows))
    assert ascending(values, NOTHING).tolist() == expected(values)


def test_keys_may_take_all_bits() -> None:
    """From the lowest number to the highest, and so may the bits of floats."""
    numbers = np.array([[0, LIMITS.max, -1, LIMITS.min, 1, LIMITS.min]])
    assert ascending(numbers, NOTHING).tolist() == expected(numbers)
    floats = np.random.default_rng(0).random(3000)
    bits = np.stack([np.arange(3000) % 3, floats.view(np.int64)])
    assert ascending(bits, NOTHING).tolist() == np.lexsort((floats, bits[0])).tolist()


@pytest.mark.parametrize("spread", [3, 1 << 30])
def test_long_keys_that_are_close_to_one_another_ascend(spread: int) -> None:
    """Where their highest digits say little: all but a few lie at one place."""
    rng = np.random.default_rng(spread)
    keys = np.append(rng.integers(1 << 60, (1 << 60) + spread, 3000), [0, LIMITS.max])[None]
    assert ascending(keys, NOTHING).tolist() == expected(keys)


def test_rows_in_order_stay() -> None:
    """Equal ones too."""
    keys = np.array([[1, 1, 2, 2], [5, 5, -3, 0]])
    assert ascending(keys, NOTHING).tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize("cuts", [[], [0], [500], [100, 100, 101, 499], [7, 70, 170, 270, 370, 470]])
def test_runs_in_order_are_merged(cuts: list[int]) -> None:
    """However many there are, empty ones too; of equal rows those of the earlier run come first."""
    runs = np.array([0, *cuts, 500])
    keys = np.random.default_rng(1).integers(0, 6, (2, 500))
    for start, stop in pairwise(runs.tolist()):
        part = keys[:, start:stop]
        keys[:, start:stop] = part[:, np.lexsort(part[::-1])]
    assert ascending(keys, runs).tolist() == expected(keys)
