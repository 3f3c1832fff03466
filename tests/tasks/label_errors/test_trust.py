"""Trust in scores: isotonic regression."""

import numpy as np
import pytest
from sklearn.isotonic import IsotonicRegression

from tasks.label_errors.trust import trust_of


@pytest.mark.parametrize("seed", range(4))
def test_shares_are_those_of_scikit_learn(seed: int) -> None:
    """On the scores it was made of, ties or not."""
    rng = np.random.default_rng(seed)
    scores = rng.random(300).round(seed)
    hits = rng.random(300) < scores
    expected = IsotonicRegression().fit(scores, hits).predict(scores)
    assert trust_of(scores, hits).of(scores) == pytest.approx(expected)


def test_scores_between_and_beyond() -> None:
    """A score belongs to the step below it; the lowest step takes all below."""
    trust = trust_of(np.array([1.0, 1, 5, 5]), np.array([True, False, True, True]))
    assert trust.of(np.array([-9.0, 1, 4.9, 5, 99])).tolist() == [0.5, 0.5, 0.5, 1, 1]


def test_nothing_is_trusted_where_nothing_is_known() -> None:
    """No predictions, no trust."""
    assert trust_of(np.empty(0), np.empty(0, bool)).of(np.array([0.9])).tolist() == [0.0]
