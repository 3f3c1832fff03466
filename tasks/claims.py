"""What annotations are to predictions: found by one, or what one took for another class, or what one could have found.

All in the first area range at the lowest threshold.
"""

import numpy as np
import pyarrow as pa

from schemas.judging import Claims
from schemas.records import Array
from tasks.columns import nullable, numbers, only_read
from tasks.kernels.claimants import Claimants, Nearby, claimants
from tasks.kernels.matching import Matches

CLAIM_COLUMNS = Claims._fields


def claimants_of(matching: Matches, ignored: Array, score: Array, threshold: float) -> Claimants:
    """Who has to do with each annotation.

    `ignored` uint64[G] as of Annotations, `score` float64[D], `threshold` the lowest. Without detections: nobody.
    """
    nearby = Nearby(
        matching.best_similarity,
        matching.best_annotation,
        matching.best_other_similarity,
        matching.best_other_annotation,
        matching.error,
        only_read(score),
    )
    of_ignored = matching.rows[~matching.counted[:, 0, 0] & ~matching.true_positive[:, 0, 0]]
    counts = ignored & np.uint64(1) == 0
    return claimants(nearby, of_ignored, np.ascontiguousarray(matching.gt_matched[:, 0, 0]), counts, threshold)


def claims_of(claimants: Claimants, score: Array, category: Array) -> Claims:
    """The same by score and class, of detections' score float64[D] and category int32[D]."""
    finder, confused, mender = claimants
    return Claims(
        _of(score, finder, np.nan),
        _of(category, confused, -1),
        _of(score, confused, np.nan),
        _of(category, mender, -1),
        _of(score, mender, np.nan),
    )


def _of(values: Array, who: Array, nobody: float) -> Array:
    """What each of the detections `who` has; `nobody` where it is -1."""
    found, there = np.full(len(who), nobody, values.dtype), who >= 0
    found[there] = values.take(who[there])
    return found


def claim_columns(claimants: Claimants, found: pa.Table) -> dict[str, pa.Array]:
    """The same as columns of `ground_truth_matches`; `found` has the detections' score and category_key."""
    claims = claims_of(claimants, numbers(found["score"]), numbers(found["category_key"]))
    partners = (claimants.finder, *(who for who in claimants[1:] for _ in range(2)))
    columns = zip(CLAIM_COLUMNS, claims, partners, strict=True)
    return {name: nullable(values, partner >= 0) for name, values, partner in columns}


def read_claims(truth: pa.Table, dense: Array) -> Claims:
    """Back from those columns; `dense` gives the position of a class by its key."""
    positions = np.append(dense, np.int32(-1))
    values = [
        positions[numbers(truth[name], missing=-1)] if name.endswith("category") else numbers(truth[name])
        for name in CLAIM_COLUMNS
    ]
    return Claims(*values)
