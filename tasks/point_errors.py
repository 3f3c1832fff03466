"""How far the points of skeletons that were found lie from where they were annotated."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.judging import Array
from schemas.tables import POINT_ERRORS
from tasks.columns import completed, constant, list_parts, numbers, one_chunk, struct_matrix
from tasks.match import Judged, Sides
from tasks.shapes.bounding_box import CORNER

_LABELS = ("prediction_set", "protocol", "rules")


def _found_pairs(sides: Sides, judged: Judged) -> tuple[Array, Array]:
    """(detections that are TP in the first range at the lowest threshold, the annotation each found): group places."""
    shard = judged.shard
    rows = shard.event[shard.event_tp[:, 0, 0]]
    keys = numbers(pc.list_element(one_chunk(judged.rows["annotation_keys"]).take(pa.array(rows)), 0))
    known = numbers(sides.truth.side.table["annotation_key"])
    order = np.argsort(known)
    return rows, order[np.searchsorted(known, keys, sorter=order)]


def _taken(table: pa.Table, column: str, rows: Array) -> tuple[pa.Array, Array]:
    return list_parts(one_chunk(table[column]).take(pa.array(rows)))


def _names(categories: pa.Table, category_key: Array, point: Array) -> list[str | None]:
    named = zip(categories["category_key"].to_pylist(), categories["keypoint_names"].to_pylist(), strict=True)
    names = {key: words or [] for key, words in named}
    places = zip(category_key.tolist(), point.tolist(), strict=True)
    return [names[key][k] if k < len(names[key]) else None for key, k in places]


def point_error_rows(sides: Sides, judged: Judged, categories: pa.Table, labels: Mapping[str, str]) -> pa.Table:
    """Rows of POINT_ERRORS of one bucket, of true positives at the lowest threshold; nothing found, no rows.

    Both skeletons of a pair have as many points; those that the annotation does not label are left out.
    """
    found, truth = sides.found.side.table, sides.truth.side.table
    rows, partner = _found_pairs(sides, judged)
    (points, offsets), (places, _) = _taken(found, "keypoints_px", rows), _taken(truth, "keypoints_px", partner)
    labelled = numbers(_taken(truth, "keypoints", partner)[0].field("visibility"), missing=0) > 0
    pair = np.repeat(np.arange(len(rows)), np.diff(offsets))[labelled]
    point = (np.arange(len(points)) - np.repeat(offsets[:-1], np.diff(offsets)))[labelled]
    apart = struct_matrix(points, ("x", "y")) - struct_matrix(places, ("x", "y"))
    error_px = np.hypot(*apart[labelled].T)
    side_px = struct_matrix(truth["bbox_px"], CORNER)[partner, 2:].max(axis=1, initial=0.0)[pair]
    relative = np.divide(error_px, side_px, out=np.full(len(pair), np.nan), where=side_px > 0)
    category_key = numbers(truth["category_key"])[partner][pair]
    columns = {
        **{name: constant(labels[name], len(pair)) for name in _LABELS},
        "prediction_key": numbers(found["prediction_key"])[rows][pair],
        **{name: numbers(truth[name])[partner][pair] for name in ("annotation_key", "unit_key")},
        "category_key": category_key,
        "point": point,
        "point_name": _names(categories, category_key, point),
        "error_px": error_px,
        "relative_error": pa.array(relative, from_pandas=True),
    }
    return completed(columns, POINT_ERRORS.schema, len(pair))
