"""Sums without rounding, against fractions."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.exact_sums import UNIT, exact_sums, squares

FINITE = st.floats(allow_nan=False, allow_infinity=False)


@given(st.lists(FINITE, max_size=20))
def test_a_sum_is_that_of_fractions(values: list[float]):
    """Whatever their magnitudes and signs, subnormal numbers too."""
    (total,) = exact_sums(np.array(values), np.zeros(len(values), np.int64), 1)
    assert Fraction(total, UNIT) == sum(map(Fraction, values))


def test_groups_add_up_by_themselves():
    """A group without values has 0, and parts make the whole in any order."""
    rng = np.random.default_rng(0)
    values, groups = rng.normal(size=100) * 10.0 ** rng.integers(-30, 30, 100), rng.integers(0, 3, 100)
    whole = exact_sums(values, groups, 5)
    parts = [exact_sums(values[half::2], groups[half::2], 5) for half in (1, 0)]
    assert [sum(pair) for pair in zip(*parts, strict=True)] == whole
    assert whole[3:] == [0, 0]
    assert Fraction(whole[1], UNIT) == sum(map(Fraction, values[groups == 1].tolist()))


@pytest.mark.parametrize("magnitude", [1e-60, 1e-9, 1.0, 1e12])
def test_squares_are_without_rounding(magnitude: float):
    """The two parts of each add up to the square itself."""
    values = np.random.default_rng(1).normal(size=50) * magnitude
    for value, *parts in zip(values.tolist(), *(part.tolist() for part in squares(values)), strict=True):
        assert Fraction(value) ** 2 == sum(map(Fraction, parts))
