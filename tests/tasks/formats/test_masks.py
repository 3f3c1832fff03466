"""Directories of masks, as predictions and as ground truth, with the sample against what the original counts in it."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from pycocotools import mask as reference

from schemas.errors import InputError
from schemas.parameters import MaskKind, Reading
from schemas.records import Block, Inputs
from schemas.tables import CATEGORY_RECORDS, RECORDS, UNIT_RECORDS
from tasks.formats.masks import read_ground_truth, read_predictions, recognise
from tasks.ingest import open_sources
from tasks.masks.mapping import MAPPING
from tasks.masks.png import grey_pixels
from tasks.running import serial
from tasks.storage import FileSource
from tasks.unit_files import read_unit_file
from tasks.units import keyed_units
from tests.chain import Chain
from tests.tasks.kernels.test_components import flooded
from tests.tasks.masks.png_files import grey_png

SAMPLES = "samples/encord"


def gathered(blocks: list[Block]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """(records, rejects) of blocks."""
    for block in blocks:
        assert block.rows == len(block.records) + len(block.rejects)
    records = pa.Table.from_batches([block.records for block in blocks], RECORDS.schema).to_pylist()
    return records, [reject for block in blocks for reject in block.rejects.to_pylist()]


def decoded(record: dict[str, Any]) -> np.ndarray:
    """The pixels of a record's mask."""
    mask = record["mask"]
    return np.asarray(reference.decode({"size": [mask["height"], mask["width"]], "counts": mask["counts"]}), bool)


def filled_px(component: np.ndarray) -> int:
    """Pixels of a component and of its holes: all that a walk in four directions from outside does not reach."""
    outside = np.pad(~component, 1, constant_values=True).astype(np.uint8)
    reached, waiting = np.zeros(outside.shape, bool), [(0, 0)]
    while waiting:
        y, x = waiting.pop()
        if 0 <= y < outside.shape[0] and 0 <= x < outside.shape[1] and outside[y, x] and not reached[y, x]:
            reached[y, x] = True
            waiting += [(y + 1, x), (y - 1, x), (y, x + 1), (y, x - 1)]
    return int((~reached[1:-1, 1:-1]).sum())


def cropped(pixels: np.ndarray) -> np.ndarray:
    """The hull of what is not 0."""
    rows, columns = np.flatnonzero(pixels.any(axis=1)), np.flatnonzero(pixels.any(axis=0))
    return pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


@pytest.fixture(scope="module")
def sample(shared: Path) -> Inputs:
    """The sample directory, in the sample project."""
    units = keyed_units(None, read_unit_file(FileSource(shared / SAMPLES / "data_units.json")))
    return Inputs(open_sources(shared / SAMPLES / "masks"), units=units)


def expected(shared: Path) -> dict[str, Any]:
    """What the original counts in the sample, by file; text where it fails."""
    masks: dict[str, Any] = json.loads((shared / SAMPLES / "expected_kitti_mask_coco.json").read_text())["masks"]
    return masks


def test_the_sample_has_the_instances_that_the_original_counts(shared: Path, sample: Inputs) -> None:
    """As many in each file; with their holes filled they have its areas; the class is the mapping's."""
    records, rejects = gathered(list(read_predictions(sample, serial)))
    for name, counts in expected(shared).items():
        of_file = [record for record in records if record["source_file"] == name]
        small = [r for r in rejects if r["source_file"] == name and r["reason_code"] == "out_of_range"]
        if isinstance(counts, str):
            assert of_file == []
            continue
        assert len(of_file) == counts["kept_instances"]
        assert len(of_file) + len(small) == counts["components8"]
        assert sorted(filled_px(cropped(decoded(r))) for r in of_file) == sorted(counts["areas_filled"])
    assert {record["source_category"] for record in records} == {"Nzg2ODEx"}
    assert {record["score"] for record in records} == {1.0}
    unmapped = [r for r in rejects if r["reason_code"] == "unmapped_class"]
    assert [(r["source_file"], r["source_row"]) for r in unmapped] == [("blueberry_003.jpg.png", 0)]


def test_the_sample_keeps_holes(shared: Path, sample: Inputs) -> None:
    """A mask is the pixels of one component of the file, though the original fills the apple's hole."""
    name = "nested/apple_001.png.png"
    image = grey_pixels((shared / SAMPLES / "masks" / name).read_bytes(), None)[:, :, 0]
    records, _ = gathered(list(read_predictions(sample, serial)))
    (pixels,) = [decoded(record) for record in records if record["source_file"] == name]
    assert (pixels == flooded(image, *np.argwhere(pixels)[0].tolist())).all()
    assert (pixels.sum(), filled_px(cropped(pixels))) == (174_720, 196_608)


def test_the_sample_names_units_and_frames(sample: Inputs) -> None:
    """A title that no unit has is passed on, for resolve to refuse."""
    records, _ = gathered(list(read_predictions(sample, serial)))
    named = {(record["source_unit"], record["frame"]) for record in records}
    assert {("Cherries_video.mp4", 3), ("apple_001.png", None), ("not_in_dataset.jpg", None)} <= named


def test_the_sample_as_semantic_masks(shared: Path, sample: Inputs) -> None:
    """One row per file and class, of all pixels that have its value."""
    semantic = Inputs(sample.sources, units=sample.units, reading=Reading(masks=MaskKind.SEMANTIC))
    records, rejects = gathered(list(read_predictions(semantic, serial)))
    assert [reject["reason_code"] for reject in rejects] == ["unmapped_class"]
    for record in records:
        image = grey_pixels((shared / SAMPLES / "masks" / record["source_file"]).read_bytes(), None)[:, :, 0]
        assert (decoded(record) == (image == 3)).all()
    assert len(records) == len({record["source_file"] for record in records}) == 7


