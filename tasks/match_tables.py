"""Rows of `matches` and `ground_truth_matches`, and the arrays that metrics read back from them."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from schemas.judging import Annotations, Detections
from schemas.records import Array, Pairs, Rules
from tasks.columns import constant, nullable, numbers, only_read, with_bitmap
from tasks.kernels.matching import Matches
from tasks.kernels.outcomes import IGNORED, Lists, lists_of, said_of, worth_saying
from tasks.kernels.pairs import similarities
from tasks.kernels.partners import Partners, partners

ERRORS = ("Cls", "Loc", "Both", "Dupe", "Bkg")
"""TIDE's reasons, in the order of the kernel's codes from 1."""


class Answers(NamedTuple):
    """What matching said of n rows of a side."""

    partner: Array
    """int32[n, A, T]: positions on the other side; -1: nobody."""
    outcome: Array
    """uint8[n, A, T]"""
    keys: Array
    """int64 of the other side."""
    words: tuple[str, str, str]
    """Of the outcome codes."""

    def lists(self, lists: Lists, ranges: Array) -> tuple[pa.Array, pa.Array]:
        """(keys, outcomes) of all entries in `ranges` int32[M], one after another; a key is null for nobody."""
        said = said_of(lists.place, ranges, self.partner, self.outcome, only_read(self.keys))
        codes = pa.DictionaryArray.from_arrays(pa.array(said.outcome), pa.array(self.words), safe=False)
        return _where_there(said.whom.key, said.whom), codes


def _where_there(values: Array, found: Partners) -> pa.Array:
    """A column of numbers that is null for nobody."""
    return with_bitmap(values, pa.py_buffer(found.there) if found.nobody else None, found.nobody)


def _column(lists: Lists, items: pa.Array, every: bool) -> pa.Array:
    """A column of lists of the items; a row without is null, unless `every` row has a list, be it empty."""
    bitmap, nulls = (None, 0) if every or not lists.missing else (pa.py_buffer(lists.there), lists.missing)
    count = len(lists.ends) - 1
    return pa.Array.from_buffers(
        pa.list_(items.type), count, [bitmap, pa.py_buffer(lists.ends)], nulls, children=[items]
    )


def _first_range(said: Answers, matched: Array, rows: Array, count: int) -> dict[str, pa.Array]:
    """Columns of lists, keys and outcomes, of the first range; `matched` bool[n, 1]: rows that have them."""
    lists = lists_of(matched, rows, count, said.partner.shape[2])
    keys, outcomes = said.lists(lists, lists.which)
    return {"keys": _column(lists, keys, every=False), "outcomes": _column(lists, outcomes, every=False)}


def _other_ranges(said: Answers, there: Array, rows: Array, count: int, rules: Rules, every: bool) -> pa.Array:
    """list<struct> column: an entry for each area range after the first that is `there`, bool[n, A - 1]."""
    lists, thresholds = lists_of(there, rows, count, 1), said.partner.shape[2]
    names = pa.array([bounds.name for bounds in rules.area_ranges[1:]], pa.string())
    ends = pa.array(np.arange(len(lists.which) + 1, dtype=np.int32) * thresholds)
    each = (pa.ListArray.from_arrays(ends, items) for items in said.lists(lists, lists.which + np.int32(1)))
    area_range = pa.DictionaryArray.from_arrays(pa.array(lists.which), names, safe=False)
    entries = pa.StructArray.from_arrays([area_range, *each], names=["area_range", "keys", "outcomes"])
    return _column(lists, entries, every)


def _near(position: Array, similarity: Array, keys: Array) -> tuple[pa.Array, pa.Array]:
    """(similarity, key) columns; null where `position` is -1."""
    found = partners(only_read(position), only_read(keys))
    return _where_there(similarity, found), _where_there(found.key, found)


def _constants(labels: Mapping[str, str], rows: int) -> dict[str, pa.Array]:
    return {name: constant(labels[name], rows) for name in ("prediction_set", "protocol", "rules")}


def _errors(codes: Array) -> pa.Array:
    indices = nullable(np.maximum(codes.astype(np.int32) - 1, 0), codes != 0)
    return pa.DictionaryArray.from_arrays(indices, pa.array(ERRORS), safe=False)


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
    outcome: Array,
    similarity: Array,
    rules: Rules,
    labels: Mapping[str, str],
) -> pa.Table:
    """Rows of MATCHES in group order, D of them.

    `outcome` uint8[N, A, T] as from `detection_outcomes`, `similarity` as from `matched_similarity`.
    """
    table, count, rows = found.side.table, len(found.rank), matching.rows
    keys = numbers(truth.side.table["annotation_key"])
    said = Answers(matching.matched, outcome, keys, ("FP", "TP", "ignored"))
    matched, otherwise = worth_saying(matching.matched, outcome, found.outside[rows])
    first = _first_range(said, matched, rows, count)
    best = _near(matching.best_annotation, matching.best_similarity, keys)
    other = _near(matching.best_other_annotation, matching.best_other_similarity, keys)
    return pa.table(
        {
            **_constants(labels, count),
            **{name: table[name] for name in ("prediction_key", "unit_key", "category_key", "score")},
            "rank": pa.array(found.rank),
            "ranges_outside": pa.array(found.outside.view(np.int64)),
            "annotation_keys": first["keys"],
            "outcomes": first["outcomes"],
            "ranges": _other_ranges(said, otherwise, rows, count, rules, every=False),
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
    outcome: Array,
    claims: Mapping[str, pa.Array],
    rules: Rules,
    labels: Mapping[str, str],
) -> pa.Table:
    """Rows of GROUND_TRUTH_MATCHES in group order, G of them.

    `outcome` uint8[G, A, T] as from `annotation_outcomes`, `claims` as from `claim_columns`.
    """
    table, count = truth.side.table, len(outcome)
    keys, rows = numbers(found.side.table["prediction_key"]), np.arange(count, dtype=np.int32)
    said = Answers(matching.gt_matched, outcome, keys, ("FN", "TP", "ignored"))
    first = _first_range(said, np.ones((count, 1), bool), rows, count)
    counted = np.ascontiguousarray(outcome[:, 1:, 0] != IGNORED)  # at one threshold as at every other
    near = _near(matching.near_detection, matching.near_similarity, keys)
    return pa.table(
        {
            **_constants(labels, count),
            **{name: table[name] for name in ("annotation_key", "unit_key", "category_key")},
            "prediction_keys": first["keys"],
            "outcomes": first["outcomes"],
            "ranges": _other_ranges(said, counted, rows, count, rules, every=True),
            "near_similarity": near[0],
            "near_prediction_key": near[1],
            **claims,
        }
    )
