"""Seeded sets of the shapes that COCO's files do not hold, and a made-up format that carries them.

Ties in score and in similarity, equal shapes, crowds, shapes without extent, units of different sizes without
annotations, classes without either; every 16th seed from 14 has no annotations, from 15 no predictions.
"""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pytest

from schemas.records import Block, Format, GroundTruthInput, Inputs, Run
from schemas.tables import CATEGORY_RECORDS, RECORDS, UNIT_RECORDS
from tasks import ingest
from tasks.columns import completed
from tasks.rejects import SCHEMA

Record = dict[str, Any]
SIZES_PX = [(200, 100), (64, 300), (120, 120), (1000, 40)]
CLASSES = ("boat", "crane", "quay")
COLUMNS = {
    "rotatable_bounding_box": "rotated_bbox",
    "polyline": "polyline",
    "point": "keypoints",
    "polygon": "polygons",
}
SHAPES = tuple(COLUMNS)
MAGIC = "shapes"


class ShapeSet(NamedTuple):
    """What a ground truth file and a predictions file of the made-up format hold."""

    ground_truth: Record
    results: Record


def shape_set(shape: str, seed: int) -> ShapeSet:
    """The set of `seed`; geometry in px, and of predictions near that of annotations or anywhere."""
    rng = np.random.default_rng([seed, 2024])
    annotations: list[Record] = []
    for number in range(0 if seed % 16 == 14 else 24):
        again = annotations[int(rng.integers(len(annotations)))] if annotations and rng.random() < 0.15 else None
        made = dict(again) if again else _record(rng, shape)
        annotations.append({**made, "source_id": str(number + 1), "iscrowd": bool(rng.random() < 0.1)})
    results: list[Record] = []
    for _ in range(0 if seed % 16 == 15 else 60):
        near = annotations[int(rng.integers(len(annotations)))] if annotations and rng.random() < 0.7 else None
        made = _moved(rng, near, shape) if near else _record(rng, shape)
        results.append({**made, "score": round(float(rng.random()), 1 + 3 * (seed % 2))})
    return ShapeSet(annotated(shape, *annotations), found_of(*results))


def annotated(shape: str, *records: Record) -> Record:
    """A ground truth file of these, whose classes are of a shape."""
    return {MAGIC: shape, "records": list(records)}


def found_of(*records: Record) -> Record:
    """A predictions file of these."""
    return {MAGIC: "found", "records": list(records)}


