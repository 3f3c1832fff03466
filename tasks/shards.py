"""A bucket's stored matches as the arrays metrics work on."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.judging import Partners
from schemas.records import Array, MatchedDetections, MatchedShard, Rules
from tasks.claims import CLAIM_COLUMNS, read_claims
from tasks.columns import lookup, numbers, one_chunk, only_read
from tasks.kernels.counts import Found, Known
from tasks.kernels.outcomes import IGNORED, MISS, TP
from tasks.match_tables import ERRORS
from tasks.matchable import Classes
from tasks.storage import read_parts
from tasks.units import UnitIndex

_DETECTION_COLUMNS = ("unit_key", "category_key", "score", "rank", "ranges_outside", "error")
_TEXT_PATHS = (
    "outcomes.list.element",
    "ranges.list.element.area_range",
    "ranges.list.element.outcomes.list.element",
)
_ERROR_PATH = ("error",)
_ERRORS = {name: place for place, name in enumerate(ERRORS)}
_CODES = {"TP": TP, "FP": MISS, "FN": MISS, "ignored": IGNORED}


def _bits(words: Array, ranges: int) -> Array:
    """bool[n, A] of uint64 bit masks."""
    return (words[:, None] >> np.arange(ranges, dtype=np.uint64)) & np.uint64(1) != 0


def _codes(words: pa.Array) -> Array:
    """int8 codes of a flat column of outcome words."""
    encoded = words if isinstance(words, pa.DictionaryArray) else words.dictionary_encode()
    table = np.array([_CODES[word] for word in encoded.dictionary.to_pylist()] + [MISS], np.int8)
    return table[numbers(encoded.indices, missing=len(table) - 1)]


def _whole(column: pa.Array, thresholds: int) -> tuple[Array, Array]:
    """(rows with outcomes, int8[n, T] codes)."""
    return np.flatnonzero(column.is_valid()), _codes(column.drop_null().flatten()).reshape(-1, thresholds)


def _outcomes(table: pa.Table, rows: Array, outside: Array, rules: Rules) -> Array:
    """int8[E, A, T] codes of `rows` (ascending): those of the first range, of the others as `ranges` has them.

    A range that is left out says what the first does, and ignored where `outside` bool[E, A].
    """
    thresholds = len(rules.iou_thresholds)
    first = np.broadcast_to(np.where(outside[:, :1], IGNORED, MISS), (len(rows), thresholds)).astype(np.int8)
    whole, whole_codes = _whole(one_chunk(table["outcomes"]), thresholds)
    first[np.searchsorted(rows, whole)] = whole_codes
    codes = np.where(outside[:, :, None], np.int8(IGNORED), first[:, None])
    codes[:, 0] = first
    _overlay(codes, rows, one_chunk(table["ranges"]), rules)
    return codes


def _overlay(codes: Array, rows: Array, column: pa.Array, rules: Rules) -> None:
    """Write what the entries of `ranges` say into int8[E, A, T] codes of `rows`."""
    there, lists = np.flatnonzero(column.is_valid()), column.drop_null()
    entries = lists.flatten()
    if len(entries):
        positions = {bounds.name: a for a, bounds in enumerate(rules.area_ranges)}
        row = np.repeat(np.searchsorted(rows, there), np.diff(lists.offsets.to_numpy()))
        which = lookup(entries.field("area_range"), positions)
        codes[row, which] = _codes(entries.field("outcomes").flatten()).reshape(-1, codes.shape[2])


def _partners(matches: pa.Table, truth: pa.Table, event: Array, outside: Array, rules: Rules) -> Partners:
    """Who found whom: of the first range, of the others as `ranges` has them, else as the first."""
    truth_key, none = numbers(truth["annotation_key"]), -1
    keys = np.full((len(event), len(rules.area_ranges), len(rules.iou_thresholds)), none, np.int64)
    whole, column = np.flatnonzero(matches["annotation_keys"].is_valid()), one_chunk(matches["annotation_keys"])
    first = numbers(column.drop_null().flatten(), missing=none).reshape(-1, keys.shape[2])
    keys[np.searchsorted(event, whole)] = first[:, None]
    keys[outside] = none
    keys[np.searchsorted(event, whole), 0] = first
    there, entries = np.flatnonzero(matches["ranges"].is_valid()), one_chunk(matches["ranges"]).drop_null()
    said = entries.flatten()
    if len(said):
        row = np.repeat(np.searchsorted(event, there), np.diff(entries.offsets.to_numpy()))
        which = lookup(said.field("area_range"), {bounds.name: a for a, bounds in enumerate(rules.area_ranges)})
        keys[row, which] = numbers(said.field("keys").flatten(), missing=none).reshape(-1, keys.shape[2])
    return Partners(truth_key, _places_of(keys, truth_key))


def _places_of(keys: Array, known: Array) -> Array:
    """int32 of the shape of `keys`: the place of each key from 0 up in `known`; -1 where it is not there."""
    order, found = np.argsort(known, kind="stable"), np.full(keys.shape, -1, np.int32)
    asked = keys[keys >= 0]
    if len(order):
        at = order[np.minimum(np.searchsorted(known[order], asked), len(order) - 1)]
        found[keys >= 0] = np.where(known[at] == asked, at, -1)
    return found


def _places(table: pa.Table, units: UnitIndex, dense: Array) -> tuple[Array, Array]:
    """(row of the unit index, position of the category) of each row."""
    row_of = np.zeros(int(units.unit_key.max(initial=0)) + 1, np.int64)
    row_of[units.unit_key] = np.arange(len(units.unit_key))
    return row_of[numbers(table["unit_key"])], dense[numbers(table["category_key"])]


def detections_of(matches: pa.Table, units: UnitIndex, classes: Classes, rules: Rules) -> MatchedDetections:
    """All detections of a bucket's `matches`, whatever they matched."""
    unit, category = _places(matches, units, classes.dense)
    return MatchedDetections(
        unit,
        category,
        numbers(matches["score"]),
        units.ties(rules.tie_order)[unit],
        numbers(matches["rank"]),
        numbers(matches["ranges_outside"]).view(np.uint64),
        (lookup(matches["error"], _ERRORS) + 1).astype(np.uint8),
    )


