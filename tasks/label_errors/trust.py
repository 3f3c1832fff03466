"""How far a prediction can be trusted: the share of true ones among those of such a score, whatever scores mean."""

from typing import NamedTuple

import numpy as np

from schemas.judging import Array


class Trust(NamedTuple):
    """A rising step function of the score."""

    scores: Array
    """float64[B]: lowest score of each step, ascending"""
    shares: Array
    """float64[B]: share of true positives, ascending"""

    def of(self, scores: Array) -> Array:
        """float64[n], 0 to 1; 0 where nothing is known."""
        if not len(self.scores):
            return np.zeros(len(scores))
        place = np.searchsorted(self.scores, scores, side="right") - 1
        return self.shares[np.maximum(place, 0)]


def trust_of(scores: Array, hits: Array) -> Trust:
    """Isotonic regression of `hits` bool[n] on scores float64[n]: neighbours are pooled until the shares rise.

    Ayer et al., Ann. Math. Stat. 26 (1955). Equal scores have one share; without predictions there is no step.
    """
    order = np.argsort(scores, kind="stable")
    values, first = np.unique(scores[order], return_index=True)
    right = np.add.reduceat(hits[order].astype(float), first) if len(first) else np.empty(0)
    counts = np.diff(np.append(first, len(scores))).astype(float)
    pools: list[tuple[float, float, float]] = []
    for pool in zip(values.tolist(), right.tolist(), counts.tolist(), strict=True):
        pools.append(pool)
        while len(pools) > 1 and pools[-2][1] * pools[-1][2] >= pools[-1][1] * pools[-2][2]:
            _, hit, count = pools.pop()
            start, before, size = pools.pop()
            pools.append((start, before + hit, size + count))
    steps = np.array(pools).reshape(-1, 3)
    return Trust(steps[:, 0], steps[:, 1] / steps[:, 2])
