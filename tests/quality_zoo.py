"""A set of every shape, ordinary and odd, with its quality as stored, and each object's geometry as shapely has it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import shapely
from pycocotools import mask as coco_mask
from shapely import affinity

from schemas.records import Run
from tasks import ingest
from tasks.quality.stage import measure_quality
from tasks.running import serial
from tests.chain import SET, Chain
from tests.shape_zoo import CLASSES, FORMAT, SHAPES, SIZES_PX, Record, annotated, found_of, shape_set

UNITS = {f"u{k + 1}": size for k, size in enumerate(SIZES_PX)}
_CROSSED = [(10, 10), (40, 40), (40, 10), (10, 40)]
_TWICE = [(5, 5), (30, 5), (30, 30), (5, 30), (5, 5), (20, 5), (20, 20), (5, 20)]
_SHELL, _HOLE = [(5, 60), (45, 60), (45, 90), (5, 90)], [(10, 65), (30, 65), (30, 95), (10, 95)]


def _points(corners: Any) -> list[dict[str, float]]:
    return [{"x": float(x), "y": float(y)} for x, y in corners]


def _record(unit: str, category: int, shape: str, column: str, value: Any) -> Record:
    return {"source_unit": unit, "source_category": CLASSES[category], "shape": shape, column: value}


def _box(unit: str, category: int, *corner: float) -> Record:
    return _record(unit, category, "bounding_box", "bbox", dict(zip("xywh", map(float, corner), strict=True)))


def _polygon(unit: str, category: int, *polygons: list[Any]) -> Record:
    return _record(unit, category, "polygon", "polygons", [[_points(ring) for ring in rings] for rings in polygons])


def _skeleton(unit: str, category: int, *points: tuple[float, float, int]) -> Record:
    named = [{"x": float(x), "y": float(y), "visibility": seen} for x, y, seen in points]
    return _record(unit, category, "skeleton", "keypoints", named)


def _mask(unit: str, category: int, pixels: np.ndarray) -> Record:
    packed = coco_mask.encode(np.asfortranarray(pixels.astype(np.uint8)))
    height, width = pixels.shape
    mask = {"height": height, "width": width, "counts": packed["counts"].decode("latin1")}
    return _record(unit, category, "bitmask", "mask", mask)


def _blob(rng: np.random.Generator, unit: str, whole: bool = False) -> np.ndarray:
    width, height = UNITS[unit]
    pixels = np.zeros((height, width), bool)
    top, left = rng.integers(0, (height // 2, width // 2))
    pixels[top : top + 12, left : left + 15] = rng.random(pixels[top : top + 12, left : left + 15].shape) < 0.7
    return np.ones_like(pixels) if whole else pixels


def odd_records(seed: int) -> list[Record]:
    """Boxes, skeletons and masks, and shapes without extent, across themselves, outside, twice, in parts."""
    rng = np.random.default_rng(seed)
    units = list(UNITS)
    boxes = [_box(units[k % 3], k % 2, *rng.uniform(0, 60, 2), *rng.uniform(0, 50, 2)) for k in range(24)]
    masks = [_mask(unit := units[k % 3], k % 2, _blob(rng, unit)) for k in range(12)]
    return [
        *boxes, *masks, dict(boxes[3]), dict(masks[4]),
        _box("u1", 0, 10, 10, 0, 0), _box("u1", 0, 10, 10, 30, 0), _box("u2", 1, -20, -5, 500, 600),
        _mask("u3", 1, np.zeros((120, 120), bool)), _mask("u2", 0, _blob(rng, "u2", whole=True)),
        _polygon("u1", 0, [_CROSSED]), _polygon("u1", 0, [_TWICE]), _polygon("u1", 1, [_SHELL, _HOLE]),
        _polygon("u2", 1, [_SHELL], [_CROSSED]), _polygon("u2", 1, [_SHELL], [_SHELL]),
        _polygon("u3", 0, [[(3, 3), (9, 9), (3, 3)]]), _polygon("u3", 0, [[(90, 90), (140, 95), (100, 130)]]),
        _skeleton("u3", 0, (10, 20, 2), (50, 60, 1), (0, 0, 0)), _skeleton("u3", 1, (0, 0, 0), (0, 0, 0)),
        _skeleton("u3", 0, (12, 20, 2), (50, 60, 2), (9, 9, 1)),
    ]  # fmt: skip


def quality_files(seed: int) -> tuple[Record, Record]:
    """(ground truth, predictions) of the made-up format: every shape of the zoo, and the odd ones on both sides."""
    sets = [shape_set(shape, seed) for shape in SHAPES]
    annotations = [record for each in sets for record in each.ground_truth["records"]]
    annotations += [{**record, "source_id": f"odd {k}"} for k, record in enumerate(odd_records(seed))]
    for k, record in enumerate(annotations):
        record["source_id"] = str(k)
    found = [record for each in sets for record in each.results["records"]]
    found += [{**record, "score": round(k / 100, 2)} for k, record in enumerate(odd_records(seed + 1))]
    return {**annotated("any", *annotations), "shapes": None}, found_of(*found)


def _ring(points: list[dict[str, float]]) -> Any:
    ring = shapely.polygons([(point["x"], point["y"]) for point in points])
    return shapely.make_valid(ring, method="structure", keep_collapsed=False)


def _of_mask(mask: Record) -> Any:
    pixels = coco_mask.decode({"size": [mask["height"], mask["width"]], "counts": mask["counts"]})
    if pixels.all():
        return shapely.box(0, 0, mask["width"], mask["height"])
    return shapely.union_all([shapely.box(x, y, x + 1, y + 1) for y, x in np.argwhere(pixels)])


def geometry_of(record: Record) -> Any:
    """What the object covers in px; what covers nothing is empty."""
    if record.get("bbox"):
        x, y, w, h = (record["bbox"][side] for side in "xywh")
        return shapely.box(x, y, x + w, y + h)
    if record.get("rotated_bbox"):
        x, y, w, h, theta_deg = (record["rotated_bbox"][part] for part in ("x", "y", "w", "h", "theta"))
        return affinity.rotate(shapely.box(x, y, x + w, y + h), theta_deg, (x + w / 2, y + h / 2))
    if record.get("polygons"):
        parts = [
            _ring(shell).difference(shapely.union_all([*map(_ring, holes)])) for shell, *holes in record["polygons"]
        ]
        return shapely.union_all(parts)
    return _of_mask(record["mask"]) if record.get("mask") else shapely.Polygon()


def vertices_of(record: Record, predicted: bool) -> list[tuple[float, float]]:
    """All vertices in px, corners of a mask's pixels among them; of annotated points those that are labelled."""
    if record.get("polygons"):
        return [(point["x"], point["y"]) for rings in record["polygons"] for ring in rings for point in ring]
    points = record.get("keypoints") or record.get("polyline")
    if points:
        kept = [point for point in points if predicted or point.get("visibility", 1) > 0]
        return [(point["x"], point["y"]) for point in kept]
    if record.get("bbox"):
        x, y, w, h = (record["bbox"][side] for side in "xywh")
        return [(x, y), (x + w, y + h)]
    return shapely.get_coordinates(geometry_of(record)).tolist()


