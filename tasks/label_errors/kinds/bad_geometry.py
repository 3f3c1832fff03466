"""Bad geometry: several sets agree with one another on where an object is, and not with its annotation."""

import numpy as np

from schemas.judging import Array
from tasks.label_errors.candidates import Candidates, candidates
from tasks.label_errors.evidence import NONE, Evidence, Found, Standing
from tasks.label_errors.trust import Trust


def candidates_of(evidence: Evidence, standing: Standing) -> Candidates:
    """Annotations near which two sets at least see their class. None from one set alone.

    Hulls are compared. `expected` has the median of the corners that the sets give; agreement is the mean IoU of their
    hulls with it, overlap the annotation's. The score is (agreement - overlap) x mean trust over all sets.
    """
    annotations = evidence.annotations
    seen = [
        _near(found, seen.near_key, trust)
        for found, seen, trust in zip(evidence.found, evidence.seen, standing.trust, strict=True)
    ]
    boxes, trust = (np.stack(parts, axis=1) for parts in zip(*seen, strict=True))
    given = ~np.isnan(boxes[:, :, 0])
    rows = np.flatnonzero(given.sum(axis=1) >= 2)
    boxes, given = boxes[rows], given[rows]
    expected = _consensus(boxes)
    agreement = np.nanmean(hull_iou(boxes, expected[:, None]), axis=1)
    overlap = hull_iou(annotations.box[rows], expected)
    score = np.maximum(agreement - overlap, 0) * trust[rows].mean(axis=1)
    best = np.argmax(np.where(given, trust[rows], -1), axis=1)
    keys = np.stack([seen.near_key[rows] for seen in evidence.seen], axis=1)
    return candidates(
        score, annotations.unit[rows], given,
        annotation=annotations.key[rows], annotated=annotations.category[rows],
        prediction=keys[np.arange(len(rows)), best], predicted=annotations.category[rows],
        overlap=overlap, expected=expected,
    )  # fmt: skip


def _near(found: Found, keys: Array, trust: Trust) -> tuple[Array, Array]:
    """(float64[G, 4] hulls of a set's predictions nearest to annotations, NaN without; float64[G] trust in them)."""
    order = np.argsort(found.key)
    place = np.searchsorted(found.key[order], keys)
    known = (keys != NONE) & (place < len(found.key))
    known[known] = found.key[order][place[known]] == keys[known]
    rows = order[place[known]]
    boxes, sure = np.full((len(keys), 4), np.nan), np.zeros(len(keys))
    boxes[known], sure[known] = found.box[rows], trust.of(found.score[rows])
    return boxes, sure


def _consensus(boxes: Array) -> Array:
    """float64[n, 4]: median of the corners of hulls float64[n, S, 4]."""
    corners = np.concatenate([boxes[..., :2], boxes[..., :2] + boxes[..., 2:]], axis=-1)
    middle = np.nanmedian(corners, axis=1)
    return np.concatenate([middle[:, :2], middle[:, 2:] - middle[:, :2]], axis=-1)


def hull_iou(one: Array, other: Array) -> Array:
    """float64[...]: IoU of hulls float64[..., 4]; 0 where both are empty, NaN where one is not there."""
    low = np.maximum(one[..., :2], other[..., :2])
    high = np.minimum(one[..., :2] + one[..., 2:], other[..., :2] + other[..., 2:])
    shared = np.prod(np.maximum(high - low, 0), axis=-1)
    union = np.prod(one[..., 2:], axis=-1) + np.prod(other[..., 2:], axis=-1) - shared
    return np.where(union == 0, 0.0, shared / np.where(union == 0, 1.0, union))
