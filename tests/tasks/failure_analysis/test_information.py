"""Mutual information as scikit-learn has it, and how far chance goes."""

import numpy as np
import pytest
from sklearn.feature_selection import mutual_info_regression

from tasks.failure_analysis.information import LEAST_SAMPLES, correlation, information, mutual_information

COLUMNS = {
    "continuous": lambda rng, n: rng.lognormal(size=n),
    "whole numbers": lambda rng, n: rng.integers(0, 30, n).astype(float),
    "mostly one value": lambda rng, n: np.where(rng.random(n) < 0.9, 1.0, rng.random(n)),
    "two values": lambda rng, n: rng.integers(0, 2, n).astype(float),
    "huge": lambda rng, n: 1e9 * rng.random(n),
}
OUTCOMES = {
    "IoU x TP": lambda rng, n: np.where(rng.random(n) < 0.3, 0.5 + rng.random(n) / 2, 0.0),
    "continuous": lambda rng, n: rng.normal(size=n),
    "right or wrong": lambda rng, n: rng.integers(0, 2, n).astype(float),
}


@pytest.mark.parametrize("n", [LEAST_SAMPLES, 60, 1500])
@pytest.mark.parametrize("outcome", OUTCOMES)
@pytest.mark.parametrize("column", COLUMNS)
def test_the_estimate_is_scikit_learns(column: str, outcome: str, n: int) -> None:
    """On the same rows, whatever is tied, related or not."""
    rng = np.random.default_rng(n)
    y = OUTCOMES[outcome](rng, n)
    for x in (COLUMNS[column](rng, n), COLUMNS[column](rng, n) * (1 + y)):
        expected = mutual_info_regression(x[:, None], y, random_state=42)[0]
        assert mutual_information(x, y) == pytest.approx(expected, abs=1e-9)


def test_a_column_that_decides_is_told_from_one_that_does_not() -> None:
    """The true pairing beats all permutations, or is one among them; fewer rows may be permuted than estimated."""
    rng = np.random.default_rng(3)
    y = np.where(rng.random(900) < 0.4, rng.random(900), 0.0)
    decides = information(y + rng.normal(scale=0.1, size=900), y, 50, 400)
    nothing = information(rng.normal(size=900), y, 50, 900)
    assert decides.p_value == 1 / 51
    assert decides.mutual > 5 * np.quantile(decides.permuted, 0.95)
    assert nothing.p_value > 0.05
    assert nothing.judged == nothing.mutual
    assert len(nothing.permuted) == 50


def test_the_same_rows_give_the_same_permutations() -> None:
    """Nothing depends on when or how often it is asked."""
    rng = np.random.default_rng(5)
    x, y = rng.random(200), rng.random(200)
    first, again = (information(x, y, 20, 100) for _ in range(2))
    assert (first.permuted == again.permuted).all()
    assert first.p_value == again.p_value


def test_correlation_is_pearsons() -> None:
    """Equal to numpy's; none where a column is constant."""
    rng = np.random.default_rng(1)
    x = rng.random(100)
    y = x + rng.random(100)
    assert correlation(x, y) == pytest.approx(np.corrcoef(x, y)[0, 1])
    assert correlation(x, np.ones(100)) is None
    assert correlation(x, 1 - 3 * x) == -1.0
