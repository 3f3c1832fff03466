"""Buckets made by hand: parts of `data_units` and of objects, as the store would hold them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pycocotools import mask as coco_mask

from schemas.tables import DATA_UNITS, GROUND_TRUTH, PREDICTIONS
from tasks.columns import completed
from tasks.quality.bucket import Bucket
from tasks.shapes.rotatable_bounding_box import corners_px

Record = dict[str, Any]
SIDES_PX = (100, 80)
"""Width and height of a unit that says nothing."""


def frames(count: int, sequence: str = "video", **more: Any) -> list[Record]:
    """Units of a sequence."""
    return [{"sequence_hash": sequence, "frame": frame, **more} for frame in range(count)]


def box(unit: int, x: float, y: float, w: float, h: float, **more: Any) -> Record:
    """A bounding box in px on the unit of this place."""
    return {"unit": unit, "shape": "bounding_box", "bbox_px": (x, y, w, h), **more}


def turned(unit: int, x: float, y: float, w: float, h: float, theta: float, **more: Any) -> Record:
    """A rotatable box, px and degrees."""
    corners = corners_px(np.array([[x, y, w, h, theta]], float))[0]
    low, high = corners.min(axis=0), corners.max(axis=0)
    fields = {"rotated": (x, y, w, h, theta), "corners": corners, "bbox_px": (*low, *(high - low))}
    return {"unit": unit, "shape": "rotatable_bounding_box", **fields, **more}


def raster(unit: int, pixels: np.ndarray, shape: str = "bitmask", **more: Any) -> Record:
    """A mask bool[H, W] of its unit's size."""
    packed = coco_mask.encode(np.asfortranarray(pixels.astype(np.uint8)))
    return {"unit": unit, "shape": shape, "pixels": pixels, "bbox_px": tuple(coco_mask.toBbox(packed)), **more}


def bucket_of(folder: Path, units: Sequence[Record], objects: Sequence[Record], of: str = "prediction") -> Bucket:
    """The bucket of these units, numbered from 0 as they stand, and of these objects, keyed likewise."""
    table = PREDICTIONS if of == "prediction" else GROUND_TRUTH
    rows = {"data_units": completed(_units(units), DATA_UNITS.schema, len(units))}
    rows[table.name] = completed(_objects(units, objects, of), table.schema, len(objects))
    paths = {}
    for name, held in rows.items():
        path = folder / f"{name}.parquet"
        pq.write_table(held, path)
        paths[name] = (str(path),)
    return Bucket(of, 0, 1, paths)


def size_px(unit: Record) -> tuple[int, int]:
    """Width and height of a unit."""
    return unit.get("width", SIDES_PX[0]), unit.get("height", SIDES_PX[1])


def _units(units: Sequence[Record]) -> dict[str, Any]:
    width, height = zip(*map(size_px, units), strict=True)
    return {
        "unit_key": np.arange(len(units)),
        "data_hash": [unit["sequence_hash"] for unit in units],
        "frame": [unit["frame"] for unit in units],
        "kind": [unit.get("kind", "video frame") for unit in units],
        "sequence_hash": [unit["sequence_hash"] for unit in units],
        "width": width,
        "height": height,
        "source_order": np.arange(len(units)),
        "retired": [False] * len(units),
        **{name: [unit.get(name) for unit in units] for name in ("title", "source_id")},
    }


def _objects(units: Sequence[Record], objects: Sequence[Record], of: str) -> dict[str, Any]:
    sizes = [size_px(units[each["unit"]]) for each in objects]
    columns = {
        f"{of}_key": np.arange(len(objects)),
        "unit_key": [each["unit"] for each in objects],
        "category_key": [each.get("category", 0) for each in objects],
        "track_id": [each.get("track") for each in objects],
        "shape": [each["shape"] for each in objects],
        "bbox_px": [dict(zip("xywh", each["bbox_px"], strict=True)) for each in objects],
        "rotated_bbox": [_relative(each, size) for each, size in zip(objects, sizes, strict=True)],
        "keypoints_px": [_corners(each) for each in objects],
        "mask": [_mask(each) for each in objects],
    }
    if of == "prediction":
        columns["score"] = [each.get("score", 0.5) for each in objects]
        columns["class_probabilities"] = [each.get("class_probabilities") for each in objects]
    return {name: value for name, value in columns.items() if name in _schema(of).names}


def _schema(of: str) -> pa.Schema:
    return (PREDICTIONS if of == "prediction" else GROUND_TRUTH).schema


def _relative(each: Record, size: tuple[int, int]) -> Record | None:
    if "rotated" not in each:
        return None
    x, y, w, h, theta = each["rotated"]
    return {"x": x / size[0], "y": y / size[1], "w": w / size[0], "h": h / size[1], "theta": theta}


def _corners(each: Record) -> list[Record] | None:
    return [{"x": x, "y": y} for x, y in each["corners"].tolist()] if "corners" in each else None


def _mask(each: Record) -> Record | None:
    if "pixels" not in each:
        return None
    packed = coco_mask.encode(np.asfortranarray(each["pixels"].astype(np.uint8)))
    height, width = each["pixels"].shape
    return {"height": height, "width": width, "counts": packed["counts"]}