@dataclass(frozen=True, slots=True)
class Object:
    """An object as it was written, and as it was measured."""

    record: Record
    predicted: bool
    row: dict[str, Any]
    """Its row of `quality`."""

    @property
    def shape(self) -> str:
        """Its shape."""
        return str(self.record["shape"])

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height of its unit."""
        return UNITS[self.record["source_unit"]]

    @property
    def vertices(self) -> np.ndarray:
        """float64[n, 2], px."""
        return np.array(vertices_of(self.record, self.predicted)).reshape(-1, 2)


@dataclass(frozen=True, slots=True)
class QualityZoo:
    """A project whose quality was measured."""

    chain: Chain
    predictions: list[Object]
    annotations: list[Object]
    units: dict[bool, dict[str, dict[str, Any]]]
    """Rows of units by whether they tell of predictions, then by unit."""

    @property
    def objects(self) -> list[Object]:
        """Of both sides."""
        return [*self.predictions, *self.annotations]


def quality_zoo(folder: Path, seed: int, run: Run = serial) -> QualityZoo:
    """Import the set, measure its quality, and put rows and records together."""
    truth, results = quality_files(seed)
    chain = Chain(folder, run)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(ingest.FORMATS, FORMAT.name, FORMAT)
        chain.truth(truth)
        chain.predictions(results)  # type: ignore[arg-type]
    measure_quality(chain.project, [SET], run, ground_truth=True)
    return read_zoo(chain, truth, results)


def read_zoo(chain: Chain, truth: Record, results: Record) -> QualityZoo:
    """What the store holds, beside what was written."""
    quality = chain.table("quality")
    sides = []
    for table, key, records in (
        ("predictions", "prediction_key", results["records"]),
        ("ground_truth", "annotation_key", truth["records"]),
    ):
        rows = chain.table(table).select(key, "source_row").join(quality, on=key).sort("source_row").to_dicts()
        sides.append([Object(records[row["source_row"]], key == "prediction_key", row) for row in rows])
    names = dict(chain.table("data_units").select("unit_key", "data_hash").iter_rows())
    units: dict[bool, dict[str, dict[str, Any]]] = {True: {}, False: {}}
    for row in quality.filter(pl.col("of") == "unit").to_dicts():
        units[row["prediction_set"] is not None][names[row["unit_key"]]] = row
    return QualityZoo(chain, *sides, units)
