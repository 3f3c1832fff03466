"""KITTI files, from rows and file names to records: Encord Active's two directories and KITTI's own."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from schemas.errors import InputError
from schemas.parameters import ClassBy, Reading
from schemas.records import Inputs
from schemas.tables import CATEGORY_RECORDS, DATA_UNITS, RECORDS, UNIT_RECORDS
from tasks.columns import completed
from tasks.formats.kitti import read_ground_truth, read_predictions, recognise
from tasks.ingest import open_sources
from tasks.running import serial
from tests.chain import Chain

CAR = "Car 0.5 1 -1.5 10 20 30 50 1.5 1.6 3.9 1 2 30 0.1"
ZONE = "DontCare -1 -1 -10 5 6 7 8 -1 -1 -1 -1000 -1000 -1000 -10"
KINDS = {"image": "image", "img_group": "group image", "video": "video frame"}
HEAD_BYTES = 65_536


def sample_units(shared: Path) -> pa.Table:
    """`data_units` of the sample project."""
    listed = json.loads((shared / "samples/encord/data_units.json").read_text())
    rows = [(unit, k) for unit in listed for k in range(unit["frames"])]
    columns: dict[str, Any] = {
        "unit_key": range(len(rows)),
        "data_hash": [unit["data_hash"] for unit, _ in rows],
        "frame": [k or unit["data_sequence"] for unit, k in rows],
        "title": [unit["data_title"] for unit, _ in rows],
        "kind": [KINDS[unit["data_type"]] for unit, _ in rows],
        "sequence_hash": [unit["row_data_hash"] for unit, _ in rows],
        "width": [unit["width"] for unit, _ in rows],
        "height": [unit["height"] for unit, _ in rows],
        "source_order": range(len(rows)),
        "source_id": [unit["data_hash"] for unit, _ in rows],
    }
    return completed(columns, DATA_UNITS.schema, len(rows))


def predictions(folder: Path, **given: Any) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """(records, rejects) of a directory."""
    blocks = list(read_predictions(Inputs(open_sources(folder), **given), serial))
    records = pa.Table.from_batches([block.records for block in blocks], RECORDS.schema).to_pylist()
    return records, [reject for block in blocks for reject in block.rejects.to_pylist()]


def test_every_prediction_of_the_sample_comes_with_its_unit_and_frame(shared: Path) -> None:
    """26 boxes, in sub-directories too, as many per file as the project says."""
    units = sample_units(shared)
    expected = json.loads((shared / "samples/encord/expected_kitti_mask_coco.json").read_text())["kitti"]
    records, rejects = predictions(shared / "samples/encord/kitti", units=units)
    assert (len(records), rejects) == (expected["predictions"], [])
    assert Counter(r["source_file"] for r in records) == {name: f["n"] for name, f in expected["files"].items()}
    titles = dict(zip(units["title"].to_pylist(), units["data_hash"].to_pylist(), strict=True))
    for record in records:
        file = expected["files"][record["source_file"]]
        assert (titles[record["source_unit"]], record["frame"]) == (file["data_hash"], file["frame"])
        assert record["source_category"] in {"OTk2MzM3", "MjA5MTQz"}


def test_the_older_directory_holds_the_same_predictions(shared: Path) -> None:
    """By hash, in shares of the unit's size, to the digits both were written with."""
    units = sample_units(shared)
    by_title = {row["title"]: row for row in units.to_pylist()}
    new, _ = predictions(shared / "samples/encord/kitti", units=units)
    old, rejects = predictions(shared / "samples/encord/kitti_v0.1.65", units=units)
    assert rejects == []

    def as_pixels(record: dict[str, Any]) -> tuple[Any, ...]:
        unit = next(
            row for row in by_title.values() if record["source_unit"] in (row["title"], row["data_hash"])
        )  # fmt: skip
        scale = (unit["width"], unit["height"]) if record["coordinates"] == "relative" else (1, 1)
        box = [round(record["bbox"][side] * scale[k % 2], 1) for k, side in enumerate("xywh")]
        return unit["data_hash"], record["frame"] or 0, record["score"], record["source_category"], *box

    assert {record["coordinates"] for record in old} == {"relative"}
    both = zip(sorted(map(as_pixels, new)), sorted(map(as_pixels, old)), strict=True)
    assert all(one[:4] == two[:4] and one[4:] == pytest.approx(two[4:], abs=0.11) for one, two in both)


