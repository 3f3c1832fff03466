"""OpenLABEL as a format: what it recognises, what it needs, which files it refuses, and that nothing stops it."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.errors import InputError
from schemas.records import Inputs
from schemas.tables import RECORDS
from tasks.formats.openlabel import FORMAT, read_ground_truth, read_predictions, recognise
from tasks.running import serial
from tasks.units import keyed_categories, keyed_units
from tests.tasks.openlabel.conftest import files as files
from tests.tasks.openlabel.scenes import (
    MANIFEST,
    SCENE,
    Files,
    bitmap,
    document,
    entry,
    frame,
    rejects_of,
    ring,
    rows_of,
)

CAR = {"bbox": [entry([4, 2, 2, 1])]}
MAPPING = {"classMapping": [{"annotated": "car", "predicted": "vehicle"}, {"annotated": "tree"}]}


def payload(stated: dict[str, Any], scene: Any = SCENE) -> dict[str, Any]:
    """A scene as the body of a request."""
    return {"sceneUuid": scene, "openlabelContent": stated}


def test_both_forms_are_recognised() -> None:
    """The bare form and the payload, by content; COCO's files, mappings and text are something else."""
    scene = document(frame(0, a=CAR))
    assert all(recognise(["any"], json.dumps(form).encode()) for form in (scene, payload(scene)))
    others = [MANIFEST, MAPPING, {"images": [], "annotations": []}, [{"image_id": 1}], []]
    assert not any(recognise(["any.json"], json.dumps(other).encode()) for other in others)
    assert not recognise(["a.png"], b"\x89PNG")
    assert FORMAT.name == "openlabel"


def test_both_forms_hold_the_same(files: Files) -> None:
    """The payload form and the bare one give the same records."""
    scene = document(frame(0, a=CAR))
    bare, packed = (rows_of(files.predictions(form)) for form in (scene, payload(scene)))
    assert bare == packed
    assert len(bare) == 1


@pytest.mark.parametrize("word", ["sceneUuid", "metadata.uuid", "metadata.tag", "file name"])
def test_a_scene_is_found_by_any_of_its_names(word: str, files: Files) -> None:
    """By sceneUuid, metadata.uuid, metadata.tag, or the file's name up to any dot."""
    scene = document(frame(0, a=CAR))
    scene["openlabel"]["metadata"] = {}
    if word == "metadata.uuid":
        scene["openlabel"]["metadata"] = {"uuid": SCENE}
    elif word == "metadata.tag":
        scene["openlabel"]["metadata"] = {"tag": "yard"}
    written = payload(scene) if word == "sceneUuid" else scene
    source = files.source(written, "yard.gt.json" if word == "file name" else "x.json")
    manifest = files.source(MANIFEST, "manifest.json")
    blocks = read_ground_truth(Inputs([source], {"data_units": manifest}), serial).blocks
    assert [row["source_unit"] for row in rows_of(blocks)] == ["5c3e/CAM/0@0"]


def test_predictions_may_be_given_the_manifest_again(files: Files) -> None:
    """The project knows scenes by uuid; a manifest as image mapping says their tags as well."""
    scene = payload(document(frame(0, a=CAR)), scene="yard")
    scene["openlabelContent"]["openlabel"]["metadata"] = {}
    assert len(rows_of(files.predictions(scene, image_mapping=MANIFEST))) == 1
    with pytest.raises(InputError, match="no scene"):
        files.predictions(scene)


def test_classes_are_those_of_all_files(files: Files) -> None:
    """Types of objects and classes of bitmaps, by name; what carries a bitmap or a cuboid is no class."""
    data = {"a": CAR, "b": {"image": [bitmap([[7] * 8] * 4)]}, "c": {"cuboid": [entry([1])]}, "d": {"point2d": []}}
    read = files.truth(document(frame(0, **data), classes={"b": "bitmap", "c": "box", "d": "pole"}), document(), "{")
    assert read.categories["name"].to_pylist() == ["_background", "birch", "car", "oak", "pole"]


def test_a_mapping_gives_the_classes(files: Files) -> None:
    """Under a mapping its annotated classes are the project's; a record of another is refused alone."""
    read = files.truth(document(frame(0, a=CAR, b=CAR), classes={"b": "dog"}), mapping=MAPPING)
    blocks = list(read.blocks)
    assert read.categories["name"].to_pylist() == ["car", "tree"]
    assert [code for code, _ in rejects_of(blocks)] == ["unmapped_class"]
    assert len(rows_of(blocks)) == 1


