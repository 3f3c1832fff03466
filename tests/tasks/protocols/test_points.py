"""points: COCO's rules over distances in pixels."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from schemas.distance_rules import distance_rules
from tests.chain import Chain, overall, stored_arrays
from tests.oracle import pycocotools_says_of
from tests.shape_zoo import SIZES_PX, Record, annotated, as_coco, found_of, shape_files, shape_set

pytestmark = pytest.mark.usefixtures(shape_files.__name__)

PLACE: Record = {"source_unit": "u1", "source_category": "boat", "shape": "point"}


def _point(x: float, y: float) -> list[Record]:
    return [{"x": x, "y": y, "visibility": 2}]


def _at(records: list[Record]) -> np.ndarray:
    return np.array([[record["record"]["keypoints"][0][axis] for axis in "xy"] for record in records])


def _alike(found: list[Record], labelled: list[Record], reach: Any = 40.0) -> np.ndarray:
    """1 - d / 40 px; 0 beyond."""
    apart = np.linalg.norm(_at(found)[:, None] - _at(labelled), axis=2)
    return np.maximum(0, 1 - apart / reach)


@pytest.mark.parametrize("seed", [1, 2, 3, 14, 15])
def test_arrays_are_pycocotools_over_distances(tmp_path: Path, seed: int) -> None:
    """Precision, recall and scores; crowds match any number, ties fall alike."""
    truth, results = shape_set("point", seed)
    rules = distance_rules(5.0, 10.0, 20.0)
    said = pycocotools_says_of(*as_coco(truth, results, lambda record: 0.0), _alike, rules)
    stored = stored_arrays(Chain(tmp_path).chain(truth, results, "points"), "points", rules)
    for name in ("precision", "recall", "scores"):
        assert np.array_equal(getattr(stored, name), getattr(said, name)), name


def test_pck_is_the_share_of_points_found_within_a_limit(tmp_path: Path) -> None:
    """(3, 4) lies just within 5 px, (6, 8) within 10, (6, 8.01) is beyond; whatever the scores."""
    places, apart = [(20, 20), (60, 20), (20, 60), (60, 60)], [(3, 4), (6, 8), (6, 8.01), (90, 0)]
    truth = annotated(
        "point", *({**PLACE, "source_id": str(k), "keypoints": _point(x, y)} for k, (x, y) in enumerate(places))
    )
    found = [_point(x + dx, y + dy) for (x, y), (dx, dy) in zip(places, apart, strict=True)]
    scored = [{**PLACE, "keypoints": point, "score": 0.1 * k} for k, point in enumerate(found)]
    chain = Chain(tmp_path).chain(truth, found_of(*scored), "points")
    numbers = overall(chain, "points")
    assert [numbers[f"PCK@{limit}px"] for limit in (5, 10, 20)] == [0.25, 0.5, 0.75]


def test_limits_may_be_the_callers_own(tmp_path: Path) -> None:
    """Numbers are called by them; the diagonal decides where the protocol says so."""
    truth, results = shape_set("point", 2)
    chain = Chain(tmp_path).chain(truth, results, "points", distances=[30, 2.5])
    names = set(chain.table("metrics")["metric"])
    assert names >= {"AP", "AP@2.5px", "AP@30px", "PCK@2.5px", "PCK@30px"}
    assert "AP@5px" not in names


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_relative_distances_are_shares_of_each_units_diagonal(tmp_path: Path, seed: int) -> None:
    """As those in px of each unit; 20 px are more of a small one."""
    truth, results = shape_set("point", seed)
    rules = distance_rules(0.01, 0.02, 0.05)

    def alike(found: list[Record], labelled: list[Record]) -> np.ndarray:
        return _alike(found, labelled, 0.1 * np.hypot(*SIZES_PX[found[0]["image_id"]]))

    said = pycocotools_says_of(*as_coco(truth, results, lambda record: 0.0), alike, rules)
    chain = Chain(tmp_path).chain(truth, results, "points-relative")
    stored = stored_arrays(chain, "points-relative", rules)
    for name in ("precision", "recall", "scores"):
        assert np.array_equal(getattr(stored, name), getattr(said, name)), name
    assert "PCK@0.05" in overall(chain, "points-relative")
