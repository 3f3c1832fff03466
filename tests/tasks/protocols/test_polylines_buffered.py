"""polylines-buffered: COCO's rules over the IoU of bands."""

from pathlib import Path

import numpy as np
import pytest
import shapely

from tasks.protocols.polylines_buffered import PROTOCOL
from tests.chain import Chain, stored_arrays
from tests.oracle import pycocotools_says_of
from tests.shape_zoo import Record, as_coco, shape_files, shape_set
from tests.tasks.protocols.test_polylines_chamfer import hull_px2

pytestmark = pytest.mark.usefixtures(shape_files.__name__)


def _bands(records: list[Record]) -> np.ndarray:
    lines = [[(p["x"], p["y"]) for p in record["record"]["polyline"]] for record in records]
    shapes = [shapely.linestrings(line) if len(line) > 1 else shapely.points(line[0]) for line in lines]
    return shapely.buffer(np.array(shapes), 15.0, quad_segs=16)


def _alike(found: list[Record], labelled: list[Record]) -> np.ndarray:
    bands, others = _bands(found), _bands(labelled)
    shared, area = shapely.area(shapely.intersection(bands[:, None], others)), shapely.area(bands)[:, None]
    crowd = np.array([record["iscrowd"] for record in labelled], bool)
    return np.round(shared / np.where(crowd, area, area + shapely.area(others) - shared), 12)


@pytest.mark.parametrize("seed", [1, 2, 3, 14, 15])
def test_arrays_are_pycocotools_over_shapelys_bands(tmp_path: Path, seed: int) -> None:
    """Precision, recall and scores, with lines of a single vertex, whose band is a disc."""
    truth, results = shape_set("polyline", seed)
    said = pycocotools_says_of(*as_coco(truth, results, hull_px2), _alike, PROTOCOL.rules)
    chain = Chain(tmp_path).chain(truth, results, "polylines-buffered")
    stored = stored_arrays(chain, "polylines-buffered", PROTOCOL.rules)
    for name in ("precision", "recall", "scores"):
        assert np.array_equal(getattr(stored, name), getattr(said, name)), name


def test_it_is_asked_for_by_name() -> None:
    """Distances are the default for polylines."""
    assert PROTOCOL.unasked == ()
