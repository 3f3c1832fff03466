"""polylines-frechet: COCO's rules over discrete Frechet distances."""

from pathlib import Path

import numpy as np
import pytest
import shapely

from tasks.protocols.polylines_frechet import PROTOCOL
from tests.chain import Chain, overall, stored_arrays
from tests.oracle import pycocotools_says_of
from tests.shape_zoo import Record, annotated, as_coco, found_of, shape_files, shape_set
from tests.tasks.protocols.test_polylines_chamfer import hull_px2, samples_of

pytestmark = pytest.mark.usefixtures(shape_files.__name__)


def _alike(found: list[Record], labelled: list[Record]) -> np.ndarray:
    """1 - d / 80 px by shapely; rounded, so that equal lines are equally alike here too."""
    lines, others = (shapely.linestrings(samples_of(records)) for records in (found, labelled))
    return np.round(np.maximum(0, 1 - shapely.frechet_distance(lines[:, None], others) / 80), 10)


@pytest.mark.parametrize("seed", [1, 2, 3, 14, 15])
def test_arrays_are_pycocotools_over_shapelys_distances(tmp_path: Path, seed: int) -> None:
    """Precision, recall and scores, with lines of a single vertex, ties and empty sides."""
    truth, results = shape_set("polyline", seed)
    said = pycocotools_says_of(*as_coco(truth, results, hull_px2), _alike, PROTOCOL.rules)
    chain = Chain(tmp_path).chain(truth, results, "polylines-frechet")
    stored = stored_arrays(chain, "polylines-frechet", PROTOCOL.rules)
    for name in ("precision", "recall", "scores"):
        assert np.array_equal(getattr(stored, name), getattr(said, name)), name


def test_a_line_the_other_way_round_is_missed(tmp_path: Path) -> None:
    """While Chamfer's distance finds nothing wrong with it."""
    place: Record = {"source_unit": "u4", "source_category": "boat", "shape": "polyline"}
    line = [{"x": 10.0, "y": 10.0}, {"x": 90.0, "y": 10.0}]
    truth = annotated("polyline", {**place, "source_id": "1", "polyline": line})
    found = found_of({**place, "polyline": line[::-1], "score": 0.5})
    chain = Chain(tmp_path).chain(truth, found, "polylines-frechet", "polylines-chamfer")
    assert overall(chain, "polylines-frechet")["AP"] == 0
    assert overall(chain, "polylines-chamfer")["AP"] == pytest.approx(1)