def test_labels_without_a_score_are_certain_predictions(shared: Path) -> None:
    """Confidence 1; their DontCare row is refused."""
    records, rejects = predictions(shared / "samples/encord/kitti_labels_no_score")
    assert [record["score"] for record in records] == [1.0]
    assert [reject["reason_code"] for reject in rejects] == ["unsupported"]


def test_a_box_that_leaves_its_image_is_read_as_it_stands(shared: Path) -> None:
    """What becomes of it is for normalize to say."""
    records, rejects = predictions(shared / "samples/encord/kitti_out_of_frame")
    assert [record["bbox"] for record in records] == [{"x": -5.0, "y": 10.0, "w": 1297.0, "h": 190.0}]
    assert not rejects


def test_real_results_come_in_whole_with_scores_above_one(shared: Path) -> None:
    """250 files of 16 columns with a space at the end of each line."""
    folder = shared / "samples/kitti/point_gnn_results"
    records, rejects = predictions(folder)
    lines = [line.split() for path in sorted(folder.glob("*.txt")) for line in path.read_text().splitlines() if line]
    assert not rejects
    assert [record["score"] for record in records] == [float(line[15]) for line in lines]
    assert max(record["score"] for record in records) > 1
    assert [record["bbox"]["w"] for record in records] == [float(line[6]) - float(line[4]) for line in lines]
    assert {record["truncated"] for record in records} == {None}


def project(folder: Path, units: pa.Table | None = None, **given: Any) -> Inputs:
    """A directory with two label files as KITTI numbers them."""
    (folder / "000007.txt").write_text(f"{CAR}\n{CAR.replace('Car', 'Van')}\n")
    (folder / "000008.txt").write_text(f"{ZONE}\n{CAR} 0.9\n")
    (folder / "000009.txt").write_text("")
    return Inputs(open_sources(folder), units=units, **given)


def numbered_units() -> pa.Table:
    """Three images, and one that is there no more."""
    titles = ["000007.png", "000008.png", "000009.png", "000010.png"]
    columns: dict[str, Any] = {
        "unit_key": range(4),
        "source_id": titles,
        "data_hash": titles,
        "title": titles,
        "kind": ["image"] * 4,
        "frame": [0] * 4,
        "sequence_hash": titles,
        "width": [1242] * 4,
        "height": [375] * 4,
        "source_order": range(4),
        "retired": [False, None, False, True],
    }
    return completed(columns, DATA_UNITS.schema, 4)


def test_ground_truth_takes_its_units_from_the_project(tmp_path: Path) -> None:
    """Those that are live; classes are the words of the rows; a score says nothing here."""
    truth = read_ground_truth(project(tmp_path, numbered_units()), serial)
    assert truth.units.schema == UNIT_RECORDS.schema
    assert truth.units["title"].to_pylist() == ["000007.png", "000008.png", "000009.png"]
    assert truth.categories.schema == CATEGORY_RECORDS.schema
    assert truth.categories["name"].to_pylist() == ["Car", "DontCare", "Van"]
    assert set(truth.categories["kind"].to_pylist()) == {"object"}
    records = [record for block in truth.blocks for record in block.records.to_pylist()]
    assert [(r["source_unit"], r["source_category"], r["ignore"], r["score"]) for r in records] == [
        ("000007", "Car", False, None),
        ("000007", "Van", False, None),
        ("000008", "DontCare", True, None),
        ("000008", "Car", False, None),
    ]


def test_with_a_mapping_classes_are_those_of_the_mapping(tmp_path: Path) -> None:
    """Whether or not a row holds them; regions come after."""
    (tmp_path / "ontology_mapping.json").write_text('{"h2": "Van", "h1": "Car", "h3": "Tram"}')
    truth = read_ground_truth(project(tmp_path, numbered_units()), serial)
    named = zip(truth.categories["feature_hash"].to_pylist(), truth.categories["name"].to_pylist(), strict=True)
    assert list(named) == [("h2", "Van"), ("h1", "Car"), ("h3", "Tram"), ("DontCare", "DontCare")]
    by_name = Inputs(open_sources(tmp_path), units=numbered_units(), reading=Reading(class_by=ClassBy.NAME))
    assert read_ground_truth(by_name, serial).categories["name"].to_pylist() == ["Car", "DontCare", "Van"]


