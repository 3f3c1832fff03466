"""Spurious annotations, or hard ones: no set found them, though sets find such things."""

import numpy as np

from schemas.judging import Array
from tasks.label_errors.candidates import Candidates, candidates
from tasks.label_errors.evidence import Evidence, Standing


def candidates_of(evidence: Evidence, standing: Standing) -> Candidates:
    """Annotations that no set found, and on which none sees another class.

    The score is the mean over sets of expected recall x (1 - similarity of the nearest prediction of the class).
    """
    annotations = evidence.annotations
    unseen = np.logical_and.reduce([~(seen.hit | seen.confused) for seen in evidence.seen])
    rows = np.flatnonzero(unseen)
    expected = expected_recall(standing, annotations.position[rows], annotations.box[rows])
    near = np.stack([seen.near[rows] for seen in evidence.seen])
    score = (expected * (1 - near)).mean(axis=0)
    return candidates(
        score, annotations.unit[rows], np.ones((len(rows), len(near)), bool),
        annotation=annotations.key[rows], annotated=annotations.category[rows], overlap=near.max(axis=0),
    )  # fmt: skip


def expected_recall(standing: Standing, position: Array, box: Array) -> Array:
    """float64[S, n]: how often each set finds annotations of the class, or of the size: the lower of both."""
    tenth = np.searchsorted(standing.sizes[:-1], box[:, 2] * box[:, 3], side="left")
    return np.minimum(standing.recall[:, position], standing.recall_by_size[:, tenth])
