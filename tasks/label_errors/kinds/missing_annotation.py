"""Missing annotations: predictions that can be trusted and lie on nothing."""

import numpy as np

from schemas.judging import Array
from tasks.kernels.box_clusters import box_clusters
from tasks.label_errors.candidates import Candidates, candidates, groups
from tasks.label_errors.evidence import Evidence, Found, Standing
from tasks.label_errors.trust import Trust

_SAME_PLACE = 0.5
"""IoU from which predictions of one class mean one object."""
_LEAST_TRUST = 0.02
"""Predictions below are in no set's favour."""


def candidates_of(evidence: Evidence, standing: Standing) -> Candidates:
    """One for each place where predictions of one class lie that touch no annotation (similarity below 0.1 with all).

    The score is the mean over all sets of the trust in a set's most trusted prediction there, 0 where it has none.
    """
    columns = [_alone(found, trust) for found, trust in zip(evidence.found, standing.trust, strict=True)]
    which = np.repeat(np.arange(len(columns)), [len(column[0]) for column in columns])
    key, unit, category, trust, box = (np.concatenate(parts) for parts in zip(*columns, strict=True))
    order = np.lexsort((key, -trust, category, unit))
    which, key, unit, category, trust, box = (column[order] for column in (which, key, unit, category, trust, box))
    leader = box_clusters(np.ascontiguousarray(box), groups(unit, category), _SAME_PLACE)
    by_set = np.zeros((len(key), len(columns)))
    np.maximum.at(by_set, (leader, which), trust)
    leads = leader == np.arange(len(key))
    return candidates(
        by_set[leads].mean(axis=1), unit[leads], by_set[leads] > 0,
        prediction=key[leads], predicted=category[leads], expected=box[leads],
    )  # fmt: skip


def _alone(found: Found, trust: Trust) -> tuple[Array, ...]:
    """(key, unit, class, trust, box) of a set's predictions that lie on nothing."""
    sure = trust.of(found.score)
    rows = ~found.hit & (found.similarity == 0) & (found.other_similarity == 0) & (sure >= _LEAST_TRUST)
    return found.key[rows], found.unit[rows], found.category[rows], sure[rows], found.box[rows]
