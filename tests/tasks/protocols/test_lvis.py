"""LVIS, against hotcoco and rule by rule."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tasks.engines.objects import misfit
from tasks.protocols.lvis import PROTOCOL
from tests.chain import Chain, box, overall, truth_of

SQUARE, FAR = [10, 10, 40, 40], [100, 50, 20, 20]


def fuzzed(truth: dict[str, Any], seed: int) -> list[dict[str, Any]]:
    """Found annotations, shaken, some of another class; and boxes anywhere, of any class: over 300 on some images."""
    rng = np.random.default_rng(seed)
    classes = [category["id"] for category in truth["categories"]]
    listed = {
        image["id"]: image["neg_category_ids"] + image["not_exhaustive_category_ids"] for image in truth["images"]
    }
    rows = []
    for annotation in truth["annotations"]:
        for _ in range(rng.integers(0, 4)):
            other = rng.choice(listed[annotation["image_id"]] or classes)
            category = annotation["category_id"] if rng.random() < 0.8 else other
            corner = np.array(annotation["bbox"]) * rng.uniform(0.85, 1.15, 4)
            rows.append(box(annotation["image_id"], corner.tolist(), int(category)))
    for image in truth["images"]:
        for _ in range(rng.integers(0, 400)):
            category = rng.choice(listed[image["id"]] or classes) if rng.random() < 0.5 else rng.choice(classes)
            rows.append(box(image["id"], rng.uniform(5, 200, 4).tolist(), int(category)))
    scores = rng.permutation(len(rows)) / len(rows)
    return [{**row, "score": float(score)} for row, score in zip(rows, scores, strict=True)]


def _federated(*annotations: Any, negative: list[int], partly: list[int]) -> dict[str, Any]:
    truth = truth_of(*annotations, images=1, categories=3)
    truth["images"][0] |= {"neg_category_ids": negative, "not_exhaustive_category_ids": partly}
    return truth


def _outcomes(chain: Chain) -> dict[int, str]:
    """What became of each prediction that is judged, by its place in the file."""
    place = {row["prediction_key"]: row["source_row"] for row in chain.rows("predictions")}
    return {
        place[row["prediction_key"]]: row["outcomes"][0] if row["outcomes"] else "FP" if row["error"] else "ignored"
        for row in chain.rows("matches")
    }


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.slow), pytest.param(2, marks=pytest.mark.slow)])
def test_numbers_are_those_of_hotcoco(tmp_path: Path, shared: Path, seed: int) -> None:
    """To the bit, on 100 real images with made-up detections."""
    hotcoco = pytest.importorskip("hotcoco")
    truth = json.loads((shared / "samples/lvis/data/lvis_val_100.json").read_text())
    chain = Chain(tmp_path).chain(truth, fuzzed(truth, seed), "lvis")
    known = hotcoco.COCO(str(tmp_path / "ground_truth.json"))
    evaluation = hotcoco.LVISeval(known, hotcoco.LVISResults(known, str(tmp_path / "results.json")), "bbox")
    evaluation.run()
    assert overall(chain, "lvis") == evaluation.get_results()


def test_predictions_of_classes_that_are_not_annotated_are_not_judged(tmp_path: Path) -> None:
    """Class 1 is there, class 2 is known not to be, of class 3 nothing is said."""
    results = [box(1, FAR, k, score=0.5) for k in (1, 2, 3)]
    chain = Chain(tmp_path).chain(_federated(box(1, SQUARE), negative=[2], partly=[]), results, "lvis")
    assert _outcomes(chain) == {0: "FP", 1: "FP"}


def test_what_finds_nothing_is_ignored_where_not_all_is_annotated(tmp_path: Path) -> None:
    """What finds something is true all the same."""
    results = [box(1, FAR, score=0.9), box(1, SQUARE, score=0.5)]
    chain = Chain(tmp_path).chain(_federated(box(1, SQUARE), negative=[], partly=[1]), results, "lvis")
    assert _outcomes(chain) == {0: "ignored", 1: "TP"}
    assert overall(chain, "lvis")["AP"] == pytest.approx(1)


def test_the_limit_is_of_an_image_and_not_of_a_class(tmp_path: Path) -> None:
    """Classes that are not judged use it up as well; of equals the first in the file stay."""
    results = [box(1, FAR, 3, score=0.9), box(1, FAR, 2, score=0.5), box(1, SQUARE, score=0.5)]
    truth = _federated(box(1, SQUARE), negative=[2], partly=[])
    chain = Chain(tmp_path).chain(truth, results, "lvis", max_detections=[2])
    assert _outcomes(chain) == {1: "FP"}


def test_in_canonical_order_it_does_not_matter_how_the_file_is_sorted(tmp_path: Path) -> None:
    """Of equal scores at the limit the same stay, whichever comes first."""
    results = [box(1, [10 + k, 10, 40, 40], 1 + k % 2, score=0.5) for k in range(9)]
    truth = _federated(box(1, SQUARE), box(1, SQUARE, 2), negative=[], partly=[])
    settings: dict[str, Any] = {"max_detections": [4], "tie_order": "canonical"}
    found = []
    for name, rows in (("forth", results), ("back", results[::-1])):
        chain = Chain(tmp_path / name).chain(truth, rows, "lvis", **settings)
        boxes = {row["prediction_key"]: row["bbox_px"]["x"] for row in chain.rows("predictions")}
        found.append({boxes[row["prediction_key"]] for row in chain.rows("matches")})
    assert found[0] == found[1]
    assert len(found[0]) == 4


def test_the_lists_of_an_image_are_kept_as_ids(tmp_path: Path) -> None:
    """Numbers or text; an image whose list is none is refused, and an image without lists has nulls."""
    truth = truth_of(box(1, SQUARE), images=4, categories=3)
    truth["images"][0] |= {"neg_category_ids": [2, 3], "not_exhaustive_category_ids": []}
    truth["images"][1] |= {"neg_category_ids": ["2"]}
    truth["images"][2] |= {"neg_category_ids": "2"}
    chain = Chain(tmp_path)
    chain.truth(truth, reject_limit=1.0)
    columns = ("neg_categories", "not_exhaustive_categories")
    lists = {row["source_id"]: tuple(map(row.get, columns)) for row in chain.rows("data_units")}
    assert lists == {"1": (["2", "3"], []), "2": (["2"], None), "4": (None, None)}
    (refused,) = chain.rows("rejects")
    assert refused["reason"] == "neg_category_ids is text, allowed is a list of ids"


def test_ground_truth_that_is_not_federated_does_not_fit() -> None:
    """It says nothing of what is not there."""
    boxes = {"bounding_box": 3}
    assert misfit(PROTOCOL, boxes, boxes) == "lvis needs ground truth that is federated"
    assert misfit(PROTOCOL, boxes, {**boxes, "federated": 1}) is None
