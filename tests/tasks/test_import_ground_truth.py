"""Imports of ground truth: keys keep their meaning, whatever replaces what."""

from pathlib import Path

import polars as pl
import pytest

from schemas.errors import RejectLimitError
from tests.chain import Chain, box, image, truth_of
from tests.coco_zoo import coco_set


def _keys(chain: Chain, table: str, key: str, name: str) -> dict[str, int]:
    return dict(chain.table(table).select(name, key).iter_rows())


def test_keys_stay_with_what_they_name_when_the_ground_truth_is_replaced(tmp_path: Path) -> None:
    """New images and classes before the old ones get new keys; those that are gone keep theirs, retired."""
    chain = Chain(tmp_path)
    chain.truth(truth_of(box(1, [1, 2, 3, 4]), box(2, [5, 6, 7, 8]), images=3, categories=3))
    before = {name: _keys(chain, *name) for name in UNITS_AND_CLASSES}
    second = truth_of(box(2, [5, 6, 7, 8]), images=0, categories=0)
    second["images"] = [image(0), image(2), image(3)]
    second["categories"] = [{"id": number, "name": f"class {number}"} for number in (0, 3, 2)]
    chain.truth(second)
    for name, old in before.items():
        new = _keys(chain, *name)
        assert old.items() <= new.items()
        assert len(set(new.values())) == len(new) == 4
        retired = chain.table(name[0]).filter(pl.col("retired"))
        assert retired[name[1]].to_list() == [old["1.jpg" if name[0] == "data_units" else "1"]]


UNITS_AND_CLASSES = (("data_units", "unit_key", "title"), ("categories", "category_key", "feature_hash"))


def test_keys_of_what_was_retired_come_back_with_it(tmp_path: Path) -> None:
    """An image that leaves and returns is the same unit."""
    chain = Chain(tmp_path)
    full, part = truth_of(images=3), truth_of(images=1)
    chain.truth(full)
    before = chain.table("data_units").sort("unit_key")
    chain.truth(part)
    chain.truth(full)
    assert chain.table("data_units").sort("unit_key").equals(before)


def test_retired_units_and_classes_are_not_measured(tmp_path: Path) -> None:
    """After a replacement the numbers are those of the new ground truth alone, with the old set's predictions."""
    truth = truth_of(box(1, [1, 2, 30, 40]), box(2, [1, 2, 30, 40]), box(2, [9, 9, 30, 40], 2), images=3)
    results = [box(number, [1, 2, 30, 40], score=0.9 - number / 10) for number in (1, 2, 3)]
    results += [box(2, [9, 9, 30, 40], 2, score=0.5)]
    chain = Chain(tmp_path).chain(truth, results, "coco-bbox")
    smaller = {
        "images": truth["images"][1:],
        "categories": truth["categories"][:1],
        "annotations": truth["annotations"][1:2],
    }
    chain.truth(smaller)
    chain.evaluate("coco-bbox")
    fresh = Chain(tmp_path / "fresh").chain(smaller, results[1:3], "coco-bbox")
    columns = ["metric", "area_range", "threshold", "max_detections", "value", "n_ground_truth", "n_predictions"]
    assert chain.table("metrics").select(columns).equals(fresh.table("metrics").select(columns))
    assert sorted(chain.table("unit_scores")["data_hash"].to_list()) == ["2.jpg", "3.jpg"]


def test_annotation_keys_come_from_unit_and_id_and_not_from_the_place_in_the_file(tmp_path: Path) -> None:
    """The same annotations in another order, and among others, have the same keys."""
    ground_truth = coco_set(3).ground_truth
    chain = Chain(tmp_path)
    chain.truth(ground_truth)
    before = _keys(chain, "ground_truth", "annotation_key", "source_id")
    assert len(set(before.values())) == len(before)
    chain.truth({**ground_truth, "annotations": ground_truth["annotations"][::-2]})
    after = _keys(chain, "ground_truth", "annotation_key", "source_id")
    assert after.items() < before.items()


def test_annotations_without_ids_are_told_apart_by_their_place_on_the_unit(tmp_path: Path) -> None:
    """Other units' annotations between them change nothing."""
    boxes = [box(number, [k, 2, 30, 40]) for number, k in ((1, 0), (2, 1), (1, 2), (2, 3), (1, 4))]
    truth = truth_of()
    chain = Chain(tmp_path)
    keys = []
    for annotations in (boxes, [*boxes[1::2], *boxes[::2]]):
        chain.truth({**truth, "annotations": annotations})
        rows = chain.rows("ground_truth")
        keys.append({(row["unit_key"], row["bbox_px"]["x"]): row["annotation_key"] for row in rows})
    assert keys[0] == keys[1]
    assert len(set(keys[0].values())) == 5


def test_a_second_annotation_of_one_id_on_a_unit_is_rejected(tmp_path: Path) -> None:
    """The first stays; 7 and "7" are one id; the same id on another unit is another annotation."""
    ids = [7, "7", 7.0, 8, "x", "x"]
    boxes = [box(1, [k, 2, 30, 40], id=name) for k, name in enumerate(ids)]
    chain = Chain(tmp_path)
    taken = chain.truth(truth_of(*boxes, box(2, [0, 2, 30, 40], id=7)))
    assert taken.reasons == {"duplicate_id": 3}
    kept = [(row["source_id"], row["bbox_px"]["x"]) for row in chain.rows("ground_truth")]
    assert kept == [("7", 0), ("8", 3), ("x", 4), ("7", 0)]


def test_the_same_bytes_again_are_no_work(tmp_path: Path) -> None:
    """Nothing is committed; the counts are those of the first time."""
    chain = Chain(tmp_path)
    first = chain.truth(truth_of(box(1, [1, 2, 3, 4]), box(9, [1, 2, 3, 4])))
    commits = len(chain.project.state().commits)
    again = chain.truth(truth_of(box(1, [1, 2, 3, 4]), box(9, [1, 2, 3, 4])))
    assert (first.status, again.status) == ("completed", "unchanged")
    assert (again.rows, again.accepted, again.rejected, again.reasons) == (6, 5, 1, {"unknown_unit": 1})
    assert len(chain.project.state().commits) == commits


def test_too_many_rejects_leave_the_store_as_it_was_but_for_rejects_and_run(tmp_path: Path) -> None:
    """The run failed, says why, and its rejects can be read."""
    chain = Chain(tmp_path)
    chain.truth(truth_of(box(1, [1, 2, 3, 4])))
    before = chain.bytes_of("ground_truth", "data_units", "categories")
    with pytest.raises(RejectLimitError, match=r"1 of 5 records were rejected \(20.0%\); allowed are 10.0%"):
        chain.truth(truth_of(box(9, [1, 2, 3, 4])), reject_limit=0.1)
    assert chain.bytes_of("ground_truth", "data_units", "categories") == before
    assert chain.table("rejects")["reason_code"].to_list() == ["unknown_unit"]
    runs = chain.table("runs").sort("started_at")
    assert runs["status"].to_list() == ["completed", "failed"]
    assert chain.project.verify().sound
