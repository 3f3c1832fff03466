"""polylines-chamfer: COCO's rules over symmetric Chamfer distances."""

from pathlib import Path

import numpy as np
import pytest
import shapely

from tasks.protocols.polylines_chamfer import PROTOCOL
from tests.chain import Chain, overall, stored_arrays
from tests.oracle import pycocotools_says_of
from tests.shape_zoo import Record, as_coco, shape_files, shape_set

pytestmark = pytest.mark.usefixtures(shape_files.__name__)


def samples_of(records: list[Record]) -> np.ndarray:
    """float64[n, 100, 2] by shapely's interpolation."""
    lines = [[(p["x"], p["y"]) for p in record["record"]["polyline"]] for record in records]
    whole = np.array([shapely.linestrings(line if len(line) > 1 else line * 2) for line in lines])
    points = shapely.line_interpolate_point(whole[:, None], np.linspace(0, 1, 100), normalized=True)
    return shapely.get_coordinates(points).reshape(len(records), 100, 2)


def hull_px2(record: Record) -> float:
    """Area of the hull: what a polyline's area is."""
    points = np.array([[p["x"], p["y"]] for p in record["polyline"]])
    return float(np.ptp(points, axis=0).prod())


def _alike(found: list[Record], labelled: list[Record]) -> np.ndarray:
    """1 - d / 40 px; rounded, so that equal lines are equally alike here too."""
    apart = np.linalg.norm(samples_of(found)[:, None, :, None] - samples_of(labelled)[:, None], axis=-1)
    chamfer = (apart.min(axis=-1).mean(axis=-1) + apart.min(axis=-2).mean(axis=-1)) / 2
    return np.round(np.maximum(0, 1 - chamfer / 40), 10)


@pytest.mark.parametrize("seed", [1, 2, 3, 14, 15])
def test_arrays_are_pycocotools_over_brute_force(tmp_path: Path, seed: int) -> None:
    """Precision, recall and scores, with lines of a single vertex, ties and empty sides."""
    truth, results = shape_set("polyline", seed)
    said = pycocotools_says_of(*as_coco(truth, results, hull_px2), _alike, PROTOCOL.rules)
    chain = Chain(tmp_path).chain(truth, results, "polylines-chamfer")
    stored = stored_arrays(chain, "polylines-chamfer", PROTOCOL.rules)
    for name in ("precision", "recall", "scores"):
        assert np.array_equal(getattr(stored, name), getattr(said, name)), name
    assert {*overall(chain, "polylines-chamfer")} == {
        "AP",
        *(f"{of}@{d}px" for of in ("AP", "AR") for d in (5, 10, 20)),
    }
