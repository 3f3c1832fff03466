"""The law that what was written is read back: geometry comes out of the tables as it was given."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.chain import Chain
from tests.coco_zoo import coco_set
from tests.shape_zoo import COLUMNS, SIZES_PX, shape_files, shape_set

pytestmark = pytest.mark.usefixtures(shape_files.__name__)


def _stored(folder: Path, ground_truth: Any, results: Any) -> Chain:
    """A chain that has imported both sides."""
    chain = Chain(folder)
    chain.truth(ground_truth)
    chain.predictions(results)
    return chain


def _values(rows: list[dict[str, Any]], column: str, fields: str) -> np.ndarray:
    return np.array([[row[column][field] for field in fields] for row in rows])


def test_boxes_come_back_as_they_were_given(tmp_path: Path) -> None:
    """Exactly in bbox_px, within one unit in the last place as relative times size; width and height differ."""
    ground_truth, results = coco_set(3)
    chain = _stored(tmp_path, ground_truth, results)
    rows = chain.rows("predictions")
    given = np.array([results[row["source_row"]]["bbox"] for row in rows])
    assert np.array_equal(_values(rows, "bbox_px", "xywh"), given)
    sizes = {unit["unit_key"]: [unit["width"], unit["height"]] * 2 for unit in chain.rows("data_units")}
    back = _values(rows, "bbox", "xywh") * np.array([sizes[row["unit_key"]] for row in rows])
    assert (np.abs(back - given) <= np.spacing(given)).all()
    areas = {annotation["id"]: annotation["area"] for annotation in ground_truth["annotations"]}
    assert all(row["area"] == areas[int(row["source_id"])] for row in chain.rows("ground_truth"))


def test_masks_come_back_byte_for_byte(tmp_path: Path) -> None:
    """Packed run lengths are kept, with their size."""
    ground_truth, results = coco_set(3, "segmentation")
    chain = _stored(tmp_path, ground_truth, results)
    for row in chain.rows("predictions"):
        given = results[row["source_row"]]["segmentation"]
        kept = row["mask"]
        assert [[kept["height"], kept["width"]], kept["counts"].decode()] == [given["size"], given["counts"]]


def test_keypoints_come_back_as_they_were_given(tmp_path: Path) -> None:
    """Exactly in keypoints_px, and relative ones with their visibility."""
    ground_truth, results = coco_set(3, "keypoints")
    chain = _stored(tmp_path, ground_truth, results)
    for row in chain.rows("predictions"):
        flat = results[row["source_row"]]["keypoints"]
        assert [point[axis] for point in row["keypoints_px"] for axis in "xy"] == [
            v for k in range(0, len(flat), 3) for v in flat[k : k + 2]
        ]
        assert [point["visibility"] for point in row["keypoints"]] == flat[2::3]


def _numbers(geometry: Any) -> list[float]:
    """All numbers of a nested geometry, in their order."""
    if isinstance(geometry, list):
        return [number for each in geometry for number in _numbers(each)]
    return [geometry[name] for name in ("x", "y", "w", "h", "theta") if name in geometry]


def _divided(geometry: Any, size_px: tuple[int, int]) -> Any:
    """The geometry divided by the unit's size, as the definition has it."""
    if isinstance(geometry, list):
        return [_divided(each, size_px) for each in geometry]
    by = {"x": size_px[0], "w": size_px[0], "y": size_px[1], "h": size_px[1]}
    return {name: value / by[name] if name in by else value for name, value in geometry.items()}


@pytest.mark.parametrize("coordinates", ["pixel", "relative"])
@pytest.mark.parametrize("shape", COLUMNS)
def test_shapes_come_back_as_they_were_given(tmp_path: Path, shape: str, coordinates: str) -> None:
    """Relative ones to the bit, those in pixels divided; units are wider than high, or higher than wide."""
    truth, results = shape_set(shape, 3)
    sizes = {f"u{k + 1}": size for k, size in enumerate(SIZES_PX)}
    relative = [_divided(record[COLUMNS[shape]], sizes[record["source_unit"]]) for record in results["records"]]
    if coordinates == "relative":
        for record, geometry in zip(results["records"], relative, strict=True):
            record |= {COLUMNS[shape]: geometry, "coordinates": coordinates}
    rows = _stored(tmp_path, truth, results).rows("predictions")
    assert len(rows) == len(relative)
    for row in rows:
        assert _numbers(row[COLUMNS[shape]]) == _numbers(relative[row["source_row"]])
