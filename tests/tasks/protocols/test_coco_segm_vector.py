"""coco-segm-vector: COCO's rules over the IoU of outlines."""

from pathlib import Path

import numpy as np
import pytest
import shapely

from schemas.coco_rules import DETECTION_RULES
from tests.chain import Chain, overall, stored_arrays
from tests.oracle import pycocotools_says_of
from tests.shape_zoo import Record, annotated, as_coco, found_of, shape_files, shape_set

pytestmark = pytest.mark.usefixtures(shape_files.__name__)

PLACE: Record = {"source_unit": "u3", "source_category": "boat", "shape": "polygon"}


def _outlines(records: list[Record]) -> np.ndarray:
    rings = [record["record"]["polygons"][0][0] for record in records]
    return np.array([shapely.polygons([(p["x"], p["y"]) for p in ring]) for ring in rings])


def _alike(found: list[Record], labelled: list[Record]) -> np.ndarray:
    outlines, others = _outlines(found), _outlines(labelled)
    shared, area = shapely.area(shapely.intersection(outlines[:, None], others)), shapely.area(outlines)[:, None]
    crowd = np.array([record["iscrowd"] for record in labelled], bool)
    return np.round(shared / np.where(crowd, area, area + shapely.area(others) - shared), 12)


@pytest.mark.parametrize("seed", [1, 2, 3, 14, 15])
def test_arrays_are_pycocotools_over_shapelys_ious(tmp_path: Path, seed: int) -> None:
    """Precision, recall and scores, with crowds, ties and empty sides; areas are those of the pixels."""
    truth, results = shape_set("polygon", seed)
    chain = Chain(tmp_path).chain(truth, results, "coco-segm-vector")
    areas = {row["source_id"]: row["area"] for row in chain.rows("ground_truth")}
    found_areas = {row["source_row"]: row["area"] for row in chain.rows("predictions")}
    for record in truth["records"]:
        record["area"] = areas[record["source_id"]]
    for row, record in enumerate(results["records"]):
        record["area"] = found_areas[row]
    said = pycocotools_says_of(*as_coco(truth, results, lambda record: record["area"]), _alike, DETECTION_RULES)
    stored = stored_arrays(chain, "coco-segm-vector", DETECTION_RULES)
    for name in ("precision", "recall", "scores"):
        assert np.array_equal(getattr(stored, name), getattr(said, name)), name


def _square(x: float, y: float, side: float) -> list[Record]:
    corners = ((x, y), (x + side, y), (x + side, y + side), (x, y + side))
    return [{"x": a, "y": b} for a, b in corners]


def test_holes_and_parts_of_a_pixel_count(tmp_path: Path) -> None:
    """A ring of 8 by 8 without its hole of 4 by 4, a quarter of a pixel aside."""
    truth = annotated("polygon", {**PLACE, "source_id": "1", "polygons": [[_square(10, 10, 8), _square(12, 12, 4)]]})
    aside = {**PLACE, "polygons": [[_square(10.25, 10, 8), _square(12.25, 12, 4)]], "score": 0.5}
    chain = Chain(tmp_path).chain(truth, found_of(aside), "coco-segm-vector")
    (match,) = chain.rows("matches")
    shared = 7.75 * 8 - (16 + 16 - 3.75 * 4)
    assert match["matched_similarity"] == pytest.approx(shared / (48 + 48 - shared))
    assert overall(chain, "coco-segm-vector")["AP50"] == pytest.approx(1)
