"""Matches, row by row, read from the tables of small sets worked out by hand."""

from pathlib import Path
from typing import Any

import pytest

from tests.chain import Chain, box, truth_of

SQUARE = [10, 10, 40, 40]
NEAR = [10, 10, 40, 30]  # IoU .75 with the square
FAR = [100, 50, 20, 20]


def _matched(tmp_path: Path, truth: list[Any], results: list[Any], **settings: Any) -> tuple[list[Any], list[Any]]:
    """Rows of matches in file order, rows of ground_truth_matches by id, with keys told as places in the files."""
    chain = Chain(tmp_path).chain(truth_of(*truth), results, "coco-bbox", **settings)
    place = {row["prediction_key"]: row["source_row"] for row in chain.rows("predictions")}
    ids = {row["annotation_key"]: int(row["source_id"]) for row in chain.rows("ground_truth")}
    found = sorted(chain.rows("matches"), key=lambda row: place[row["prediction_key"]])
    known = sorted(chain.rows("ground_truth_matches"), key=lambda row: ids[row["annotation_key"]])
    for row in found:
        for name in ("best_annotation_key", "best_other_annotation_key"):
            row[name] = ids.get(row[name])
        row["annotation_keys"] = row["annotation_keys"] and [ids.get(key) for key in row["annotation_keys"]]
    for row in known:
        row["prediction_keys"] = [place.get(key) for key in row["prediction_keys"]]
        row["near_prediction_key"] = place.get(row["near_prediction_key"])
    return found, known


def test_a_match_names_its_partner_at_every_threshold(tmp_path: Path) -> None:
    """Up to its IoU, which counts; beyond it there is none, on either side."""
    thresholds = [0.5, 0.75, 0.8]
    (row,), (known,) = _matched(tmp_path, [box(1, SQUARE)], [box(1, NEAR, score=0.5)], iou_thresholds=thresholds)
    assert (row["annotation_keys"], row["outcomes"]) == ([1, 1, None], ["TP", "TP", "FP"])
    assert (known["prediction_keys"], known["outcomes"]) == ([0, 0, None], ["TP", "TP", "FN"])
    assert (row["matched_similarity"], row["best_similarity"], row["best_annotation_key"]) == (0.75, 0.75, 1)
    assert (row["error"], row["rank"], row["score"]) == (None, 0, 0.5)
    assert row["ranges"] is None  # medium says the same, and the others ignore it
    assert [entry["area_range"] for entry in known["ranges"]] == ["medium"]


def test_a_prediction_that_matched_nothing_has_nulls_and_a_reason(tmp_path: Path) -> None:
    """Neither lists nor similarities; ground truth always has lists."""
    (row,), (known,) = _matched(tmp_path, [box(1, SQUARE)], [box(1, FAR, score=0.5)])
    assert row["outcomes"] is row["annotation_keys"] is row["ranges"] is row["matched_similarity"] is None
    assert (row["best_similarity"], row["best_annotation_key"], row["error"]) == (None, None, "Bkg")
    assert (known["outcomes"], known["near_similarity"], known["near_prediction_key"]) == (["FN"] * 10, None, None)


@pytest.mark.parametrize(
    ("corner", "category", "error"),
    [
        (SQUARE, 2, "Cls"),
        ([10, 10, 40, 10], 1, "Loc"),
        ([10, 10, 40, 10], 2, "Both"),
        (NEAR, 1, "Dupe"),
        (FAR, 1, "Bkg"),
    ],
)
def test_a_false_positive_has_its_reason(tmp_path: Path, corner: list[float], category: int, error: str) -> None:
    """Another class, too little overlap, both, found already, or nothing there."""
    results = [box(1, SQUARE, score=0.9), box(1, corner, category, score=0.5)]
    found, _ = _matched(tmp_path, [box(1, SQUARE)], results)
    assert [row["error"] for row in found] == [None, error]


def test_a_crowd_takes_any_number_and_counts_for_nothing(tmp_path: Path) -> None:
    """Neither the predictions on it nor itself; it names the one that took it last."""
    results = [box(1, [10, 10, 5, 5], score=0.9), box(1, [20, 20, 5, 5], score=0.5)]
    found, (known,) = _matched(tmp_path, [box(1, SQUARE, iscrowd=1)], results)
    assert [row["outcomes"] for row in found] == [["ignored"] * 10] * 2
    assert [row["annotation_keys"] for row in found] == [[1] * 10] * 2
    assert known["outcomes"] == ["ignored"] * 10


def test_the_best_of_another_class_is_told_apart(tmp_path: Path) -> None:
    """In class and out of class each have their own similarity."""
    truth = [box(1, NEAR), box(1, SQUARE, 2)]
    (row,), _ = _matched(tmp_path, truth, [box(1, SQUARE, score=0.5)])
    assert (row["best_similarity"], row["best_annotation_key"]) == (0.75, 1)
    assert (row["best_other_similarity"], row["best_other_annotation_key"]) == (1.0, 2)


def test_a_missed_annotation_names_the_prediction_that_came_near(tmp_path: Path) -> None:
    """The nearest of its class on its unit."""
    results = [box(1, [10, 10, 40, 10], score=0.9), box(2, SQUARE, score=0.9), box(1, SQUARE, 2, score=0.9)]
    _, (known,) = _matched(tmp_path, [box(1, SQUARE)], results)
    assert (known["near_similarity"], known["near_prediction_key"]) == (0.25, 0)


def test_predictions_rank_by_score_within_unit_and_class(tmp_path: Path) -> None:
    """Of equal scores the earlier in the file is first."""
    ranked = [box(1, FAR, score=score) for score in (0.2, 0.8, 0.8)]
    results = [*ranked, box(2, FAR, score=0.1), box(1, FAR, 2, score=0)]
    found, _ = _matched(tmp_path, [], results)
    assert [row["rank"] for row in found] == [2, 0, 1, 0, 0]


def test_of_equal_overlaps_the_later_annotation_wins(tmp_path: Path) -> None:
    """As in pycocotools, and one that counts before one that does not."""
    truth = [box(1, SQUARE), box(1, SQUARE), box(1, SQUARE, iscrowd=1)]
    found, _ = _matched(tmp_path, truth, [box(1, SQUARE, score=score) for score in (0.9, 0.8, 0.7)])
    assert [row["annotation_keys"][0] for row in found] == [2, 1, 3]


def test_a_range_speaks_where_it_says_otherwise(tmp_path: Path) -> None:
    """A medium prediction on a large annotation is ignored among the medium ones, and true among the large."""
    large, medium = [0, 0, 100, 95], [0, 0, 100, 90]
    (row,), (known,) = _matched(tmp_path, [box(1, large)], [box(1, medium, score=0.5)], iou_thresholds=[0.5, 0.95])
    said = {entry["area_range"]: entry["outcomes"] for entry in row["ranges"]}
    assert (row["outcomes"], row["ranges_outside"]) == (["TP", "FP"], 0b1010)
    assert said == {"medium": ["ignored", "FP"], "large": ["TP", "ignored"]}
    assert [(entry["area_range"], entry["outcomes"]) for entry in known["ranges"]] == [("large", ["TP", "FN"])]


def test_areas_outside_a_range_are_bits_of_a_row(tmp_path: Path) -> None:
    """all, small, medium, large: 40 x 40 is outside small and large, 1024 in small and medium."""
    results = [box(1, SQUARE, score=0.9), box(1, [0, 0, 32, 32], score=0.8)]
    found, _ = _matched(tmp_path, [], results)
    assert [row["ranges_outside"] for row in found] == [0b1010, 0b1000]
