"""How much a metric says about an outcome: mutual information, its permutations, and Pearson's correlation.

The estimate is that of scikit-learn's `mutual_info_regression` with `random_state=42`, on the same rows in the same
order, noise included. It is computed here because the permutations need it thousands of times: a kernel does in
milliseconds what trees of neighbours built anew take a hundred for, and nobody who runs boxscore needs scikit-learn.
"""

from typing import NamedTuple

import numpy as np

from schemas.judging import Array
from tasks.failure_analysis.sampling import SEED
from tasks.kernels.neighbour_information import Axis, Strata, neighbour_information

LEAST_SAMPLES = 4
"""Below, no point has three others."""
_NOISE = 1e-10
_CLUMP = 1e-7
"""Far above the noise: what is nearer was equal before."""
_STRATUM = 128


class Information(NamedTuple):
    """What a metric says about an outcome."""

    mutual: float
    """nats, 0 or more"""
    permuted: Array
    """float64[P]: the same where it says nothing, for outcomes dealt out anew"""
    judged: float
    """nats: of the rows that were permuted, which may be fewer"""

    @property
    def p_value(self) -> float:
        """Share of pairings, the true one among them, whose information is that of the true one or more."""
        return float((1 + (self.permuted >= self.judged).sum()) / (1 + len(self.permuted)))


def _noisy(values: Array, noise: Array) -> Array:
    """float64[n] in standard deviations, with noise that tells equal values apart."""
    scaled = values / (np.std(values) or 1.0)
    return scaled + _NOISE * max(1.0, float(np.mean(np.abs(scaled)))) * noise


def _axis(ordered: Array) -> Axis:
    n = len(ordered)
    begins = np.flatnonzero(np.append(True, np.diff(ordered) > _CLUMP))
    sizes = np.diff(np.append(begins, n))
    return Axis(ordered, np.repeat(begins, sizes), np.repeat(begins + sizes - 1, sizes))


def _strata(xs: Axis, ys: Axis) -> Strata:
    """Stretches of some values; a clump is one, or a few where the other column has large clumps as well."""
    parts = max(1, round(float(np.sqrt((xs.last - xs.first + 1).max())) / 10))
    starts = [0]
    for begin in np.flatnonzero(ys.first == np.arange(len(ys.values))).tolist():
        end = int(ys.last[begin]) + 1
        if end - begin > _STRATUM:
            starts += np.linspace(begin, end, parts + 1).astype(int).tolist()
        elif end - starts[-1] >= _STRATUM:
            starts.append(end)
    bounds = np.unique(np.array([*starts, len(ys.values)], np.int64))
    return Strata(bounds, np.repeat(np.arange(len(bounds) - 1), np.diff(bounds)))


def _digamma(n: int) -> Array:
    """float64[n + 1]: psi of the whole numbers; the first is none."""
    harmonic = np.concatenate([[0.0], np.cumsum(1 / np.arange(1, n))])
    return np.concatenate([[np.nan], harmonic - np.euler_gamma])


def _estimates(x: Array, y: Array, orders: Array) -> Array:
    """float64[P]: mutual information of `x` with `y` in each of the orders int64[P, n]; 0 where it is below."""
    noise, n = np.random.RandomState(SEED), len(x)
    x, y = (_noisy(values, noise.standard_normal(n)) for values in (x, y))
    by_x, by_y = np.argsort(x, kind="stable"), np.argsort(y, kind="stable")
    xs, ys = _axis(x[by_x]), _axis(y[by_y])
    rank = np.empty(n, np.int64)
    rank[by_y] = np.arange(n)
    partners = np.ascontiguousarray(rank[orders][:, by_x])
    return np.maximum(neighbour_information(xs, ys, partners, _strata(xs, ys), _digamma(n)), 0.0)


def mutual_information(x: Array, y: Array) -> float:
    """Nats, of two columns float64[n] without nulls; n of LEAST_SAMPLES at least."""
    return float(_estimates(x, y, np.arange(len(x))[None])[0])


def information(x: Array, y: Array, permutations: int, most_permuted: int) -> Information:
    """The estimate on all rows; permutations on the first `most_permuted` of them, which are a sample by themselves."""
    some, outcome = x[:most_permuted], y[:most_permuted]
    deal = np.random.default_rng(SEED)
    orders = np.stack([np.arange(len(some)), *(deal.permutation(len(some)) for _ in range(permutations))])
    judged, *permuted = _estimates(some, outcome, orders)
    mutual = float(judged) if len(some) == len(x) else mutual_information(x, y)
    return Information(mutual, np.array(permuted), float(judged))


def correlation(x: Array, y: Array) -> float | None:
    """Pearson's; None where one of them does not vary."""
    x, y = x - x.mean(), y - y.mean()
    spread = float(np.sqrt((x * x).sum() * (y * y).sum()))
    return min(1.0, max(-1.0, float((x * y).sum()) / spread)) if spread > 0 else None
