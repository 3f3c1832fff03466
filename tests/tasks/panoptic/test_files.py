"""Images of ids by the names that annotations have for them."""

from tasks.panoptic.files import images_of, size_by
from tests.coco_text import Text
from tests.tasks.masks.test_files import units


def test_images_are_found_where_panopticapi_has_them_first() -> None:
    """In the folder called as the file; then beside it; then anywhere, where only one is called so."""
    names = ("gt/1.png", "1.png", "2.png", "far/3.png", "a/4.png", "b/4.png", "gt/deep/5.png")
    found = images_of(Text("", "gt.json"), [Text("", name) for name in names])
    expected = {"1.png": "gt/1.png", "2.png": "2.png", "3.png": "far/3.png", "deep/5.png": "gt/deep/5.png"}
    assert {name: found[name].name for name in expected} == expected
    assert "4.png" not in found


def test_a_size_is_that_of_the_unit() -> None:
    """By any of its names; None for what no unit is called, or where nothing is known."""
    size = size_by(units(("a.jpg", 0, 640, 480)))
    assert (size("a.jpg"), size("a"), size("b")) == ((640, 480), (640, 480), None)
    assert size_by(None)("a") is None
