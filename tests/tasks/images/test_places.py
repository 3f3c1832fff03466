"""A unit's image is found by its hash, title or file name, a frame's also by its number."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from schemas.errors import InputError
from tasks.images.faults import ImageFault
from tasks.images.places import Place, image_files, listing_digest, places


def unit(**fields: Any) -> dict[str, Any]:
    """A data unit."""
    return {"data_hash": "hash", "title": "a/photo.jpg", "source_id": "7", "frame": 0, "kind": "image", **fields}


def place_of(names: list[str], **fields: Any) -> Place:
    """Where one unit's image is, in a folder of such files."""
    [found] = places([(f"/images/{name}", name) for name in names], pa.Table.from_pylist([unit(**fields)]))
    return found


@pytest.mark.parametrize(
    "name", ["hash.png", "x/hash.jpg", "a/photo.jpg", "photo.jpg", "b/photo.jpg", "photo.png", "7.jpg"]
)
def test_an_image_is_found_by_what_it_is_called(name: str):
    """By its hash, its title as a path, its file name, its stem, and its id in the source."""
    assert place_of(["other.jpg", name, "hash/8.png"]) == Place(f"/images/{name}", None)


def test_the_surest_word_counts():
    """The hash before the title, the whole title before the file name."""
    assert place_of(["photo.jpg", "hash.png"]).path == "/images/hash.png"
    assert place_of(["b/photo.jpg", "a/photo.jpg"]).path == "/images/a/photo.jpg"


def test_what_several_files_are_called_is_not_guessed():
    """Two of one name; and none at all."""
    assert place_of(["b/photo.jpg", "c/photo.jpg"]) == Place(None, ImageFault.SEVERAL_FILES)
    assert place_of(["other.jpg"]) == Place(None, ImageFault.NO_FILE)


@pytest.mark.parametrize(
    ("names", "frame"),
    [
        (["hash_12.png", "hash_11.png"], 12),
        (["video.mp4__000012.jpg"], 12),
        (["video_12.jpg"], 12),
        (["video/000012.jpg", "video/000011.jpg"], 12),
        (["video.mp4/12.jpg"], 12),
        (["video/img1/000013.jpg", "video/img1/000012.jpg"], 12),
    ],
)
def test_a_frame_is_found_by_its_number(names: list[str], frame: int):
    """After the video's hash or title, or in a folder called so; MOTChallenge counts from 1."""
    found = place_of(names, kind="video frame", title="video.mp4", frame=frame)
    assert found == Place(f"/images/{names[0]}", None)


def test_only_images_of_the_folder_are_looked_at(tmp_path: Path):
    """Other files are passed over, links are not followed, and a folder that is not there is an error."""
    (tmp_path / "sub").mkdir()
    for name in ("sub/b.JPG", "a.png", "notes.txt"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "link.png").symlink_to("/etc/hostname")
    assert [name for _, name in image_files(tmp_path)] == ["a.png", "sub/b.JPG"]
    with pytest.raises(InputError):
        image_files(tmp_path / "none")


def test_the_digest_of_a_listing_changes_with_its_files(tmp_path: Path):
    """With their names and sizes."""
    path = tmp_path / "a.png"
    path.write_bytes(b"x")
    before = listing_digest([(str(path), "a.png")])
    assert listing_digest([(str(path), "a.png")]) == before
    assert listing_digest([(str(path), "b.png")]) != before
    path.write_bytes(b"xy")
    assert listing_digest([(str(path), "a.png")]) != before
