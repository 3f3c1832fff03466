"""Slices: what is planted is found first, what is chance is not found."""

import numpy as np
import pytest

from tasks.failure_analysis.bins import quantile_bins
from tasks.failure_analysis.counts import count
from tasks.failure_analysis.intervals import bonferroni, wilson
from tasks.failure_analysis.objects import Binning, Objects
from tasks.failure_analysis.slice_search import LEAST_OBJECTS, NONE, Found, failing_slices, members, news, overall_rate

AREA, BORDER, BRIGHT = 0, 1, 2


def objects(rate: float, n: int = 20_000, seed: int = 1) -> Objects:
    """Objects of four classes that are found at one rate, whatever they are like."""
    rng = np.random.default_rng(seed)
    values = rng.random((n, 3))
    hit = rng.random(n) < rate
    return Objects(np.arange(n), rng.integers(0, n // 5, n), rng.integers(0, 4, n), hit, hit * 0.8, values)


def failing(of: Objects, where: np.ndarray, rate: float) -> Objects:
    """The objects, of which those somewhere are found at another rate."""
    again = np.random.default_rng(7).random(len(where)) < rate
    return of._replace(hit=np.where(where, again, of.hit))


def found_in(of: Objects, among: tuple[int, ...] = (AREA, BORDER, BRIGHT)) -> tuple[Found, np.ndarray]:
    """Slices of news, and the bins of the objects."""
    binning = Binning(tuple(quantile_bins(column, 10) for column in of.values.T))
    bins = binning.of(of.values)
    counts = count(of, binning, 4)
    found = failing_slices(counts, binning, among)
    return news(found, overall_rate(counts), bins, of.category, of.hit, 50), bins


def test_chance_is_not_found() -> None:
    """Of thousands of slices none is surely worse where nothing is."""
    found, _ = found_in(objects(0.7))
    assert found.looks > 1000
    assert len(found.drop) == 0


def test_small_boxes_near_the_border_come_first() -> None:
    """Two conditions together; neither by itself is told of as well, as what else it holds does not fail."""
    some = objects(0.9)
    planted = (some.values[:, AREA] <= 0.2) & (some.values[:, BORDER] >= 0.8)
    found, bins = found_in(failing(some, planted, 0.2))
    first = members(found.slices, 0, bins, some.category)
    assert (first == planted).mean() > 0.995
    assert {found.slices.first[0], found.slices.second[0]} == {AREA, BORDER}
    assert found.drop[0] > 0.5
    assert len(found.drop) == 1


def test_one_condition_is_not_dressed_up_as_two() -> None:
    """A second one must make it surely worse."""
    some = objects(0.9)
    found, _ = found_in(failing(some, some.values[:, AREA] > 0.7, 0.4))
    assert (found.slices.first[0], found.slices.second[0], found.slices.category[0]) == (AREA, NONE, NONE)
    assert (found.slices.first_low[0], found.slices.first_high[0]) == (7, 9)
    assert len(found.drop) == 1


@pytest.mark.parametrize("stretch", [(0.0, 1.0), (0.3, 0.6)])
def test_a_class_is_found_whole_or_in_part(stretch: tuple[float, float]) -> None:
    """A class that fails everywhere is a slice; one that fails at a certain brightness is one with it."""
    some, (low, high) = objects(0.9), stretch
    value = some.values[:, BRIGHT]
    planted = (some.category == 2) & (value >= low) & (value < high)
    found, bins = found_in(failing(some, planted, 0.3))
    first = members(found.slices, 0, bins, some.category)
    assert found.slices.category[0] == 2
    assert found.slices.first[0] == (NONE if stretch == (0.0, 1.0) else BRIGHT)
    assert (first & ~planted).sum() < 0.01 * planted.sum()
    assert (first & planted).sum() > 0.6 * planted.sum()


def test_the_bound_is_wilsons_for_all_looks_together() -> None:
    """The drop that is told is what is left below the upper bound; it falls from slice to slice."""
    some = objects(0.9)
    found, _ = found_in(failing(some, some.values[:, AREA] < 0.3, 0.5))
    slices = found.slices
    _, upper = wilson(slices.hits, slices.objects, bonferroni(found.looks))
    overall = 0.9 * 0.7 + 0.5 * 0.3
    assert found.upper == pytest.approx(upper)
    assert found.drop == pytest.approx(overall - upper, abs=0.01)
    assert (np.diff(found.drop) <= 0).all()


def test_few_objects_prove_nothing() -> None:
    """Fewer than thirty are not looked at, whatever their rate; no objects, and no metrics, are no error."""
    some = objects(0.9, n=200)
    rare = some._replace(category=np.where(np.arange(200) < LEAST_OBJECTS - 1, 3, 0))
    found, _ = found_in(failing(rare, rare.category == 3, 0.0))
    assert (found.slices.objects >= LEAST_OBJECTS).all()
    assert not (found.slices.category == 3).any()
    assert len(found_in(objects(0.9, n=0))[0].drop) == 0
    assert len(found_in(some, among=())[0].drop) == 0


def test_metrics_that_are_left_out_make_no_slices() -> None:
    """Though they would explain it all."""
    some = objects(0.9)
    found, _ = found_in(failing(some, some.values[:, AREA] < 0.3, 0.1), among=(BORDER, BRIGHT))
    assert len(found.drop) == 0
