"""Duplicates: two annotations of one class on one another, of which sets find one at most."""

import numpy as np

from tasks.kernels.box_clusters import closest_boxes
from tasks.label_errors.candidates import Candidates, candidates, groups
from tasks.label_errors.evidence import Evidence, Standing

POSSIBLE = 0.6
"""IoU from which Encord Active calls objects a possible duplicate."""


def candidates_of(evidence: Evidence, standing: Standing) -> Candidates:
    """A pair once, under the annotation of the higher key. Hulls are compared.

    The score is their IoU x the share of the sets that did not find both.
    """
    annotations = evidence.annotations
    order = np.lexsort((annotations.key, annotations.position, annotations.unit))
    key, unit, position = (column[order] for column in (annotations.key, annotations.unit, annotations.position))
    overlap, partner = closest_boxes(np.ascontiguousarray(annotations.box[order]), groups(unit, position))
    place = np.arange(len(order))
    mutual = (partner >= 0) & (partner[partner] == place)
    rows = np.flatnonzero((overlap >= POSSIBLE) & ((partner < place) | ~mutual))
    one, other = order[rows], order[partner[rows]]
    agree = np.stack([~(seen.hit[one] & seen.hit[other]) for seen in evidence.seen], axis=1)
    return candidates(
        overlap[rows] * agree.mean(axis=1), unit[rows], agree,
        annotation=key[rows], other_annotation=key[partner[rows]], annotated=annotations.category[one],
        overlap=overlap[rows],
    )  # fmt: skip
