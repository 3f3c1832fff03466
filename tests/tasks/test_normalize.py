"""Normalize: which geometry a record ends with, and what it says of its area and box."""

from pathlib import Path
from typing import Any

import pytest

from schemas.parameters import Outside, Reading
from tests.chain import Chain, truth_of

BOX = [10.0, 20.0, 30.0, 40.0]
RING = [[0, 0, 20, 0, 20, 10, 0, 10]]
MASK = {"size": [100, 200], "counts": [0, 10, 19990]}
POINTS = [50.0, 60.0, 2, 55.0, 70.0, 1, 0.0, 0.0, 0]
GEOMETRY: dict[str, Any] = {"bbox": BOX, "segmentation": RING, "keypoints": POINTS}


def _row(tmp_path: Path, table: str, **geometry: Any) -> dict[str, Any]:
    chain = Chain(tmp_path)
    record = {"image_id": 1, "category_id": 1, **geometry}
    chain.truth(truth_of(*([record] if table == "ground_truth" else [])))
    if table == "predictions":
        chain.predictions([{**record, "score": 0.5}])
    (row,) = chain.rows(table)
    return row


AREAS = [
    (("bbox", "segmentation", "keypoints"), 1200.0, 200.0),
    (("segmentation", "keypoints"), 200.0, 200.0),
    (("bbox", "keypoints"), 1200.0, 1200.0),
    (("keypoints",), 3850.0, 3850.0),
]


@pytest.mark.parametrize(("given", "of_prediction", "of_annotation"), AREAS)
def test_an_area_nobody_stated_is_taken_from_the_geometry(
    tmp_path: Path, given: tuple[str, ...], of_prediction: float, of_annotation: float
) -> None:
    """Of a prediction from the box first, as in loadRes; of an annotation from the mask, as in COCO's own files."""
    geometry = {name: GEOMETRY[name] for name in given}
    assert _row(tmp_path / "p", "predictions", **geometry)["area"] == of_prediction
    assert _row(tmp_path / "g", "ground_truth", **geometry)["area"] == of_annotation


def test_a_stated_area_of_an_annotation_stays(tmp_path: Path) -> None:
    """Whatever its geometry covers; a prediction's counts for nothing."""
    assert _row(tmp_path / "g", "ground_truth", bbox=BOX, area=7.25)["area"] == 7.25
    assert _row(tmp_path / "p", "predictions", bbox=BOX, area=7.25)["area"] == 1200.0


HULLS = [
    ({"bbox": BOX, "segmentation": RING}, True, BOX),
    ({"segmentation": MASK}, False, [0, 0, 1, 10]),
    ({"segmentation": RING}, False, [0, 0, 20, 10]),
    ({"keypoints": POINTS}, False, [0, 0, 55, 70]),
]


@pytest.mark.parametrize(("geometry", "given", "hull"), HULLS)
def test_a_box_is_always_filled(tmp_path: Path, geometry: dict[str, Any], given: bool, hull: list[float]) -> None:
    """With the source's, or else the hull; relative beside exact, and the row says which."""
    row = _row(tmp_path, "predictions", **geometry)
    assert row["bbox_given"] is given
    assert list(row["bbox_px"].values()) == hull
    x, y, w, h = hull
    assert list(row["bbox"].values()) == [x / 200, y / 100, w / 200, h / 100]


@pytest.mark.parametrize(("stated", "expected"), [({}, 2), ({"num_keypoints": 0}, 0)])
def test_labelled_points_are_counted_where_the_file_does_not(
    tmp_path: Path, stated: dict[str, int], expected: int
) -> None:
    """The file's own count stays."""
    assert _row(tmp_path, "ground_truth", keypoints=POINTS, **stated)["num_keypoints"] == expected


def test_mixed_shapes_in_one_file_keep_their_own_geometry(tmp_path: Path) -> None:
    """Each row has the columns of what it gave, and nulls elsewhere."""
    rows: list[dict[str, Any]] = [{"bbox": BOX}, {"segmentation": RING}, {"segmentation": MASK}, {"keypoints": POINTS}]
    chain = Chain(tmp_path)
    chain.truth(truth_of())
    chain.predictions([{"image_id": 1, "category_id": 1, "score": 0.5, **row} for row in rows])
    stored = chain.rows("predictions")
    assert [row["shape"] for row in stored] == ["bounding_box", "polygon", "bitmask", "skeleton"]
    assert [row["polygons"] is not None for row in stored] == [False, True, False, False]
    assert [row["mask"] is not None for row in stored] == [False, True, True, False]
    assert [row["keypoints"] is not None for row in stored] == [False, False, False, True]
    assert all(row["bbox"] is not None for row in stored)


LEAVING = [
    ("keep", 2, [[-5, 20, 30, 40], [180, 20, 30, 40], [170, 20, 30, 40]]),
    ("clip", 2, [[0, 20, 25, 40], [180, 20, 20, 40], [170, 20, 30, 40]]),
    ("reject", 0, [[170, 20, 30, 40]]),
]


