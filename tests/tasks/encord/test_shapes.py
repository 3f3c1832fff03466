"""The geometry of an object, shape by shape, and what is refused of each."""

from typing import Any

import pytest

from schemas.rejects import Reason
from tasks.encord.shapes import Geometry, Mask, Points, read_geometry
from tasks.refusals import Refused
from tests.encord_rows import GEOMETRY, thing

X, Y = {"x": 0.1, "y": 0.2}, {"x": 0.3, "y": 0.4}
RING = [0.1, 0.1, 0.5, 0.1, 0.5, 0.9]


def geometry(shape: str, orders: dict[str, list[str]] | None = None, **fields: Any) -> Geometry:
    """The geometry of an object of this shape with these fields."""
    return read_geometry(thing(shape, **fields), orders or {})


@pytest.mark.parametrize(
    ("shape", "column", "value"),
    [
        ("bounding_box", "bbox", [0.1, 0.2, 0.3, 0.4]),
        ("rotatable_bounding_box", "rotated_bbox", [0.1, 0.2, 0.3, 0.4, 30]),
        ("polygon", "polygons", [[RING]]),
        ("polyline", "polyline", [0.1, 0.1, 0.5, 0.25]),
        ("point", "keypoints", Points([0.25, 0.75], [2], [None])),
        ("bitmask", "mask", Mask(2, 3, b"121O0")),
        ("skeleton", "keypoints", Points([0.1, 0.2, 0.3, 0.4], [2, 2], ["A", "B"])),
    ],
)
def test_every_shape_is_read(shape: str, column: str, value: Any) -> None:
    """Into its column. The bitmask's rows are `.##` and `#..`: by columns 1 off, 2 on, 1 off, 1 on, 1 off.

    From the fourth on, a run is written as the difference to the one two before: -1 is `O`, 0 is `0`.
    """
    assert geometry(shape) == Geometry(shape, column, value)


def test_points_may_be_a_list_or_go_by_number() -> None:
    """Numbers are sorted as numbers: 10 comes after 9."""
    many = {str(k): {"x": k / 20, "y": 0} for k in (10, 2, 9, 0, 1)}
    assert geometry("polyline", polyline=many).value[::2] == [0, 0.05, 0.1, 0.45, 0.5]
    assert geometry("polyline", polyline=[X, Y]).value == [0.1, 0.2, 0.3, 0.4]
    assert geometry("polygon", polygon=[X, Y, {"x": 0, "y": 0}]).value == [[[0.1, 0.2, 0.3, 0.4, 0, 0]]]


def test_polygons_win_over_the_polygon() -> None:
    """They hold holes and parts, as numbers or as points; an empty list leaves it to `polygon`."""
    hole, other = [0.2, 0.2, 0.3, 0.2, 0.3, 0.3], [0.6, 0.6, 0.7, 0.6, 0.7, 0.7]
    assert geometry("polygon", polygons=[[RING, hole], [other]]).value == [[RING, hole], [other]]
    as_points = [{"x": x, "y": y} for x, y in zip(other[::2], other[1::2], strict=True)]
    assert geometry("polygon", polygons=[[as_points]], polygon=None).value == [[other]]
    assert geometry("polygon", polygons=[]).value == [[RING]]


@pytest.mark.parametrize(
    ("fields", "visibility"),
    [
        ({}, 2),
        ({"visible": True}, 2),
        ({"occluded": True}, 1),
        ({"selfOccluded": True}, 1),
        ({"invisible": True}, 0),
        ({"occluded": False}, 2),
        ({"visibility": "visible"}, 2),
        ({"visibility": "occluded"}, 1),
        ({"visibility": "selfOccluded"}, 1),
        ({"visibility": "invisible"}, 0),
    ],
)
def test_a_skeletons_points_are_seen_or_hidden(fields: dict[str, Any], visibility: int) -> None:
    """By a word or a flag; unless it is said, they are seen."""
    assert geometry("skeleton", skeleton={"0": {**X, "name": "A", **fields}}).value.visibility == [visibility]


def test_a_skeletons_points_stand_in_the_templates_order() -> None:
    """Where the template knows them all; else in that of their numbers."""
    points = {str(k): {"x": k / 10, "y": 0, "name": name} for k, name in enumerate("CAB")}
    ordered = geometry("skeleton", {"cherry00": ["A", "B", "C"]}, skeleton=points).value
    assert (ordered.names, ordered.flat[::2]) == (["A", "B", "C"], [0.1, 0.2, 0.0])
    for order in ([], ["A", "B"], ["A", "B", "D"]):
        assert geometry("skeleton", {"cherry00": order}, skeleton=points).value.names == ["C", "A", "B"]


def test_boxes_may_leave_the_image() -> None:
    """Whether they are kept is decided later."""
    assert geometry("bounding_box", boundingBox={"x": -0.5, "y": 0.9, "w": 2, "h": 0}).value == [-0.5, 0.9, 2, 0]