def sides_of(shard: MatchedShard) -> tuple[Found, Known]:
    """The shard as kernels count it."""
    detections = shard.detections
    found = Found(
        only_read(detections.unit),
        only_read(detections.category),
        only_read(detections.rank),
        only_read(detections.outside),
        only_read(shard.event),
        only_read(shard.event_tp),
        only_read(shard.event_counted),
    )
    truth = (shard.truth_unit, shard.truth_category, shard.truth_found, shard.truth_counted)
    return found, Known(*map(only_read, truth))


def shard_of(
    matches: pa.Table, truth: pa.Table, units: UnitIndex, classes: Classes, rules: Rules, partners: bool = False
) -> MatchedShard:
    """The shard of a bucket's `matches` and `ground_truth_matches`; empty tables give empty arrays.

    With `partners`, it says whom each event found; then the tables have both keys.
    """
    ranges = len(rules.area_ranges)
    detections = detections_of(matches, units, classes, rules)
    touched = one_chunk(pc.or_(matches["outcomes"].is_valid(), matches["ranges"].is_valid()))
    event = np.flatnonzero(touched)
    outside = _bits(detections.outside[event], ranges)
    codes = _outcomes(matches, event, outside, rules)
    truth_unit, truth_category = _places(truth, units, classes.dense)
    every, unless_said = np.arange(len(truth)), np.ones((len(truth), ranges), bool)
    truth_codes = _outcomes(truth, every, unless_said, rules)
    return MatchedShard(
        detections=detections,
        event=event,
        event_tp=codes == TP,
        event_counted=codes != IGNORED,
        similarity=numbers(matches["matched_similarity"]),
        truth_unit=truth_unit,
        truth_category=truth_category,
        truth_found=truth_codes == TP,
        truth_counted=truth_codes[:, :, 0] != IGNORED,
        claims=read_claims(truth, classes.dense),
        partners=_partners(matches, truth, event, outside, rules) if partners else None,
    )


def read_shard(
    matches: Sequence[str],
    truth: Sequence[str],
    units: UnitIndex,
    classes: Classes,
    rules: Rules,
    partners: bool = False,
) -> MatchedShard:
    """The shard of a bucket's part files; with `partners`, as `shard_of`."""
    keys = (("annotation_keys",), ("annotation_key",)) if partners else ((), ())
    found = (*_DETECTION_COLUMNS, "matched_similarity", "outcomes", "ranges", *keys[0])
    known = ("unit_key", "category_key", "outcomes", "ranges", *CLAIM_COLUMNS, *keys[1])
    return shard_of(
        read_parts(matches, found, (*_ERROR_PATH, *_TEXT_PATHS)),
        read_parts(truth, known, _TEXT_PATHS),
        units,
        classes,
        rules,
        partners,
    )


def read_detections(matches: Sequence[str], units: UnitIndex, classes: Classes, rules: Rules) -> MatchedDetections:
    """The detections of a bucket's part files, without their outcomes."""
    return detections_of(read_parts(matches, _DETECTION_COLUMNS, _ERROR_PATH), units, classes, rules)
