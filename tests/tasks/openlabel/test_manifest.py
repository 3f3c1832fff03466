"""The manifest: scenes, streams and frames become data units."""

from copy import deepcopy
from typing import Any

import pytest

from schemas.errors import InputError
from tasks.openlabel.manifest import is_manifest, manifest_units, read_manifest
from tests.tasks.openlabel.scenes import MANIFEST, SCENE, Files


def units(files: Files, content: Any) -> list[dict[str, Any]]:
    """Rows of the units of a manifest."""
    return manifest_units(read_manifest(files.source(content))).to_pylist()


def changed(**scene: Any) -> dict[str, Any]:
    """The manifest with other words about its scene."""
    return {SCENE: {**deepcopy(MANIFEST[SCENE]), **scene}}


def test_an_image_of_a_stream_is_a_unit(files: Files) -> None:
    """Stream by stream in the order of frames, with the stream's size, named by the image file where that is unique."""
    rows = units(files, MANIFEST)
    assert [row["source_id"] for row in rows] == [
        "5c3e/CAM/0@0",
        "5c3e/CAM/1@50",
        "5c3e/REAR/0@0",
        "5c3e/REAR/1@50",
    ]
    assert [row["data_hash"] for row in rows] == ["cam_0.jpg", "cam_1.jpg", "rear_0.jpg", "rear_1.jpg"]
    assert [(row["width"], row["height"]) for row in rows] == [(8, 4), (8, 4), (6, 3), (6, 3)]
    assert [row["frame"] for row in rows] == [0, 1, 0, 1]
    assert {row["kind"] for row in rows} == {"group image"}
    assert [row["sequence_hash"] for row in rows] == ["5c3e/CAM"] * 2 + ["5c3e/REAR"] * 2


def test_a_single_frame_is_an_image(files: Files) -> None:
    """A stream with one image is no group; without file names units are named by scene, stream and time."""
    (row,) = units(files, changed(streams={"CAM": {"width": 8, "height": 4}}, frames=[{"timestamp": 7}]))
    assert (row["kind"], row["data_hash"], row["title"]) == ("image", "5c3e/CAM/@7", None)


def test_file_names_that_repeat_name_no_unit(files: Files) -> None:
    """Two images of one name are told apart by scene, stream and frame."""
    frames = [{"frame_id": k, "timestamp": k, "images": {"CAM": "same.jpg"}} for k in range(2)]
    assert [row["data_hash"] for row in units(files, changed(frames=frames))] == ["5c3e/CAM/0@0", "5c3e/CAM/1@1"]


def test_scenes_have_several_names(files: Files) -> None:
    """A scene is called by uuid, tag and the names of its files; a word of two scenes is neither's."""
    content = {**changed(gt="a.gt.json", pred="both.json"), "77": changed(tag="lot", pred="both.json")[SCENE]}
    names = read_manifest(files.source(content)).names
    assert names == {"5c3e": "5c3e", "77": "77", "yard": "5c3e", "a.gt.json": "5c3e", "lot": "77"}


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ([], "manifest"),
        ({}, "manifest"),
        ({SCENE: {"streams": {}}}, "manifest"),
        ({"a/b": MANIFEST[SCENE]}, "slash"),
        (changed(streams=[]), "streams"),
        (changed(streams={"CAM": {"width": 8}}), "width and height"),
        (changed(streams={"CAM": {"width": 8, "height": 0}}), "width and height"),
        (changed(streams={"CAM": {"width": 8, "height": True}}), "width and height"),
        (changed(streams={"CAM": 7}), "width and height"),
        (changed(frames={}), "frames"),
        (changed(frames=[7]), "frames"),
        (changed(frames=[{"frame_id": "0", "timestamp": 1.5}]), "timestamp"),
        (changed(frames=[{}]), "timestamp"),
        (changed(frames=[{"frame_id": True, "timestamp": 0}]), "frame_id"),
        (changed(frames=[{"frame_id": "a/b", "timestamp": 0}]), "slash"),
        (changed(frames=[{"frame_id": "0", "images": {"CAM": 7}}]), "file name"),
        (changed(frames=[{"frame_id": "0", "images": 7}]), "images"),
        (changed(frames=[{"frame_id": "0", "timestamp": 5}] * 2), "two frames"),
    ],
)
def test_what_is_no_manifest_is_an_error(content: Any, word: str, files: Files) -> None:
    """The error names the file and what is wrong."""
    with pytest.raises(InputError, match=word) as raised:
        read_manifest(files.source(content, "manifest.json"))
    assert "manifest.json" in str(raised.value)


def test_a_manifest_is_told_from_other_files() -> None:
    """Scenes with streams and frames are one; a mapping and a list of units are none."""
    assert is_manifest(MANIFEST)
    assert not any(map(is_manifest, ({}, [], {"hash": "name"}, {"images": [], "streams": {}})))