def test_predicted_classes_are_checked_against_the_project(files: Files) -> None:
    """A class that is none of the project's is refused where it is read, with its record."""
    categories = keyed_categories(None, files.truth(document(frame(0, a=CAR))).categories)
    blocks = files.predictions(document(frame(0, a=CAR, b=CAR), classes={"b": "dog"}), categories=categories)
    assert [code for code, _ in rejects_of(blocks)] == ["unknown_category"]


def test_units_found_by_predictions_are_those_of_the_project(files: Files) -> None:
    """`data_units`, keyed, serve as well as the manifest's records."""
    units = keyed_units(None, files.truth(document()).units)
    source = files.source(document(frame(50, a=CAR)))
    assert rows_of(read_predictions(Inputs([source], units=units), serial))[0]["source_unit"] == "5c3e/CAM/1@50"


def test_ground_truth_needs_a_manifest(files: Files) -> None:
    """Without sizes there are no units: the error says how to give them."""
    with pytest.raises(InputError, match="--data-units"):
        read_ground_truth(Inputs([files.source(document())]), serial)


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ("{", "JSON"),
        ("", "JSON"),
        ("[" * 100 + "]" * 100, "deeper"),
        ('{"openlabel": {"frames": {}, "frames": {}}}', "twice"),
        ({"openlabel": 7}, "openlabel"),
        ({"data": {}}, "openlabel"),
        ([], "openlabel"),
        ({"openlabel": {"frames": []}}, "frames"),
        (payload(document(), scene="nobody") | {"openlabelContent": {"openlabel": {"metadata": {}}}}, "no scene"),
    ],
)
def test_a_broken_file_is_an_error_or_a_reject(content: Any, word: str, files: Files) -> None:
    """Alone it is an error that names it; among others it is one reject without a row, and the others go in."""
    with pytest.raises(InputError, match=word):
        files.predictions(content)
    blocks = files.predictions(content, document(frame(0, a=CAR)))
    assert [code for code, _ in rejects_of(blocks)] == ["broken_file"]
    assert [row["source_row"] for block in blocks for row in block.rejects.to_pylist()] == [None]
    assert len(rows_of(blocks)) == 1


def test_blocks_have_the_columns_of_records(files: Files) -> None:
    """All columns, in their types, and the books balance, also where nothing is taken."""
    for block in files.predictions(document(frame(0, a=CAR, b={"bbox": [7]})), "{"):
        assert block.records.schema.equals(RECORDS.schema)
        assert block.rows == len(block.records) + len(block.rejects)


SOUND: Any = document(
    frame(0, a={**CAR, "poly2d": [ring(1, 1, 3, 1, 3, 3), ring(1, 1, 2, 1, 2, 2, hole=True)]}),
    frame(50, b={"image": [bitmap([[7] * 8] * 4)], "point2d": [entry([1, 2], score=0.5)]}, c={"cuboid": [entry([1])]}),
)
JUNK: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, 7, -1.5, 1e400, float("nan"), "", "x", "\0", "\ud800", [], {}, [[]], {"val": {}}]
)


def places_in(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The ways to every value inside a document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(way for key, item in inner for way in places_in(item, (*path, key)))]


def replaced(value: Any, path: tuple[Any, ...], junk: Any) -> Any:
    """The document with something else at the end of a way."""
    if not path:
        return junk
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replaced(value[path[0]], path[1:], junk)
    return copy


@given(path=st.sampled_from(places_in(SOUND)), junk=JUNK)
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_stands_anywhere_is_taken_or_refused(path: tuple[Any, ...], junk: Any, files: Files) -> None:
    """Junk at any place of a scene makes rejects or an InputError, nothing else; the books balance."""
    try:
        read = files.truth(json.dumps(replaced(SOUND, path, junk)))
        blocks = list(read.blocks)
    except InputError:
        return
    for block in blocks:
        assert block.rows == len(block.records) + len(block.rejects)
    assert json.dumps(rejects_of(blocks))


def test_a_mapping_of_words_translates_predicted_classes(files: Files) -> None:
    """`{project's word: file's word}` given aside is applied to objects and bitmaps; what it lacks is refused."""
    data = {"a": CAR, "b": CAR, "s": {"image": [bitmap([[7] * 8] * 4)]}}
    scene = document(frame(0, **data), classes={"b": "dog"})
    blocks = files.predictions(scene, mapping={"hash 1": "car", "hash 2": "oak"})
    assert [row["source_category"] for row in rows_of(blocks)] == ["hash 1", "hash 2"]
    assert [code for code, _ in rejects_of(blocks)] == ["unmapped_class"]
