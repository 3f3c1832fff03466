"""What names of mask files say."""

import pytest

from tasks.file_names import FileNames
from tasks.masks.names import is_mask_file, said_by
from tasks.refusals import Refused

NOTHING_KNOWN = FileNames(None, hash_first=False)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("a.jpg.png", ("a.jpg", None)),
        ("deep/er/a.jpg.PNG", ("a.jpg", None)),
        ("clip.mp4__103.png", ("clip.mp4", 103)),
        ("a__b.png", ("a__b", None)),
    ],
)
def test_a_name_says_unit_and_frame(name: str, said: tuple[str, int | None]) -> None:
    """Folders aside, and no class."""
    assert said_by(name, NOTHING_KNOWN, one_per_file=False) == (*said, None)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("a.jpg__car.png", ("a.jpg", None, "car")),
        ("a.jpg__car__2.png", ("a.jpg", None, "car")),
        ("sub/clip.mp4__7__car.png", ("clip.mp4", 7, "car")),
        ("clip.mp4__7__car__2.png", ("clip.mp4", 7, "car")),
        ("a__b.jpg__traffic light__12.png", ("a__b.jpg", None, "traffic light")),
    ],
)
def test_a_file_of_one_object_says_its_class(name: str, said: tuple[str, int | None, str]) -> None:
    """After unit and frame; a number behind it is none of a frame."""
    assert said_by(name, NOTHING_KNOWN, one_per_file=True) == said


@pytest.mark.parametrize(
    "name", ["a.jpg.png", "a.jpg__3.png", "clip__7__3.png", "__car.png", "sub/__car.png", "a__.png"]
)
def test_a_file_of_one_object_without_a_class_is_refused(name: str) -> None:
    """A number alone could as well be a frame, and a class alone is about no unit."""
    with pytest.raises(Refused, match="says no class"):
        said_by(name, NOTHING_KNOWN, one_per_file=True)


@pytest.mark.parametrize("one_per_file", [False, True])
def test_a_file_that_is_all_ending_is_refused(one_per_file: bool) -> None:
    """It is about no unit."""
    for name in (".png", "sub/.png"):
        with pytest.raises(Refused, match="says no data unit"):
            said_by(name, NOTHING_KNOWN, one_per_file)


def test_png_files_are_mask_files() -> None:
    """By the end of their name, whatever its case."""
    assert [is_mask_file(name) for name in ("a.png", "A.PNG", "a.png.txt", "png")] == [True, True, False, False]
