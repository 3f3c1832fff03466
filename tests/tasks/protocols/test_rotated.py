"""rotated: COCO's rules over the exact IoU of turned boxes."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from schemas.coco_rules import DETECTION_RULES
from tasks.protocols.rotated import PROTOCOL
from tasks.shapes.rotatable_bounding_box import PARTS, corners_px
from tests.chain import Chain, overall, stored_arrays
from tests.oracle import pycocotools_says_of
from tests.shape_zoo import Record, annotated, as_coco, found_of, shape_files, shape_set

pytestmark = pytest.mark.usefixtures(shape_files.__name__)


def _outlines(records: list[Record]) -> np.ndarray:
    boxes = np.array([[record["record"]["rotated_bbox"][part] for part in PARTS] for record in records])
    return shapely.polygons(corners_px(boxes))


def _ious(found: list[Record], labelled: list[Record]) -> np.ndarray:
    """By shapely; rounded, so that equal boxes are equally alike here too."""
    outlines, others = _outlines(found), _outlines(labelled)
    shared = shapely.area(shapely.intersection(outlines[:, None], others))
    area, crowd = shapely.area(outlines)[:, None], np.array([record["iscrowd"] for record in labelled], bool)
    whole = np.where(crowd, area, area + shapely.area(others) - shared)
    return np.round(np.divide(shared, whole, out=np.zeros_like(shared), where=whole > 0), 12)


def _area_px2(record: Record) -> float:
    return record["rotated_bbox"]["w"] * record["rotated_bbox"]["h"]


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5, 14, 15])
def test_arrays_are_pycocotools_over_shapelys_ious(tmp_path: Path, seed: int) -> None:
    """Precision, recall and scores, with crowds, ties, boxes without area and empty sides."""
    truth, results = shape_set("rotatable_bounding_box", seed)
    said = pycocotools_says_of(*as_coco(truth, results, _area_px2), _ious, DETECTION_RULES)
    chain = Chain(tmp_path).chain(truth, results, "rotated")
    stored = stored_arrays(chain, "rotated", DETECTION_RULES)
    for name in ("precision", "recall", "scores"):
        assert np.array_equal(getattr(stored, name), getattr(said, name)), name


def test_a_turned_box_is_measured_in_pixels(tmp_path: Path) -> None:
    """In an image twice as wide as high: turned by 90 degrees, w and h change places in px, not in shares."""
    place: Record = {"source_unit": "u1", "source_category": "boat", "shape": "rotatable_bounding_box"}
    lying = {"x": 60.0, "y": 40.0, "w": 40.0, "h": 20.0, "theta": 90.0}
    standing = {"x": 70.0, "y": 30.0, "w": 20.0, "h": 40.0, "theta": 0.0}
    truth = annotated("rotatable_bounding_box", {**place, "source_id": "1", "rotated_bbox": lying})
    chain = Chain(tmp_path).chain(truth, found_of({**place, "rotated_bbox": standing, "score": 0.5}), "rotated")
    assert overall(chain, "rotated")["AP"] == pytest.approx(1.0)


def test_it_runs_unasked_where_such_boxes_come() -> None:
    """And gives COCO's twelve numbers."""
    found: Any = [number.name for number in PROTOCOL.numbers(PROTOCOL.rules)]
    assert (PROTOCOL.unasked, len(found), found[0]) == (("rotatable_bounding_box",), 12, "AP")
