"""Encord Active's protocol: its own numbers on the sample, and its rules on scenes made by hand."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from schemas.judging import Steps
from tasks.protocols.encord import PROTOCOL, RULES, absent, interpolate
from tasks.rules import default_protocols
from tests.chain import Chain, box, overall, truth_of

SAMPLES = "samples/encord"
GOLDEN = {
    "bbox": "pickles/predictions_bbox.pkl",
    "polygon": "pickles/predictions_polygon.pkl",
    "mask": "pickles/predictions_mask.pkl",
    "bbox+polygon": "pickles/predictions_objects_mixed.pkl",
}


@pytest.fixture(scope="module")
def project(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Chain:
    """The sample's labels and every prediction file the golden numbers were made of, at all four thresholds."""
    chain = Chain(tmp_path_factory.mktemp("encord"))
    folder = shared / SAMPLES
    chain.truth(folder / "labels.json", ontology=folder / "ontology.json")
    for name, file in GOLDEN.items():
        chain.predictions(folder / file, name.replace("+", "-"))
        chain.evaluate("encord", name=name.replace("+", "-"), iou_thresholds=[0.3, 0.5, 0.75, 0.9])
    return chain


def golden(shared: Path, name: str) -> dict[str, Any]:
    """What Encord Active itself said of a prediction file."""
    return json.loads((shared / SAMPLES / "golden_encord_active.json").read_text())["metrics"][name]


def test_predictions_of_other_shapes_are_ignored(project: Chain, shared: Path) -> None:
    """A branch of label rows holds every shape; its boxes and polygons give the numbers of the two alone."""
    project.predictions(shared / SAMPLES / "predictions.json", "branch")
    project.evaluate("encord", name="branch", iou_thresholds=[0.5])
    rows = [r for r in project.rows("metrics") if r["prediction_set"] == "branch" and r["category"] is None]
    found = {r["metric"]: r["value"] for r in rows}
    said = golden(shared, "bbox+polygon")["iou0.5"]
    assert (found["TP"], found["FP"]) == (said["tp"], said["fp"])
    assert found["mAP50"] == pytest.approx(said["metrics"]["mAP"], abs=5e-7)
    assert found["ignored"] > 0


def test_boxes_in_kitti_files_are_judged_alike(project: Chain, shared: Path) -> None:
    """The same predictions, written to hundredths of a pixel, give the same counts and numbers."""
    project.predictions(shared / SAMPLES / "kitti", "kitti")
    project.evaluate("encord", name="kitti", iou_thresholds=[0.5])
    rows = [r for r in project.rows("metrics") if r["prediction_set"] == "kitti" and r["category"] is None]
    found = {r["metric"]: r["value"] for r in rows}
    said = golden(shared, "bbox")["iou0.5"]
    assert (found["TP"], found["FP"]) == (said["tp"], said["fp"])
    assert found["mAP50"] == pytest.approx(said["metrics"]["mAP"], abs=5e-7)


@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.75, 0.9])
@pytest.mark.parametrize("name", GOLDEN)
def test_every_number_is_encord_actives(project: Chain, shared: Path, name: str, threshold: float) -> None:
    """True and false positives, mAP and mAR, AP and AR of every class, to the six digits there are."""
    said = golden(shared, name)[f"iou{threshold}"]
    rows = [r for r in project.rows("metrics") if r["prediction_set"] == name.replace("+", "-")]
    rows = [r for r in rows if r["threshold"] == threshold]
    counts = {r["metric"]: r["value"] for r in rows if r["category"] is None}
    assert (counts["TP"], counts["FP"]) == (said["tp"], said["fp"])
    words = {f"mAP{threshold * 100:g}": "AP", f"mAR{threshold * 100:g}": "AR"}
    means = {f"m{words[r['metric']]}": r["value"] for r in rows if r["metric"] in words and r["category"] is None}
    classes = {
        f"{words[r['metric']]}_{r['category_name']}": r["value"]
        for r in rows
        if r["metric"] in words and r["category"] is not None and r["value"] is not None
    }
    assert means | classes == pytest.approx(said["metrics"], abs=5e-7)


