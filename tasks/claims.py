"""What annotations are to predictions: found by one, or what one took for another class, or what one could have found.

All in the first area range at the lowest threshold.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from schemas.judging import Claims
from schemas.records import Array
from tasks.columns import nullable, numbers
from tasks.kernels.matching import Matches
from tasks.kernels.tide import BACKGROUND_IOU, CLASS, LOCATION
from tasks.match_tables import bits

CLAIM_COLUMNS = Claims._fields


class Claimants(NamedTuple):
    """Detections by place, int32[G]; -1: none."""

    finder: Array
    confused: Array
    """The best scored Cls error whose best annotation out of class it is."""
    mender: Array
    """Of what nobody found: the best scored Cls or Loc error, ignored or not, that has it as its best annotation."""


def _best_scored(rows: Array, annotation: Array, score: Array, count: int) -> Array:
    """int32[count]: of the detections `rows` (ascending) the best scored whose `annotation` is the place; of equals the
    first.
    """
    of_rows = score.take(rows)
    highest = np.full(count, -np.inf)
    np.maximum.at(highest, annotation, of_rows)
    last_first = np.flatnonzero(of_rows == highest[annotation])[::-1]
    best = np.full(count, -1, np.int32)
    best[annotation[last_first]] = rows[last_first]
    return best


def _errors(matching: Matches, threshold: float) -> Array:
    """uint8[D]: Cls and Loc among the reasons, and those of ignored detections, for which there is no reason else."""
    error = matching.error.copy()
    ignored = matching.rows[~matching.counted[:, 0, 0] & ~matching.true_positive[:, 0, 0]]
    best, other = matching.best_similarity[ignored], matching.best_other_similarity[ignored]
    near = (best >= BACKGROUND_IOU) & (best <= threshold)
    error[ignored] = np.where(near, LOCATION, np.where(other >= threshold, CLASS, 0))
    return error


def claimants_of(matching: Matches, ignored: Array, score: Array, threshold: float) -> Claimants:
    """Who has to do with each annotation.

    `ignored` uint64[G] as of Annotations, `score` float64[D], `threshold` the lowest. Without detections: nobody.
    """
    counts = ~bits(ignored, 1)[:, 0]
    finder = np.where(counts, matching.gt_matched[:, 0, 0], np.int32(-1))
    confused = np.flatnonzero(matching.error == CLASS)
    error = _errors(matching, threshold)
    wrong = np.flatnonzero((error == CLASS) | (error == LOCATION))
    best = np.where(error == CLASS, matching.best_other_annotation, matching.best_annotation)
    mender = _best_scored(wrong, best[wrong], score, len(counts))
    return Claimants(
        finder,
        _best_scored(confused, matching.best_other_annotation[confused], score, len(counts)),
        np.where(counts & (finder < 0), mender, np.int32(-1)),
    )


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
