"""Wrong classes: predictions that can be trusted lie on an annotation of another class."""

import numpy as np

from schemas.judging import Array
from tasks.label_errors.candidates import Candidates, candidates
from tasks.label_errors.evidence import Annotations, Evidence, Found, Seen, Standing
from tasks.label_errors.trust import Trust


def candidates_of(evidence: Evidence, standing: Standing) -> Candidates:
    """One for each annotation and predicted class, where the similarity is that of a match.

    The score is the mean over all sets of trust x similarity of a set's best such prediction: 0 where it has none, or
    found the annotation in its own class.
    """
    annotations, sets = evidence.annotations, len(evidence.found)
    columns = [
        _others(found, seen, annotations, trust, standing.threshold)
        for found, seen, trust in zip(evidence.found, evidence.seen, standing.trust, strict=True)
    ]
    which = np.repeat(np.arange(sets), [len(column[0]) for column in columns])
    row, category, key, sure, similarity = (np.concatenate(parts) for parts in zip(*columns, strict=True))
    pairs, pair = np.unique(np.stack([row, category], axis=1), axis=0, return_inverse=True)
    value = sure * similarity
    by_set = np.zeros((len(pairs), sets))
    np.maximum.at(by_set, (pair, which), value)
    order = np.lexsort((key, -value, pair))
    best = order[np.unique(pair[order], return_index=True)[1]]
    row = pairs[:, 0]
    return candidates(
        by_set.mean(axis=1), annotations.unit[row], by_set > 0,
        annotation=annotations.key[row], annotated=annotations.category[row],
        prediction=key[best], predicted=pairs[:, 1], overlap=similarity[best],
    )  # fmt: skip


def _others(found: Found, seen: Seen, annotations: Annotations, trust: Trust, threshold: float) -> tuple[Array, ...]:
    """(row of the annotation, class, key, trust, similarity) of predictions on annotations of another class."""
    rows = np.flatnonzero(~found.hit & (found.other_similarity >= threshold))
    place = np.searchsorted(annotations.key, found.other_annotation[rows])
    known = place < len(annotations.key)
    known[known] = annotations.key[place[known]] == found.other_annotation[rows][known]
    known[known] = ~seen.hit[place[known]]
    rows, place = rows[known], place[known]
    sure = trust.of(found.score[rows])
    return place, found.category[rows], found.key[rows], sure, found.other_similarity[rows]
