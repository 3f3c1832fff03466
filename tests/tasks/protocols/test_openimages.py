"""Open Images, against hotcoco, against a slow and obvious oracle, and rule by rule."""

import json
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.chain import Chain, box, overall, truth_of

CLASSES = (("animal", None), ("dog", "animal"), ("cat", "animal"), ("puppy", "dog"), ("car", "vehicle"))
"""Ids from 1; the group of cars is no class."""
ABOVE: dict[int, tuple[int, ...]] = {2: (1,), 3: (1,), 4: (2, 1)}
SQUARE, GROUP, INSIDE, FAR = [0, 0, 10, 10], [50, 50, 40, 40], [60, 60, 5, 5], [20, 20, 5, 5]


def _truth(*annotations: dict[str, Any], images: int = 1) -> dict[str, Any]:
    truth = truth_of(*annotations, images=images, categories=len(CLASSES))
    for category, (name, group) in zip(truth["categories"], CLASSES, strict=True):
        category |= {"name": name} if group is None else {"name": name, "supercategory": group}
    return truth


def _group(image: int, corner: Sequence[float], category: int = 1) -> dict[str, Any]:
    return box(image, list(corner), category) | {"is_group_of": True}


def _outcomes(chain: Chain) -> dict[int, str]:
    """What became of each prediction that is judged, by its place in the file."""
    place = {row["prediction_key"]: row["source_row"] for row in chain.rows("predictions")}
    return {
        place[row["prediction_key"]]: row["outcomes"][0] if row["outcomes"] else "FP" if row["error"] else "ignored"
        for row in chain.rows("matches")
    }


