"""The command quality, and the option --quality of the commands that import."""

from pathlib import Path

import polars as pl
import pytest

from tests.flows.cli.conftest import SAMPLE, Cli

PROJECT = ("--project", "sample")


def test_a_set_is_measured_once(cli: Cli, store: Path) -> None:
    """A line a metric for a person; the second time nothing is done, and it says so."""
    said = cli("quality", "masks", *PROJECT)
    assert said.code == 0
    assert "quality of the predictions of masks (296 predictions, 40 units)" in said.out
    assert "annotation_duplicates" in said.out
    assert "annotation_duplicates_partner" not in said.out
    again = cli("quality", "masks", *PROJECT)
    assert "quality of the predictions of masks is up to date, nothing was done" in again.out
    assert "quality of the images of sample is up to date" in again.out


def test_json_has_every_column(cli: Cli, store: Path) -> None:
    """How many values each has, the least and the greatest; of all sets when none is named, and the ground truth."""
    facts = cli("quality", *PROJECT, "--ground-truth", "--json").json["quality"]
    assert [(each["of"], each["prediction_set"]) for each in facts] == [
        ("predictions", "boxes"), ("predictions", "masks"), ("annotations", None), ("images", None),
    ]  # fmt: skip
    assert {each["status"] for each in facts} == {"completed"}
    assert facts[1]["columns"]["object_count"] == {"n": 40, "least": 1, "greatest": 14}


def test_an_unknown_set_is_the_callers_mistake(cli: Cli, store: Path) -> None:
    """Exit 2, with the nearest name."""
    said = cli("quality", "mask", *PROJECT)
    assert said.code == 2
    assert "did you mean masks?" in said.err


@pytest.mark.parametrize("quiet", [True, False])
def test_an_import_measures_quality_where_it_is_asked_to(cli: Cli, store: Path, quiet: bool) -> None:
    """The set and the ground truth; without the option nothing of it."""
    files = ("import", "predictions", SAMPLE / "boxes.json", *PROJECT, "--no-evaluate", "--name")
    assert not (store / "sample/quality").exists()
    said = cli(*files, "asked", "--quality", *(["--json"] if quiet else []))
    assert said.code == 0
    if quiet:
        assert [each["of"] for each in said.json["quality"]] == ["predictions", "annotations", "images"]
    else:
        assert "quality of the annotations of sample (194 annotations, 40 units)" in said.out
    rows = pl.read_parquet(f"{store}/sample/quality/**/*.parquet", hive_partitioning=False)
    assert set(rows["prediction_set"]) == {"asked", None}


def test_a_deleted_set_takes_its_quality_along_and_brings_it_back(cli: Cli, store: Path) -> None:
    """`delete` and `restore` know it, `verify` and `files` too."""
    cli("quality", "masks", *PROJECT)
    files = cli("files", "quality", *PROJECT, "--json").json["files"]
    assert len(files) == 2
    cli("delete", "masks", *PROJECT)
    assert len(cli("files", "quality", *PROJECT, "--json").json["files"]) == 1
    cli("restore", "masks", *PROJECT)
    assert cli("files", "quality", *PROJECT, "--json").json["files"] == files
    assert cli("verify").code == 0
    assert "up to date" in cli("quality", "masks", *PROJECT).out


def test_images_without_numbers_are_counted_by_what_is_wrong(cli: Cli, store: Path, tmp_path: Path) -> None:
    """Below the table, with the first of them."""
    (tmp_path / "images").mkdir()
    (tmp_path / "images/000000172745.jpg").write_bytes(b"no")
    lines = cli("quality", "boxes", "--images", tmp_path / "images", "--project", "sample").out.splitlines()
    title = next(k for k, line in enumerate(lines) if line == "quality of the images of sample (40 images)")
    said = [line for line in lines[title:] if "without numbers of the pixels" in line]
    assert said[0].startswith("39 images without numbers of the pixels: no_file (the first: ")
    assert said[1].startswith("1 image without numbers of the pixels: no_image (the first: 000000172745.jpg: ")
