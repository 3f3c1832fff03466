"""Quantile bins: sizes, ties, few values, nulls."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.failure_analysis.bins import bin_of, grouped, quantile_bins

COLUMNS = st.lists(st.one_of(st.integers(0, 6).map(float), st.floats(-10, 10), st.just(np.nan)), max_size=60)


@pytest.mark.parametrize("bins", [2, 7, 10, 100])
def test_without_ties_bins_are_those_of_pandas(bins: int) -> None:
    """As `qcut` has them, where its bounds are values that are there."""
    values = np.random.default_rng(bins).normal(size=1 + 100 * bins)
    expected = pd.qcut(values, bins, labels=False)
    assert (bin_of(values, quantile_bins(values, bins), bins) == expected).all()


@given(COLUMNS, st.integers(2, 12))
def test_bins_keep_ties_and_order(column: list[float], bins: int) -> None:
    """Equal values share a bin, higher values are in no lower bin, nulls alone are in that of nulls."""
    values = np.array(column, float)
    bounds = quantile_bins(values, bins)
    places = bin_of(values, bounds, 99)
    assert len(bounds) <= bins
    assert ((places == 99) == np.isnan(values)).all()
    ordered = sorted((v, p) for v, p in zip(values, places, strict=True) if p != 99)
    assert [p for _, p in ordered] == sorted(p for _, p in ordered)
    assert all(p == q for (v, p), (w, q) in pairwise(ordered) if v == w)
    assert {p for _, p in ordered} == set(range(len(bounds)))


def test_few_values_have_a_bin_each() -> None:
    """However rare one of them is."""
    values = np.repeat([1.0, 2.0, 3.0], [1, 1000, 1])
    assert quantile_bins(values, 10).tolist() == [1, 2, 3]
    assert bin_of(np.array([1.0, 2, 3, 8, -8, np.nan]), quantile_bins(values, 10), 5).tolist() == [0, 1, 2, 2, 0, 5]


def test_groups_put_neighbours_together() -> None:
    """As many bins to each as can be; no more groups than bins."""
    assert grouped(10, 5).tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    assert grouped(3, 5).tolist() == [0, 1, 2]
    assert grouped(0, 5).tolist() == []
