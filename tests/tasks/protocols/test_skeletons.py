"""skeletons: COCO's keypoint rules with one sigma, for any number of points."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tasks.protocols.skeletons import PROTOCOL, SIGMA
from tests.chain import Chain, rules_used, stored_arrays, truth_of
from tests.coco_zoo import N_KEYPOINTS, coco_set
from tests.tasks.shapes.sides import as_matrix, side


@pytest.mark.parametrize("seed", [3, 4, 6, 14, 15])
def test_it_is_coco_keypoints_with_equal_sigmas(tmp_path: Path, seed: int) -> None:
    """Array for array, where all have as many points."""
    chain = Chain(tmp_path).chain(*coco_set(seed, "keypoints"), "skeletons")
    chain.evaluate("coco-keypoints", keypoint_sigmas=[SIGMA] * N_KEYPOINTS)
    rules = rules_used("coco-keypoints")
    found, expected = (stored_arrays(chain, name, rules) for name in ("skeletons", "coco-keypoints"))
    for name in ("precision", "recall", "scores"):
        assert np.array_equal(getattr(found, name), getattr(expected, name)), name


def _side(rows: list[list[tuple[float, float]]]) -> Any:
    points = [[{"x": x, "y": y, "visibility": 2, "name": None} for x, y in row] for row in rows]
    exact = [[{"x": x, "y": y} for x, y in row] for row in rows]
    boxes = [{"x": 0.0, "y": 0.0, "w": 9.0, "h": 9.0}] * len(rows)
    columns: dict[str, list[Any]] = {"keypoints": points, "keypoints_px": exact, "bbox_px": boxes}
    return side({**columns, "area": [100.0] * len(rows)}, [len(rows)])


def test_skeletons_of_other_points_are_no_pair() -> None:
    """Those of as many are measured beside them, in their order."""
    two, three = [(0.0, 0.0), (3.0, 4.0)], [(1.0, 1.0), (2.0, 2.0), (3.0, 3.0)]
    assert PROTOCOL.pairs is not None
    pairs = PROTOCOL.pairs(_side([three, two]), _side([two, three, two]), 0.1, {"sigma": (SIGMA,)})
    assert as_matrix(pairs, 3).tolist() == [[0, 1, 0], [1, 0, 1]]
    assert pairs.annotation.tolist() == [1, 0, 2]
    aside = PROTOCOL.pairs(_side([[(0.0, 1.0), (3.0, 4.0)]]), _side([two]), 0.1, {"sigma": (SIGMA,)})
    assert aside.similarity[0] == pytest.approx((1 + np.exp(-1 / (2 * 100 * (2 * SIGMA) ** 2))) / 2)


@pytest.mark.parametrize(("n_found", "n_labelled"), [(0, 3), (3, 0), (0, 0)])
def test_an_empty_side_has_no_pairs(n_found: int, n_labelled: int) -> None:
    """Without detections or without annotations there are no pairs."""
    assert PROTOCOL.pairs is not None
    found, labelled = (_side([[(0.0, 0.0)]] * n) for n in (n_found, n_labelled))
    assert len(PROTOCOL.pairs(found, labelled, 0.1, {"sigma": (SIGMA,)}).annotation) == 0


def test_it_runs_unasked_in_the_place_of_coco_keypoints(tmp_path: Path) -> None:
    """Where the classes' skeletons have other points than there are sigmas; one sigma may be given for all."""
    record = {"image_id": 1, "category_id": 1, "keypoints": [1, 1, 2, 50, 50, 2]}
    truth = truth_of({**record, "num_keypoints": 2, "area": 2401, "bbox": [1, 1, 49, 49]})
    truth["categories"][0]["keypoints"] = ["left", "right"]
    chain = Chain(tmp_path)
    chain.truth(truth)
    chain.predictions([{**record, "score": 0.5}])
    assert [done.name for done in chain.evaluate()] == ["skeletons"]
    assert dict(rules_used("skeletons", keypoint_sigmas=[0.2]).options) == {"sigma": (0.2,)}
