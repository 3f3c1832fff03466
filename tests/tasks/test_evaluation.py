"""Evaluations: what is done again, what stands beside what, and what is refused."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from schemas.errors import InputError
from tasks.catalog import catalog
from tasks.evaluation import Evaluated
from tests.chain import Chain, box, truth_of
from tests.coco_zoo import coco_set


def test_the_same_rules_again_are_no_work_unless_forced(tmp_path: Path) -> None:
    """Nothing is committed; forced, the same bytes are published again."""
    chain = Chain(tmp_path).chain(*coco_set(3), "coco-bbox")
    before, commits = chain.bytes_of("metrics", "curves", "matches"), len(chain.project.state().commits)
    assert [done.status for done in chain.evaluate("coco-bbox")] == ["unchanged"]
    assert len(chain.project.state().commits) == commits
    assert [done.status for done in chain.evaluate("coco-bbox", force=True)] == ["completed"]
    assert chain.bytes_of("metrics", "curves", "matches") == before


def test_other_parameters_take_the_place_of_a_protocols_numbers(tmp_path: Path) -> None:
    """One set of rules is live per set and protocol name; another name stands beside it."""
    chain = Chain(tmp_path).chain(*coco_set(3), "coco-bbox")
    chain.evaluate("coco-bbox", iou_thresholds=[0.3])
    metrics = chain.table("metrics")
    assert metrics["protocol"].unique().to_list() == ["coco-bbox"]
    assert metrics.filter(pl.col("metric") == "TP")["threshold"].unique().to_list() == [0.3]
    chain.evaluate("coco-bbox", iou_thresholds=[0.4], stand_as="loose")
    assert sorted(chain.table("metrics")["protocol"].unique()) == ["coco-bbox", "loose"]
    assert chain.table("metrics")["rules"].n_unique() == 2


def test_numbers_of_a_replaced_ground_truth_are_stale_until_measured_again(tmp_path: Path) -> None:
    """And then they are those of the new one."""
    truth, results = truth_of(box(1, [1, 2, 30, 40])), [box(1, [1, 2, 30, 40], score=0.5)]
    chain = Chain(tmp_path).chain(truth, results, "coco-bbox")

    def stale() -> list[str | None]:
        known = catalog(chain.project)
        return [known.stale(evaluation) for evaluation in known.evaluations.values()]

    assert stale() == [None]
    chain.truth(truth_of(box(2, [1, 2, 30, 40])))
    assert stale() == ["the ground truth changed"]
    assert [done.status for done in chain.evaluate("coco-bbox")] == ["completed"]
    assert stale() == [None]
    overall = chain.table("metrics").filter(pl.col("category").is_null(), pl.col("metric") == "AP")
    assert overall["value"].to_list() == [0.0]


def test_numbers_that_another_ground_truth_leaves_alone_stay_whole(tmp_path: Path) -> None:
    """Empty images change the scores of units and no number: the tables are one evaluation all the same."""
    truth, results = [box(1, [1, 2, 30, 40])], [box(1, [1, 2, 30, 40], score=0.5)]
    chain = Chain(tmp_path).chain(truth_of(*truth), results, "coco-bbox")
    for images in (3, 4):
        chain.truth(truth_of(*truth, images=images))
        assert [done.status for done in chain.evaluate("coco-bbox")] == ["completed"]
        assert len(chain.table("unit_scores")) == images
    (evaluation,) = catalog(chain.project).evaluations.values()
    assert {"metrics", "curves", "matches", "ground_truth_matches", "unit_scores"} <= set(evaluation.partitions)


def test_all_protocols_are_checked_before_any_is_run(tmp_path: Path) -> None:
    """One that does not fit leaves no numbers of the others; so does an unknown set."""
    chain = Chain(tmp_path)
    chain.truth(coco_set(3).ground_truth)
    chain.predictions(coco_set(3).results)
    with pytest.raises(InputError, match="coco-segm compares mask_iou"):
        chain.evaluate("coco-bbox", "coco-segm")
    with pytest.raises(InputError, match="no prediction set 'nett'") as error:
        chain.evaluate("coco-bbox", name="nett")
    assert error.value.hint == "did you mean net?"
    assert not chain.bytes_of("metrics")


def test_without_names_the_protocols_of_the_shapes_run(tmp_path: Path) -> None:
    """Of those that came in on both sides."""
    ground_truth, results = coco_set(3, "segmentation")
    assert {done.name for done in _defaults(tmp_path / "masks", ground_truth, results)} == {"coco-segm"}
    boxed = [{**result, "bbox": [1, 2, 3, 4]} for result in results]
    assert {done.name for done in _defaults(tmp_path / "both", ground_truth, boxed)} == {"coco-bbox", "coco-segm"}


def _defaults(folder: Path, ground_truth: dict[str, Any], results: list[Any]) -> list[Evaluated]:
    chain = Chain(folder)
    chain.truth(ground_truth)
    chain.predictions(results)
    return chain.evaluate()


def test_every_result_row_says_what_it_was_made_under(tmp_path: Path) -> None:
    """Set, protocol, and a digest of the rules, in every result table."""
    chain = Chain(tmp_path).chain(*coco_set(3), "coco-bbox", max_detections=[3])
    for table in ("metrics", "curves", "unit_scores", "matches", "ground_truth_matches"):
        labels = chain.table(table).select("prediction_set", "protocol", "rules").unique().rows()
        assert [label[:2] for label in labels] == [("net", "coco-bbox")]
        assert labels[0][2].startswith("coco-bbox@")


def _skeletons(tmp_path: Path, **more: Any) -> Chain:
    """A set of boxes and of skeletons of two points, which no sigmas of COCO's fit."""
    chain = Chain(tmp_path)
    points: dict[str, Any] = {"keypoints": [1, 1, 2, 5, 5, 2]}
    truth = truth_of(box(1, [0, 0, 9, 9], num_keypoints=2, **points))
    truth["categories"][0]["keypoints"] = ["left", "right"]
    chain.truth(truth)
    chain.predictions(
        [box(1, [0, 0, 9, 9], score=0.5, **more), {"image_id": 1, "category_id": 1, "score": 0.5, **points}]
    )
    return chain


def test_protocols_that_run_unasked_are_those_whose_sigmas_fit(tmp_path: Path) -> None:
    """Boxes are measured all the same."""
    assert "coco-keypoints" not in {done.name for done in _skeletons(tmp_path).evaluate()}


def test_sigmas_that_do_not_fit_are_an_error_where_they_were_asked_for(tmp_path: Path) -> None:
    """With the option that takes others."""
    with pytest.raises(InputError, match="2 keypoints, and there are 17 sigmas"):
        _skeletons(tmp_path).evaluate("coco-keypoints")