@pytest.mark.parametrize(("outside", "counted", "boxes"), LEAVING)
def test_boxes_that_leave_their_image_are_counted(
    tmp_path: Path, outside: str, counted: int, boxes: list[list[float]]
) -> None:
    """Those that stay, as they are or clipped; a box that ends at the border leaves nothing."""
    chain = Chain(tmp_path)
    chain.truth(truth_of())
    records = [{"image_id": 1, "category_id": 1, "score": 0.5, "bbox": [x, 20, 30, 40]} for x in (-5, 180, 170)]
    taken = chain.predictions(records, reading=Reading(outside=Outside(outside)))
    assert taken.boxes_leaving_image == counted
    assert [list(row["bbox_px"].values()) for row in chain.rows("predictions")] == boxes
    assert taken.reasons == ({"leaves_image": 2} if outside == "reject" else {})
    assert chain.predictions(records, reading=Reading(outside=Outside(outside))).boxes_leaving_image == counted


def test_a_box_that_ends_at_the_border_but_for_rounding_does_not_leave(tmp_path: Path) -> None:
    """Shares in float32 that add up to 1 give pixels a hair beyond it."""
    chain = Chain(tmp_path)
    chain.truth(truth_of())
    beyond = {"image_id": 1, "category_id": 1, "score": 0.5, "bbox": [170.00001, 20, 30, 40]}
    taken = chain.predictions([beyond], reading=Reading(outside=Outside.REJECT))
    assert (taken.accepted, taken.boxes_leaving_image) == (1, 0)


HUGE: list[tuple[dict[str, Any], str]] = [
    ({"bbox": [0, 0, 1e200, 1e200]}, "w is 1e+200 with the box x 0, y 0, w 1e+200, h 1e+200 px, allowed is -9007199"),
    ({"bbox": [1.7e308, 0, 1.7e308, 5]}, "x is 1.7e+308"),
    ({"bbox": [0, 9e15, 5, 9e14]}, "y + h is 9.9e+15"),
    ({"bbox": [0, 0, 1e10, 1e10]}, "w h is 1e+20"),
    ({"bbox": [-1e16, 0, 5, 5]}, "x is -1e+16"),
    ({"keypoints": [1, 2, 2, 1e300, 1e300, 2]}, "w is 1e+300"),
    ({"keypoints": [-1.7e308, 2, 2, 1.7e308, 2, 2]}, "x is -1.7e+308 with the box x -1.7e+308, y 2, w inf, h 0 px"),
]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("table", ["predictions", "ground_truth"])
@pytest.mark.parametrize(("geometry", "text"), HUGE)
def test_a_box_too_large_to_calculate_with_is_rejected(
    tmp_path: Path, table: str, geometry: dict[str, Any], text: str
) -> None:
    """In both tables, beside rows that stay, with what is too large and without a warning; a stated area is no help."""
    record = {"image_id": 1, "category_id": 1}
    records = [{**record, "bbox": BOX}, {**record, **geometry}, {**record, **geometry, "area": 7.0}]
    chain = Chain(tmp_path)
    taken = chain.truth(truth_of(*(records if table == "ground_truth" else [])))
    if table == "predictions":
        taken = chain.predictions([{**each, "score": 0.5} for each in records])
    assert taken.reasons == {"out_of_range": 2}
    assert [list(row["bbox_px"].values()) for row in chain.rows(table)] == [BOX]
    rejects = chain.rows("rejects")
    assert [(row["source_row"], row["stage"]) for row in rejects] == [(1, "normalize"), (2, "normalize")]
    assert all(row["reason"].startswith(text) for row in rejects)


def test_a_stated_area_too_large_to_calculate_with_is_rejected(tmp_path: Path) -> None:
    """Of an annotation; a prediction's counts for nothing."""
    record = {"image_id": 1, "category_id": 1, "bbox": BOX, "area": 1e300}
    chain = Chain(tmp_path)
    assert chain.truth(truth_of(record)).reasons == {"out_of_range": 1}
    assert chain.predictions([{**record, "score": 0.5}]).reasons == {}


def test_the_largest_numbers_are_taken(tmp_path: Path) -> None:
    """Up to 2^53, sides and areas alike."""
    largest = [2.0**53 - 1, -(2.0**53), 1.0, 2.0**53]
    assert list(_row(tmp_path, "predictions", bbox=largest)["bbox_px"].values()) == largest


def test_a_huge_box_that_is_clipped_is_as_large_as_its_image(tmp_path: Path) -> None:
    """What leaves the image is cut off before anything can be too large."""
    chain = Chain(tmp_path)
    chain.truth(truth_of())
    huge = {"image_id": 1, "category_id": 1, "score": 0.5, "bbox": [0, 0, 1e200, 1e200]}
    assert chain.predictions([huge], reading=Reading(outside=Outside.CLIP)).reasons == {}
    (row,) = chain.rows("predictions")
    assert (list(row["bbox_px"].values()), row["area"]) == ([0, 0, 200, 100], 20_000)