def fuzzed(seed: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Boxes and groups on few pixels, so that they overlap and tie, some twice in a class and the one above it."""
    rng = np.random.default_rng(seed)

    def corner() -> list[float]:
        return [*rng.integers(0, 30, 2).tolist(), *rng.integers(3, 20, 2).tolist()]

    rows = [box(int(rng.integers(1, 9)), corner(), int(rng.integers(1, 6))) for _ in range(70)]
    rows = [row | {"is_group_of": bool(rng.random() < 0.3)} for row in rows]
    rows += [row | {"category_id": 1} for row in rows[:6]]
    found = []
    for row in rows * 3:
        shaken = np.maximum(np.array(row["bbox"]) + rng.integers(-2, 3, 4), [0, 0, 1, 1]).tolist()
        category = row["category_id"] if rng.random() < 0.7 else int(rng.integers(1, 6))
        found.append(box(row["image_id"], shaken, category, score=int(rng.integers(1, 40)) / 40))
    return _truth(*rows, images=8), found


def _overlap(found: Sequence[float], truth: Sequence[float], group: bool) -> float:
    wide, high = (min(found[k] + found[k + 2], truth[k] + truth[k + 2]) - max(found[k], truth[k]) for k in (0, 1))
    shared = max(wide, 0.0) * max(high, 0.0)
    mine = found[2] * found[3]
    return shared / (mine if group else mine + truth[2] * truth[3] - shared)


def _average_precision(truth: list[dict[str, Any]], found: list[dict[str, Any]]) -> float:
    """Of one class, by the rule read aloud."""
    taken: set[int] = set()
    right: list[bool] = []
    for row in sorted(found, key=lambda row: (-row["score"], row["image_id"])):
        mine = [k for k, other in enumerate(truth) if other["image_id"] == row["image_id"]]
        alike = {k: _overlap(row["bbox"], truth[k]["bbox"], truth[k]["is_group_of"]) for k in mine}
        single = [k for k in mine if not truth[k]["is_group_of"] and k not in taken and alike[k] >= 0.5]
        groups = [k for k in mine if truth[k]["is_group_of"] and alike[k] >= 0.5]
        best = max(single, key=lambda k: (alike[k], k)) if single else max(groups, key=alike.__getitem__, default=-1)
        if best not in taken:
            right.append(best >= 0)
            taken |= {best} - {-1}
    sums = np.cumsum(right) / np.arange(1, len(right) + 1)
    ceiling = np.maximum.accumulate(sums[::-1])[::-1]
    return float(ceiling[right].sum() / len(truth))


def _expanded(truth: dict[str, Any]) -> list[dict[str, Any]]:
    rows = list(truth["annotations"])
    seen = {(row["image_id"], row["category_id"], *row["bbox"]) for row in rows}
    for row in truth["annotations"]:
        for above in ABOVE.get(row["category_id"], ()):
            if (row["image_id"], above, *row["bbox"]) not in seen:
                seen.add((row["image_id"], above, *row["bbox"]))
                rows.append(row | {"category_id": above})
    return rows


def _per_class(chain: Chain) -> dict[str, float]:
    rows = (row for row in chain.rows("metrics") if row["metric"] == "AP" and row["category_name"])
    return {row["category_name"]: row["value"] for row in rows}


@pytest.mark.parametrize("seed", range(6))
def test_numbers_are_those_of_the_rule_and_of_hotcoco(tmp_path: Path, seed: int) -> None:
    """Class by class: hierarchy, groups, ties of scores and overlaps, boxes said twice."""
    hotcoco = pytest.importorskip("hotcoco")
    truth, found = fuzzed(seed)
    chain = Chain(tmp_path).chain(truth, found, "openimages")
    mine = _per_class(chain)
    names, rows = [name for name, _ in CLASSES], _expanded(truth)
    for k, name in enumerate(names, start=1):
        of_class = [[row for row in side if row["category_id"] == k] for side in (rows, found)]
        assert mine[name] == pytest.approx(_average_precision(*of_class), abs=1e-12)
    known = hotcoco.COCO(str(tmp_path / "ground_truth.json"))
    hierarchy = hotcoco.Hierarchy.from_parent_map({2: 1, 3: 1, 4: 2})
    made = known.load_res(str(tmp_path / "results.json"))
    evaluation = hotcoco.COCOeval(known, made, "bbox", oid_style=True, hierarchy=hierarchy)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says where it differs from the challenge
        evaluation.run()
    theirs = evaluation.results(per_class=True)
    assert mine == pytest.approx(theirs["per_class"], abs=1e-12)
    assert overall(chain, "openimages")["AP"] == pytest.approx(theirs["metrics"]["AP"], abs=1e-12)


def test_the_best_scored_of_a_group_is_true_and_the_others_count_nowhere(tmp_path: Path) -> None:
    """A group is found where half of a prediction lies in it, however small that is."""
    found = [box(1, INSIDE, score=0.5), box(1, [70, 70, 5, 5], score=0.9), box(1, [44, 60, 10, 10], score=0.8)]
    chain = Chain(tmp_path).chain(_truth(_group(1, GROUP)), found, "openimages")
    assert _outcomes(chain) == {0: "ignored", 1: "TP", 2: "FP"}


def test_an_annotation_counts_for_every_class_above_its_own(tmp_path: Path) -> None:
    """A puppy found as animal is found as that, and missed as puppy and as dog."""
    chain = Chain(tmp_path).chain(_truth(box(1, SQUARE, 4)), [box(1, SQUARE, 1, score=0.5)], "openimages")
    assert _per_class(chain) == {"animal": 1.0, "dog": 0.0, "cat": None, "puppy": 0.0, "car": None}
    keys = {row["category_key"] for row in chain.rows("ground_truth_matches")}
    assert len(chain.rows("ground_truth_matches")) == len(keys) == 3
    assert len({row["annotation_key"] for row in chain.rows("ground_truth_matches")}) == 1


def test_images_that_say_what_they_are_annotated_for_are_judged_for_that(tmp_path: Path) -> None:
    """Where no animal is, no dog is: both are false; of cars nothing is said."""
    truth = _truth(box(1, SQUARE, 5), images=2)
    truth["images"][0]["neg_category_ids"] = []
    truth["images"][1]["neg_category_ids"] = [1]
    found = [box(2, FAR, 1, score=0.9), box(2, FAR, 2, score=0.8), box(2, FAR, 5, score=0.7), box(1, FAR, 5, score=0.6)]
    chain = Chain(tmp_path).chain(truth, found, "openimages")
    assert _outcomes(chain) == {0: "FP", 1: "FP", 3: "FP"}


def test_it_runs_unasked_where_annotations_stand_for_groups(tmp_path: Path) -> None:
    """And not where none does."""
    for name, rows in (("groups", [_group(1, GROUP)]), ("none", [box(1, SQUARE)])):
        chain = Chain(tmp_path / name).chain(_truth(*rows), [box(1, SQUARE, score=0.5)])
        held = {row["protocol"] for row in chain.rows("metrics")}
        assert ("openimages" in held) == (name == "groups")


def test_a_file_of_a_hierarchy_takes_the_place_of_groups(tmp_path: Path) -> None:
    """A class may stand under several; labels that are no classes are passed over."""
    tree = {"LabelName": "Entity", "Subcategory": [
        {"LabelName": "cat", "Subcategory": [{"LabelName": "puppy"}]},
        {"LabelName": "car", "Subcategory": [{"LabelName": "puppy"}, {"LabelName": "wheel"}]},
    ]}  # fmt: skip
    beside = tmp_path / "hierarchy.json"
    beside.write_text(json.dumps(tree))
    chain = Chain(tmp_path)
    chain.truth(_truth(box(1, SQUARE, 4)), ontology=beside)
    held = {row["name"]: row["ancestors"] for row in chain.rows("categories")}
    assert held == {"animal": None, "dog": None, "cat": None, "puppy": ["3", "5"], "car": None}