def test_the_sample_as_ground_truth(sample: Inputs) -> None:
    """Units are those that the files are about, classes those of the mapping; annotations have no score."""
    read = read_ground_truth(Inputs(sample.sources), serial)
    assert read.units.schema.equals(UNIT_RECORDS.schema)
    assert read.categories.schema.equals(CATEGORY_RECORDS.schema)
    assert read.categories["feature_hash"].to_pylist() == ["Nzg2ODEx"]
    titles = list(dict.fromkeys(read.units["title"].to_pylist()))
    assert titles == [
        "Cherries_video.mp4", "apple_001.png", "blueberry_003.jpg", "cherry_001.png", "fruit_b.jpg",
        "not_in_dataset.jpg", "persimmon_001.jpg",
    ]  # fmt: skip
    assert read.units["kind"].to_pylist().count("video frame") == 251
    records, _ = gathered(list(read.blocks))
    assert len(records) == 11
    assert {record["score"] for record in records} == {None}


def test_units_may_be_listed_aside(shared: Path, sample: Inputs) -> None:
    """Then they are those of the list, and a file has the size that it states or is refused."""
    listed = FileSource(shared / SAMPLES / "data_units.json")
    read = read_ground_truth(Inputs(sample.sources, {"data_units": listed}), serial)
    assert read.units.num_rows == read_unit_file(listed).num_rows
    assert len(gathered(list(read.blocks))[0]) == 11


def test_classes_may_be_those_of_an_ontology(shared: Path, sample: Inputs) -> None:
    """With all its classes, and the names that the mapping does not know."""
    ontology = FileSource(shared / SAMPLES / "ontology.json")
    read = read_ground_truth(Inputs(sample.sources, {"ontology": ontology}), serial)
    named = dict(zip(read.categories["feature_hash"].to_pylist(), read.categories["name"].to_pylist(), strict=True))
    assert len(named) > 3
    assert named["Nzg2ODEx"] != "Nzg2ODEx"


def folder(path: Path, files: dict[str, np.ndarray], mapping: dict[str, Any] | None) -> Path:
    """A directory of masks."""
    for name, image in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(grey_png(image))
    if mapping is not None:
        (path / MAPPING).write_text(json.dumps(mapping))
    return path


def test_files_of_one_object_need_no_mapping(tmp_path: Path) -> None:
    """Their classes are the words in their names, by name."""
    one = np.eye(3)
    path = folder(tmp_path, {"a.jpg__car__1.png": one, "a.jpg__car__2.png": one, "a.jpg__bus.png": one}, None)
    inputs = Inputs(open_sources(path), reading=Reading(masks=MaskKind.ONE_PER_FILE))
    read = read_ground_truth(inputs, serial)
    assert read.categories["name"].to_pylist() == ["bus", "car"]
    assert read.units["title"].to_pylist() == ["a.jpg"]
    records, rejects = gathered(list(read.blocks))
    assert [record["source_category"] for record in records] == ["bus", "car", "car"]
    assert rejects == []


def test_files_of_one_object_with_a_mapping(tmp_path: Path) -> None:
    """Names are looked up in it; what it lacks refuses the file alone."""
    path = folder(tmp_path, {"a__car.png": np.eye(3), "a__tree.png": np.eye(3)}, {"h1": "car"})
    inputs = Inputs(open_sources(path), reading=Reading(masks=MaskKind.ONE_PER_FILE))
    read = read_ground_truth(inputs, serial)
    assert read.categories["feature_hash"].to_pylist() == ["h1"]
    records, rejects = gathered(list(read.blocks))
    assert [record["source_category"] for record in records] == ["h1"]
    assert [(r["source_file"], r["reason_code"]) for r in rejects] == [("a__tree.png", "unmapped_class")]


@pytest.mark.parametrize("read", [read_predictions, read_ground_truth])
def test_pixel_values_without_a_mapping_are_an_error(tmp_path: Path, read: Any) -> None:
    """Nobody knows what they mean."""
    inputs = Inputs(open_sources(folder(tmp_path, {"a.png": np.eye(3)}, None)))
    with pytest.raises(InputError, match="no mapping of classes to pixel values"):
        read(inputs, serial)


@pytest.mark.parametrize(
    ("names", "masks"),
    [
        (["a.png"], True),
        (["sub/a.png", MAPPING], True),
        ([MAPPING], False),
        (["a.png", "panoptic.json"], False),
        (["a.txt", MAPPING], False),
        ([".DS_Store", "a.png", MAPPING], True),
        ([".DS_Store", "a.png"], False),
    ],
)
def test_the_format_is_recognised_by_its_files(names: list[str], masks: bool) -> None:
    """PNG files with their mapping, or PNG files alone."""
    assert recognise(names, b"") is masks


def test_the_mapping_of_ground_truth_may_lie_elsewhere(tmp_path: Path) -> None:
    """Given aside, for a glob that does not fit it; another one is another import."""
    folder(tmp_path / "masks", {"yard.jpg.png": np.ones((4, 6), np.uint8)}, None)
    chain = Chain(tmp_path)
    for key in ("car", "tree"):
        chain.truth(tmp_path / "masks", mapping=chain.write("classes.json", {key: 1}))
        live = chain.table("categories").filter(~pl.col("retired"))
        assert live["feature_hash"].to_list() == [key]
