"""What a person is shown of an evaluation."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tasks.catalog import Entry, catalog
from tasks.numbers import overall_numbers
from tasks.report import class_rows, curve_lines, metric_rows, numbers_before
from tests.chain import PROJECT, SET, Chain, box, truth_of

CLASSES = 25


def evaluated(folder: Path, protocol: str = "coco-bbox") -> tuple[Chain, Entry]:
    """One image; a prediction of each class, the better the higher its id; class 1 is not found."""
    names = {k: f"class-{k}" for k in range(1, CLASSES + 1)}
    boxes = [box(1, [12 * k, 0, 10, 10], category_id=k) for k in names]
    truth = truth_of(*boxes)
    truth["categories"] = [{"id": k, "name": name} for k, name in names.items()]
    found = [box(1, [12 * k, 0, 10, 5 + k / 6], category_id=k, score=0.5) for k in range(2, CLASSES + 1)]
    chain = Chain(folder).chain(truth, found, protocol)
    return chain, catalog(chain.project).evaluations[SET, protocol]


def test_numbers_stand_beside_those_before() -> None:
    """Rounded; what was not there before, or is undefined, has no change."""
    rows = metric_rows({"AP": 0.123456, "n": 3, "F1": None, "AR": 0.5}, {"AP": 0.1, "n": 1, "F1": 0.2})
    assert rows == [
        {"metric": "AP", "value": 0.1235, "before": 0.1, "change": 0.0235},
        {"metric": "n", "value": 3, "before": 1, "change": 2},
        {"metric": "F1", "value": None, "before": 0.2, "change": None},
        {"metric": "AR", "value": 0.5, "before": None, "change": None},
    ]


def test_a_first_run_has_nothing_before(tmp_path: Path) -> None:
    """Neither a project nor a set need be there."""
    assert numbers_before(tmp_path / "store", PROJECT, [SET]) == {}
    chain, _ = evaluated(tmp_path)
    assert numbers_before(chain.store, PROJECT, ["other"]) == {}
    assert metric_rows({"AP": 0.5}, None) == [{"metric": "AP", "value": 0.5, "before": None, "change": None}]


def test_what_is_stored_is_what_was_before(tmp_path: Path) -> None:
    """Of the sets that are asked for; of all when none is."""
    chain, entry = evaluated(tmp_path)
    expected = {(SET, "coco-bbox"): overall_numbers(entry)}
    assert numbers_before(chain.store, PROJECT, [SET]) == expected
    assert numbers_before(chain.store, PROJECT, []) == expected


def test_of_many_classes_the_best_and_the_worst_are_shown(tmp_path: Path) -> None:
    """By their main number, best first; the middle is left out."""
    _, entry = evaluated(tmp_path)
    rows = class_rows(entry, most=6)
    assert len(class_rows(entry, most=CLASSES)) == CLASSES
    assert len(rows) == 6
    values = [row["AP"] for row in rows]
    assert values == sorted(values, reverse=True)
    assert rows[-1] == {"class": "class-1", "AP": 0.0, "annotations": 1, "predictions": 0}


def test_a_protocol_without_curves_has_no_lines(tmp_path: Path) -> None:
    """Those that judge pixels, tracks or answers draw none."""
    _, entry = evaluated(tmp_path)
    assert curve_lines(replace(entry, partitions={"metrics": entry.partitions["metrics"]})) == []


def test_curves_average_to_the_number(tmp_path: Path) -> None:
    """At COCO's recall points the mean of a line is AP at its threshold; precision never rises with recall."""
    _, entry = evaluated(tmp_path)
    lines = curve_lines(entry)
    numbers = overall_numbers(entry)
    assert [line.label.split(":")[0] for line in lines] == ["threshold 0.5", "threshold 0.75", "threshold 0.95"]
    assert lines[0].precision.mean() == pytest.approx(numbers["AP50"])
    assert lines[1].precision.mean() == pytest.approx(numbers["AP75"])
    assert all((np.diff(line.precision) <= 0).all() for line in lines)


def test_curves_of_another_rule_are_drawn_at_the_same_recalls(tmp_path: Path) -> None:
    """VOC's own points are where its curve bends."""
    _, entry = evaluated(tmp_path, "voc2012")
    (line,) = curve_lines(entry)
    assert line.recall.shape == line.precision.shape == (101,)
    assert line.precision.mean() == pytest.approx((CLASSES - 1) / CLASSES)
