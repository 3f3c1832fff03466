"""Shards and contexts made up for tests of metrics: two thresholds, two area ranges, three units, two classes."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from schemas.judging import Claims
from schemas.records import AreaRange, MatchedDetections, MatchedShard, MeasureContext, Rules
from schemas.tables import CATEGORIES, DATA_UNITS
from tasks.protocols import PROTOCOLS

RULES = Rules((0.5, 0.75), (AreaRange("all", 0, 1e10), AreaRange("small", 0, 1024)), (1, 2), (0.0, 0.5, 1.0))


class Found(NamedTuple):
    """A detection; `tp` per threshold in both ranges, none: it matched nothing."""

    unit: int
    category: int
    score: float
    rank: int = 0
    tp: tuple[bool, bool] | None = None
    outside: int = 0
    similarity: float = np.nan
    counted: bool = True
    error: int = 0


class Truth(NamedTuple):
    """An annotation; `found` per threshold in both ranges."""

    unit: int
    category: int
    found: tuple[bool, bool] = (False, False)
    counted: bool = True
    found_score: float = np.nan
    confused: tuple[int, float] = (-1, np.nan)
    mended: tuple[int, float] = (-1, np.nan)


def context() -> MeasureContext:
    """Units 7, 8, 9, of which the last is retired, and classes 4 and 5."""
    units = [
        {"unit_key": key, "data_hash": f"{key}.jpg", "frame": 0, "width": 9, "height": 9, "source_order": k,
         "sequence_hash": f"{key}.jpg", "retired": key == 9}
        for k, key in enumerate((7, 8, 9))
    ]  # fmt: skip
    classes = [
        {"category_key": key, "feature_hash": str(key), "name": name, "source_order": k, "retired": False}
        for k, (key, name) in enumerate(((4, "cup"), (5, "car")))
    ]
    names = {"prediction_set": "net", "protocol": "coco-bbox", "rules": "coco-bbox@abc", "similarity": "bbox_iou"}
    tables = pa.Table.from_pylist(units, DATA_UNITS.schema), pa.Table.from_pylist(classes, CATEGORIES.schema)
    return MeasureContext(PROTOCOLS["coco-bbox"], RULES, *tables, names)


def shard(found: Sequence[Found], truth: Sequence[Truth]) -> MatchedShard:
    """Detections and annotations as the arrays that metrics take."""
    unit = np.array([d.unit for d in found], np.int64)
    matched = [k for k, d in enumerate(found) if d.tp is not None]
    event = np.array(matched, np.int64)
    pairs = [found[k].tp or (False, False) for k in matched]
    shape = (len(event), 2, 2)
    return MatchedShard(
        detections=MatchedDetections(
            unit,
            np.array([d.category for d in found], np.int32),
            np.array([d.score for d in found], float),
            unit,
            np.array([d.rank for d in found], np.int32),
            np.array([d.outside for d in found], np.uint64),
            np.array([d.error for d in found], np.uint8),
        ),
        event=event,
        event_tp=np.array([[pair, pair] for pair in pairs], bool).reshape(shape),
        event_counted=np.array([[[found[k].counted] * 2] * 2 for k in matched], bool).reshape(shape),
        similarity=np.array([d.similarity for d in found], float),
        truth_unit=np.array([g.unit for g in truth], np.int64),
        truth_category=np.array([g.category for g in truth], np.int32),
        truth_found=np.array([[g.found, g.found] for g in truth], bool).reshape(len(truth), 2, 2),
        truth_counted=np.array([[g.counted] * 2 for g in truth], bool).reshape(len(truth), 2),
        claims=_claims(truth),
    )


def _claims(truth: Sequence[Truth]) -> Claims:
    confused, mended = ([getattr(g, name) for g in truth] for name in ("confused", "mended"))
    return Claims(
        np.array([g.found_score for g in truth], float),
        np.array([category for category, _ in confused], np.int32),
        np.array([score for _, score in confused], float),
        np.array([category for category, _ in mended], np.int32),
        np.array([score for _, score in mended], float),
    )


def rows(tables: Sequence[pa.Table]) -> list[dict[str, object]]:
    """All pieces of a table as dicts."""
    return [row for table in tables for row in table.to_pylist()]
