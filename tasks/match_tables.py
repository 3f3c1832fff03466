"""Rows of `matches` and `ground_truth_matches`, and the arrays that metrics read back from them."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from schemas.judging import Annotations, Detections
from schemas.records import Array, Pairs, Rules
from tasks.columns import constant, nullable, numbers, only_read, place, with_bitmap
from tasks.kernels.matching import Matches
from tasks.kernels.pairs import similarities
from tasks.kernels.partners import Partners, partners

TP, MISS, IGNORED = 0, 1, 2
"""Outcome codes; MISS is FP for predictions and FN for annotations."""
ERRORS = ("Cls", "Loc", "Both", "Dupe", "Bkg")
"""TIDE's reasons, in the order of the kernel's codes from 1."""


def bits(words: Array, ranges: int) -> Array:
    """bool[n, A] of uint64 bit masks."""
    return (words[:, None] >> np.arange(ranges, dtype=np.uint64)) & np.uint64(1) != 0


def _outcomes(found: Array, counted: Array) -> Array:
    """int8[n, A, T] codes of what is found (TP), missed, or not counted."""
    return np.where(found, np.int8(TP), np.where(counted, np.int8(MISS), np.int8(IGNORED)))


def _key_lists(partner: Array, keys: Array) -> pa.Array:
    """list<int64> column of partner int[m, T] positions; -1 is null."""
    found = _partners(partner.ravel(), keys)
    return _lists(_where_there(found.key, found), partner.shape)


def _partners(position: Array, keys: Array) -> Partners:
    return partners(only_read(position), only_read(keys))


def _where_there(values: Array, found: Partners) -> pa.Array:
    """A column of numbers that is null for nobody."""
    return with_bitmap(values, pa.py_buffer(found.there) if found.nobody else None, found.nobody)


def _outcome_lists(codes: Array, miss: str) -> pa.Array:
    """list<dictionary> column; the words in their order, as they are written."""
    words = [miss, "TP", "ignored"]
    position = np.argsort([MISS, TP, IGNORED]).astype(np.int32)
    return _lists(pa.DictionaryArray.from_arrays(pa.array(position.take(codes.ravel())), pa.array(words)), codes.shape)


def _lists(values: pa.Array, shape: tuple[int, ...]) -> pa.Array:
    return pa.ListArray.from_arrays(pa.array(np.arange(shape[0] + 1, dtype=np.int32) * shape[1]), values)


def _otherwise(partner: Array, codes: Array, outside: Array) -> Array:
    """bool[n, A - 1]: where a range says other than the first does of what lies in it, and ignored of what does not.

    `partner` and `codes` [n, A, T], `outside` bool[n, A]. Whom an ignored row matched is no difference.
    """
    first, others = codes[:, :1], codes[:, 1:]
    expected = np.where(outside[:, 1:, None], np.int8(IGNORED), first)
    other_partner = (partner[:, 1:] != partner[:, :1]) & (others != IGNORED)
    return ((others != expected) | other_partner).any(axis=2)


def _ranges(there: Array, partner: Array, codes: Array, keys: Array, miss: str, rules: Rules) -> pa.Array:
    """list<struct> column: an entry for each area range after the first that is `there` (bool[n, A - 1])."""
    rows, which = np.nonzero(there)
    names = pa.array([bounds.name for bounds in rules.area_ranges[1:]], pa.string())
    entries = pa.StructArray.from_arrays(
        [
            pa.DictionaryArray.from_arrays(pa.array(which.astype(np.int32)), names),
            _key_lists(partner[rows, which + 1], keys),
            _outcome_lists(codes[rows, which + 1], miss),
        ],
        names=["area_range", "keys", "outcomes"],
    )
    offsets = np.concatenate([[0], np.cumsum(there.sum(axis=1))]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), entries)


def _near(position: Array, similarity: Array, keys: Array) -> tuple[pa.Array, pa.Array]:
    """(similarity, key) columns; null where `position` is -1."""
    found = _partners(position, keys)
    return _where_there(similarity, found), _where_there(found.key, found)


def _constants(labels: Mapping[str, str], rows: int) -> dict[str, pa.Array]:
    return {name: constant(labels[name], rows) for name in ("prediction_set", "protocol", "rules")}


def _errors(codes: Array) -> pa.Array:
    indices = nullable(np.maximum(codes.astype(np.int32) - 1, 0), codes != 0)
    return pa.DictionaryArray.from_arrays(indices, pa.array(ERRORS))


def matched_similarity(matching: Matches, near: Pairs, detections: int) -> Array:
    """float64[D]: with the annotation matched at the lowest threshold in the first range; NaN where there is none."""
    partner = matching.matched[:, 0, 0]
    rows, partner = matching.rows[partner >= 0].astype(np.int64), partner[partner >= 0]
    found = np.full(detections, np.nan)
    found[rows] = similarities(*near, rows, partner)
    return found


def detection_rows(
    found: Detections,
    truth: Annotations,
    matching: Matches,
    similarity: Array,
    rules: Rules,
    labels: Mapping[str, str],
) -> pa.Table:
    """Rows of MATCHES in group order, D of them; `similarity` as from `matched_similarity`."""
    table, count = found.side.table, len(found.rank)
    keys = numbers(truth.side.table["annotation_key"])
    rows, partner = matching.rows, matching.matched
    codes = _outcomes(matching.true_positive, matching.counted)
    whole = (partner[:, 0] >= 0).any(axis=1)
    there = _otherwise(partner, codes, bits(found.outside[rows], len(rules.area_ranges)))
    parts = there.any(axis=1)
    best = _near(matching.best_annotation, matching.best_similarity, keys)
    other = _near(matching.best_other_annotation, matching.best_other_similarity, keys)
    return pa.table(
        {
            **_constants(labels, count),
            **{name: table[name] for name in ("prediction_key", "unit_key", "category_key", "score")},
            "rank": pa.array(found.rank),
            "ranges_outside": pa.array(found.outside.view(np.int64)),
            "annotation_keys": place(_key_lists(partner[whole, 0], keys), rows[whole], count),
            "outcomes": place(_outcome_lists(codes[whole, 0], "FP"), rows[whole], count),
            "ranges": place(_ranges(there[parts], partner[parts], codes[parts], keys, "FP", rules), rows[parts], count),
            "matched_similarity": nullable(similarity, ~np.isnan(similarity)),
            "best_similarity": best[0],
            "best_annotation_key": best[1],
            "best_other_similarity": other[0],
            "best_other_annotation_key": other[1],
            "error": _errors(matching.error),
        }
    )


def truth_rows(
    found: Detections,
    truth: Annotations,
    matching: Matches,
    claims: Mapping[str, pa.Array],
    rules: Rules,
    labels: Mapping[str, str],
) -> pa.Table:
    """Rows of GROUND_TRUTH_MATCHES in group order, G of them; `claims` as from `claim_columns`."""
    table, partner = truth.side.table, matching.gt_matched
    keys, ranges = numbers(found.side.table["prediction_key"]), len(rules.area_ranges)
    counted = ~bits(truth.ignored, ranges)[:, :, None]
    codes = _outcomes((partner >= 0) & counted, counted)
    near = _near(matching.near_detection, matching.near_similarity, keys)
    return pa.table(
        {
            **_constants(labels, len(table)),
            **{name: table[name] for name in ("annotation_key", "unit_key", "category_key")},
            "prediction_keys": _key_lists(partner[:, 0], keys),
            "outcomes": _outcome_lists(codes[:, 0], "FN"),
            "ranges": _ranges((codes[:, 1:] != IGNORED).any(axis=2), partner, codes, keys, "FN", rules),
            "near_similarity": near[0],
            "near_prediction_key": near[1],
            **claims,
        }
    )
