"""Who has to do with each annotation, as it is stored and read back."""

from pathlib import Path
from typing import Any

from tests.chain import Chain, box, truth_of

SQUARE, LOW, FAR = [10, 10, 40, 40], [10, 10, 40, 10], [100, 50, 20, 20]  # LOW: IoU .25 with the square


def _known(tmp_path: Path, truth: list[Any], results: list[Any]) -> dict[str, Any]:
    """The columns of the first annotation; classes by their ids in the file."""
    chain = Chain(tmp_path).chain(truth_of(*truth, categories=3), results, "coco-bbox")
    ids = {row["category_key"]: int(row["feature_hash"]) for row in chain.rows("categories")}
    first = {row["annotation_key"] for row in chain.rows("ground_truth") if row["source_id"] == "1"}
    (row,) = [row for row in chain.rows("ground_truth_matches") if row["annotation_key"] in first]
    classes = {name: ids.get(row[name]) for name in ("confused_category", "mended_category")}
    return {**{name: row[name] for name in ("found_score", "confused_score", "mended_score")}, **classes}


def test_what_found_an_annotation_leaves_nothing_to_mend(tmp_path: Path) -> None:
    """It may have been taken for another class all the same."""
    known = _known(tmp_path, [box(1, SQUARE)], [box(1, SQUARE, score=0.5), box(1, SQUARE, 2, score=0.9)])
    assert known == {
        "found_score": 0.5, "confused_score": 0.9, "confused_category": 2, "mended_score": None, "mended_category": None
    }  # fmt: skip


def test_the_best_scored_error_mends(tmp_path: Path) -> None:
    """Of one of another class and one too far off; of equal scores the first in group order."""
    results = [box(1, LOW, score=0.8), box(1, SQUARE, 3, score=0.6), box(1, SQUARE, 2, score=0.6)]
    known = _known(tmp_path, [box(1, SQUARE)], results)
    assert (known["mended_score"], known["mended_category"]) == (0.8, 1)
    assert (known["confused_score"], known["confused_category"]) == (0.6, 2)


def test_an_ignored_prediction_may_mend_but_confuses_nothing(tmp_path: Path) -> None:
    """It lies on a crowd, where it does not count, and a little on the annotation."""
    crowd = [10, 10, 40, 15]
    known = _known(tmp_path, [box(1, SQUARE), box(1, crowd, iscrowd=1)], [box(1, LOW, score=0.7)])
    assert (known["mended_score"], known["mended_category"], known["confused_score"]) == (0.7, 1, None)


def test_annotations_far_from_everything_have_nulls(tmp_path: Path) -> None:
    """And so have crowds, which do not count."""
    names = ("found_score", "confused_score", "mended_score", "confused_category", "mended_category")
    nothing, here = dict.fromkeys(names), [box(1, SQUARE, score=0.9)]
    assert _known(tmp_path / "far", [box(1, SQUARE)], [box(1, FAR, score=0.9)]) == nothing
    assert _known(tmp_path / "crowd", [box(1, SQUARE, iscrowd=1)], here) == nothing