def test_the_best_overlap_of_every_prediction_is_encord_actives(project: Chain, shared: Path) -> None:
    """By descending confidence, boxes and outlines; there boxes were rounded to hundredths of a pixel."""
    said = golden(shared, "bbox+polygon")["iou_by_prediction_desc_confidence"]
    rows = [row for row in project.rows("matches") if row["prediction_set"] == "bbox-polygon"]
    found = sorted((-row["score"], row["best_similarity"] or 0.0) for row in rows)
    expected = sorted((-score, iou) for score, iou, _ in said)
    assert [score for score, _ in found] == [score for score, _ in expected]
    assert [iou for _, iou in found] == pytest.approx([iou for _, iou in expected], abs=2e-4)


def test_it_runs_unasked_on_encord_projects() -> None:
    """Beside COCO's, whatever file the objects came from; not on other projects."""
    found = {protocol.name for protocol in default_protocols({"bounding_box": 1, "kitti": 1}, {"encord-json": 9})}
    assert found == {"encord", "coco-bbox"}
    assert [p.name for p in default_protocols({"bounding_box": 1, "encord-pickle": 1}, {"coco": 9})] == ["coco-bbox"]


def test_numbers_are_named_by_their_threshold() -> None:
    """Two thresholds unless others are asked for."""
    names = [number.name for number in PROTOCOL.numbers(RULES)]
    assert names == ["mAP50", "mAR50", "TP50", "FP50", "FN50", "mAP75", "mAR75", "TP75", "FP75", "FN75"]


LEFT, RIGHT, BETWEEN = [0, 0, 40, 40], [10, 0, 40, 40], [4, 0, 40, 40]


def test_a_second_choice_is_a_miss_where_coco_finds_it(tmp_path: Path) -> None:
    """On crowded objects the numbers differ: that is why both have names."""
    truth = truth_of(box(1, LEFT), box(1, RIGHT))
    results = [box(1, LEFT, score=0.9), box(1, BETWEEN, score=0.8)]
    chain = Chain(tmp_path).chain(truth, results, "encord", "coco-bbox", iou_thresholds=[0.5])
    assert {name: true_positives(chain, name) for name in ("encord", "coco-bbox")} == {"encord": 1, "coco-bbox": 2}
    assert overall(chain, "encord")["mAR50"] == 0.5
    assert overall(chain, "coco-bbox")["AR_100"] == 1.0


def true_positives(chain: Chain, protocol: str) -> float:
    """True positives over all classes and sizes."""
    rows = [row for row in chain.rows("metrics") if row["protocol"] == protocol and row["metric"] == "TP"]
    return next(row["value"] for row in rows if row["category"] is None and row["area_range"] == "all")


def test_regions_and_other_shapes_play_no_part() -> None:
    """Crowds, ignored labels, and shapes that Encord Active does not compare; no shape named is a box."""
    shapes = ["bounding_box", "polygon", None, "bitmask", "point", "bounding_box", "bounding_box"]
    rows = pa.table(
        {
            "shape": shapes,
            "iscrowd": [False, None, None, False, False, True, False],
            "ignore": [None, False, None, False, False, False, True],
        }
    )
    assert absent(rows).tolist() == [False, False, False, True, True, True, True]


def steps(counted: list[int], n_positive: int) -> Steps:
    """Steps at true positives among so many detections each."""
    order = np.arange(1, len(counted) + 1)
    return Steps(order, np.array(counted, np.int64), 1.0 / order, n_positive)


def test_the_last_recall_point_of_a_single_label_is_not_reached() -> None:
    """Its recall is short of 1 by the epsilon in the denominator, as there."""
    assert interpolate(steps([1], 1), RULES).value == pytest.approx(100 / 101)
    assert interpolate(steps([1, 2], 2), RULES).value == pytest.approx(1.0)


def test_precision_is_the_highest_from_a_recall_on() -> None:
    """1/2 up to a recall of 1/4, then 2/3 raises it, then nothing."""
    curve = interpolate(steps([2, 3], 4), RULES)
    assert curve.precision[:51] == pytest.approx(np.full(51, 2 / 3))
    assert not curve.precision[51:].any()
    assert curve.value == pytest.approx(51 * 2 / 3 / 101)


def test_without_a_true_positive_the_value_is_0() -> None:
    """And so it is without a detection."""
    assert interpolate(steps([], 3), RULES).value == 0.0