def test_ground_truth_without_sizes_is_refused_with_a_hint(tmp_path: Path) -> None:
    """KITTI's own directory does not say how large its images are."""
    with pytest.raises(InputError, match="how large") as refused:
        read_ground_truth(project(tmp_path), serial)
    assert "--data-units" in str(refused.value.hint)


@pytest.mark.parametrize(
    ("names", "head", "is_kitti"),
    [
        (["000001.txt"], CAR.encode() + b"\n", True),
        (["000001.txt"], CAR.encode() + b" 0.5 \n", True),
        (["000001.csv"], CAR.replace(" ", ",").encode(), True),
        (["000001.txt", "000002.txt"], b"", True),
        (["a.txt", "ontology_mapping.json"], b"anything", True),
        (["labels/a__x.txt", "ontology_label_map.json"], b"", True),
        (["a.png", "ontology_mapping.json"], b"\x89PNG", False),
        (["a.png", "b.png", "notes.txt", "ontology_mapping.json"], b"\x89PNG", False),
        (["1.png", "1.txt", "2.png", "2.txt", "ontology_mapping.json"], b"\x89PNG", True),
        (["000001.txt"], b"0 0.5 0.5 0.1 0.1\n", False),
        (["000001.txt"], b"\xff\xfe\n", False),
        (["results.json"], b'[{"image_id": 1}]', False),
    ],
)
def test_the_form_of_the_first_row_or_the_mapping_beside_it_tells_the_format(
    names: list[str], head: bytes, is_kitti: bool
) -> None:
    """File names alone would claim every text file."""
    assert recognise(names, head) is is_kitti


@pytest.mark.parametrize(
    ("folder", "accepted", "rejected"),
    [("kitti", 26, 0), ("kitti_v0.1.65", 26, 0), ("kitti_labels_no_score", 1, 1), ("kitti_out_of_frame", 1, 0)],
)
def test_every_sample_comes_onto_the_project_whole(
    tmp_path: Path, shared: Path, folder: str, accepted: int, rejected: int
) -> None:
    """Units, frames and classes are found; what is refused was refused by the format."""
    samples = shared / "samples/encord"
    chain = Chain(tmp_path)
    chain.truth(samples / "labels.json", ontology=samples / "ontology.json")
    imported = chain.predictions(samples / folder)
    assert (imported.format, imported.accepted, imported.rejected) == ("kitti", accepted, rejected)
    assert chain.table("predictions")["unit_key"].null_count() == 0


def test_a_mapping_of_the_caller_goes_before_the_directorys(tmp_path: Path, shared: Path) -> None:
    """Given with `mapping`; here it leaves apples out."""
    samples = shared / "samples/encord"
    chain = Chain(tmp_path)
    chain.truth(samples / "labels.json", ontology=samples / "ontology.json")
    mapping = chain.write("cherries.json", {"OTk2MzM3": "cherry"})
    imported = chain.predictions(samples / "kitti", mapping=mapping)
    apples = sum("apple" in path.read_text() for path in (samples / "kitti").rglob("*.txt"))
    assert imported.reasons == {"unmapped_class": 3}
    assert apples == 3


def test_a_name_that_no_unit_has_is_refused_at_resolve(tmp_path: Path) -> None:
    """Its rows say so one by one; the other files go in."""
    (tmp_path / "data_units.json").write_text(
        json.dumps([{"data_hash": "h", "data_title": "000007.png", "data_type": "image", "width": 99, "height": 99}])
    )
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels/000007.txt").write_text(CAR)
    (tmp_path / "labels/000404.txt").write_text(f"{CAR}\n{CAR}")
    imported = Chain(tmp_path).truth(tmp_path / "labels", data_units=tmp_path / "data_units.json")
    assert imported.reasons == {"unknown_unit": 2}


def test_ground_truth_without_a_list_of_units_lies_on_those_of_the_project(tmp_path: Path) -> None:
    """Their sizes and keys stay, and the labels are others."""
    units = [{"data_hash": "7c1f", "data_title": "1.png", "data_type": "image", "width": 90, "height": 60}]
    chain = Chain(tmp_path)
    for name, text in (("first", CAR), ("second", f"{CAR}\n{ZONE}")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "1.txt").write_text(text)
    chain.truth(tmp_path / "first", data_units=chain.write("units.json", units))
    before = chain.table("data_units")
    chain.truth(tmp_path / "second")
    assert chain.table("data_units").equals(before)
    assert len(chain.table("ground_truth")) == 2