BITMASK = GEOMETRY["bitmask"]["bitmask"]
BOX = GEOMETRY["rotatable_bounding_box"]["rotatableBoundingBox"]
REFUSED: list[tuple[str, dict[str, Any], Reason]] = [
    ("cuboid", {}, Reason.UNKNOWN_SHAPE),
    ("", {}, Reason.UNKNOWN_SHAPE),
    ("bounding_box", {"shape": None}, Reason.UNKNOWN_SHAPE),
    ("bounding_box", {"shape": ["bounding_box"]}, Reason.UNKNOWN_SHAPE),
    ("bounding_box", {"boundingBox": None}, Reason.NO_GEOMETRY),
    ("bounding_box", {"boundingBox": {"x": 0, "y": 0, "w": 1}}, Reason.INVALID_BOX),
    ("bounding_box", {"boundingBox": {"x": 0, "y": 0, "w": -0.1, "h": 1}}, Reason.INVALID_BOX),
    ("bounding_box", {"boundingBox": [0, 0, 1, 1]}, Reason.WRONG_TYPE),
    ("bounding_box", {"boundingBox": {"x": "0", "y": 0, "w": 1, "h": 1}}, Reason.WRONG_TYPE),
    ("bounding_box", {"boundingBox": {"x": True, "y": 0, "w": 1, "h": 1}}, Reason.WRONG_TYPE),
    ("bounding_box", {"boundingBox": {"x": 128, "y": 72, "w": 384, "h": 288}}, Reason.OUT_OF_RANGE),
    ("rotatable_bounding_box", {"rotatableBoundingBox": {**BOX, "theta": -1}}, Reason.OUT_OF_RANGE),
    ("rotatable_bounding_box", {"rotatableBoundingBox": {**BOX, "theta": 360.5}}, Reason.OUT_OF_RANGE),
    ("rotatable_bounding_box", {"rotatableBoundingBox": {**BOX, "theta": None}}, Reason.INVALID_BOX),
    ("rotatable_bounding_box", {"rotatableBoundingBox": {**BOX, "theta": "30"}}, Reason.WRONG_TYPE),
    ("polygon", {"polygon": {}}, Reason.NO_GEOMETRY),
    ("polygon", {"polygon": [X, Y]}, Reason.INVALID_POLYGON),
    ("polygon", {"polygon": [X, Y, X, Y]}, Reason.INVALID_POLYGON),
    ("polygon", {"polygon": {"a": X, "b": Y}}, Reason.INVALID_POLYGON),
    ("polygon", {"polygon": [X, Y, {"x": 1}]}, Reason.INVALID_POLYGON),
    ("polygon", {"polygon": [X, Y, 3]}, Reason.INVALID_POLYGON),
    ("polygon", {"polygon": [{"x": 100, "y": 50}, {"x": 300, "y": 50}, {"x": 300, "y": 90}]}, Reason.INVALID_POLYGON),
    ("polygon", {"polygons": [[[0.1, 0.1, 0.5, 0.1, 0.5]]]}, Reason.INVALID_POLYGON),
    ("polygon", {"polygons": [[RING, [0.1, 0.1]]]}, Reason.INVALID_POLYGON),
    ("polygon", {"polygons": [[]]}, Reason.INVALID_POLYGON),
    ("polygon", {"polygons": [RING]}, Reason.WRONG_TYPE),
    ("polygon", {"polygons": [[[0.1, None, 0.5, 0.1, 0.5, 0.9]]]}, Reason.WRONG_TYPE),
    ("polyline", {"polyline": [X]}, Reason.INVALID_KEYPOINTS),
    ("polyline", {"polyline": [X, {**Y, "z": 1}]}, Reason.UNSUPPORTED),
    ("polyline", {"polyline": "line"}, Reason.WRONG_TYPE),
    ("point", {"point": [X, Y]}, Reason.INVALID_KEYPOINTS),
    ("point", {"point": {"0": {"x": 640, "y": 360}}}, Reason.INVALID_KEYPOINTS),
    ("skeleton", {"skeleton": {"0": {"x": 0.1, "name": "A"}}}, Reason.INVALID_KEYPOINTS),
    ("skeleton", {"skeleton": {"0": {**X, "visibility": "gone"}}}, Reason.INVALID_KEYPOINTS),
    ("skeleton", {"skeleton": {"0": {**X, "visibility": []}}}, Reason.INVALID_KEYPOINTS),
    ("bitmask", {"bitmask": {**BITMASK, "top": 1}}, Reason.INVALID_MASK),
    ("bitmask", {"bitmask": {**BITMASK, "height": 3}}, Reason.INVALID_MASK),
    ("bitmask", {"bitmask": {**BITMASK, "height": 1 << 20, "width": 1 << 20}}, Reason.INVALID_MASK),
    ("bitmask", {"bitmask": {**BITMASK, "height": 1 << 15, "width": 1 << 15}}, Reason.INVALID_MASK),
    ("bitmask", {"bitmask": {**BITMASK, "width": 3.5}}, Reason.WRONG_TYPE),
    ("bitmask", {"bitmask": {**BITMASK, "rleString": ""}}, Reason.INVALID_MASK),
    ("bitmask", {"bitmask": {**BITMASK, "rleString": "1 5"}}, Reason.INVALID_MASK),
    ("bitmask", {"bitmask": {**BITMASK, "rleString": "1é"}}, Reason.INVALID_MASK),
    ("bitmask", {"bitmask": {**BITMASK, "rleString": "oooooooo"}}, Reason.INVALID_MASK),
    ("bitmask", {"bitmask": {**BITMASK, "rleString": [1, 5]}}, Reason.INVALID_MASK),
    ("bitmask", {"bitmask": "mask"}, Reason.WRONG_TYPE),
]


@pytest.mark.parametrize(("shape", "fields", "code"), REFUSED)
def test_what_is_no_such_shape_is_refused(shape: str, fields: dict[str, Any], code: Reason) -> None:
    """With a code, and a text that says what was found."""
    with pytest.raises(Refused) as refused:
        read_geometry({**thing(shape), **fields}, {})
    assert refused.value.code == code
    assert len(refused.value.text) > 10