def _record(rng: np.random.Generator, shape: str) -> Record:
    """A shape on one of the units but the last, of one of the classes but the last."""
    width_px, height_px = SIZES_PX[unit := int(rng.integers(len(SIZES_PX) - 1))]
    corner = rng.integers(0, (width_px // 2, height_px // 2)).astype(float)
    geometry: Any
    if shape == "rotatable_bounding_box":
        sides = rng.integers(0 if rng.random() < 0.1 else 6, 60, 2)
        theta_deg = float(rng.choice([0, 45, 90, 359.9, rng.uniform(0, 360)]))
        geometry = dict(zip(("x", "y", "w", "h", "theta"), map(float, [*corner, *sides, theta_deg]), strict=True))
    elif shape == "polygon":
        corners = int(rng.integers(4, 9))
        angles = (np.arange(corners) + rng.random(corners)) * 2 * np.pi / corners
        outline = (
            corner + 20 + np.stack([np.cos(angles), np.sin(angles)], axis=1) * rng.uniform(5, 20, (len(angles), 1))
        )
        geometry = [[_vertices(outline)]]
    else:
        count = 1 if shape == "point" or rng.random() < 0.1 else int(rng.integers(2, 6))
        geometry = _vertices(corner + np.cumsum(rng.integers(-9, 20, (count, 2)), axis=0))
    return _of(shape, geometry, f"u{unit + 1}", CLASSES[int(rng.integers(len(CLASSES) - 1))])


def _of(shape: str, geometry: Any, unit: str, category: str) -> Record:
    if shape == "point":
        geometry = [{**point, "visibility": 2} for point in geometry]
    return {"source_unit": unit, "source_category": category, "shape": shape, COLUMNS[shape]: geometry}


def _vertices(points: np.ndarray) -> list[dict[str, float]]:
    return [{"x": float(x), "y": float(y)} for x, y in points]


def _moved(rng: np.random.Generator, record: Record, shape: str) -> Record:
    """The geometry, some pixels aside; sometimes as another class."""

    def moved(value: Any) -> Any:
        if isinstance(value, list):
            return [moved(each) for each in value]
        step = {"x": shift[0], "y": shift[1]}
        return {name: number + step.get(name, 0.0) for name, number in value.items()}

    shift = rng.integers(-4, 5, 2) if rng.random() < 0.7 else np.zeros(2)
    category = CLASSES[0] if rng.random() < 0.2 else record["source_category"]
    kept = {name: record[name] for name in ("source_unit", "shape")}
    return {**kept, "source_category": category, COLUMNS[shape]: moved(record[COLUMNS[shape]])}


def as_coco(truth: Record, results: Record, area_px2: Any) -> tuple[Record, list[Record]]:
    """(dataset, detections) as pycocotools has them in memory, each with its record and the area `area_px2(record)`."""
    units = [f"u{k + 1}" for k in range(len(SIZES_PX))]

    def annotation(number: int, record: Record) -> Record:
        where = {
            "image_id": units.index(record["source_unit"]),
            "category_id": CLASSES.index(record["source_category"]),
        }
        rest = {"id": number + 1, "iscrowd": int(record.get("iscrowd", 0)), "score": record.get("score")}
        return {**where, **rest, "area": area_px2(record), "record": record}

    dataset = {
        "images": [{"id": k} for k in range(len(units))],
        "categories": [{"id": k} for k in range(len(CLASSES))],
        "annotations": [annotation(k, record) for k, record in enumerate(truth["records"])],
    }
    return dataset, [annotation(k, record) for k, record in enumerate(results["records"])]


def _blocks(name: str, records: list[Record]) -> Iterator[Block]:
    if records:
        yield _block(name, records)


def _block(name: str, records: list[Record]) -> Block:
    origin = {"source_file": [name] * len(records), "source_row": [*range(len(records))]}
    given = {key: [record.get(key) for record in records] for key in {key for record in records for key in record}}
    coordinates = [record.get("coordinates", "pixel") for record in records]
    table = completed({**origin, **given, "coordinates": coordinates}, RECORDS.schema, len(records))
    (batch,) = table.combine_chunks().to_batches()
    return Block(len(records), batch, SCHEMA.empty_table())


def _read_ground_truth(inputs: Inputs, _run: Run) -> GroundTruthInput:
    (source,) = inputs.sources
    content = json.loads(source.read())
    units: list[Record] = [
        {"source_id": f"u{k + 1}", "data_hash": f"u{k + 1}", "frame": 0, "kind": "image", "sequence_hash": f"u{k + 1}",
         "width": width, "height": height, "source_order": k}
        for k, (width, height) in enumerate(SIZES_PX)
    ]  # fmt: skip
    classes = [{"feature_hash": name, "name": name, "kind": "object", "shape": content[MAGIC]} for name in CLASSES]
    tables = (
        pa.Table.from_pylist(rows, schema=of.schema)
        for rows, of in ((units, UNIT_RECORDS), (classes, CATEGORY_RECORDS))
    )
    return GroundTruthInput(*tables, SCHEMA.empty_table(), _blocks(source.name, content["records"]))


def _read_predictions(inputs: Inputs, _run: Run) -> Iterator[Block]:
    (source,) = inputs.sources
    yield from _blocks(source.name, json.loads(source.read())["records"])


FORMAT = Format(
    "shapes",
    "Shapes of a test",
    lambda names, head: f'"{MAGIC}"'.encode() in head[:12],
    _read_ground_truth,
    _read_predictions,
)


@pytest.fixture
def shape_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of the made-up format are recognised."""
    monkeypatch.setitem(ingest.FORMATS, FORMAT.name, FORMAT)
