"""Slices from the shell: asked for, printed, refused."""

import json

import polars as pl
import pytest

from tests.flows.cli.conftest import RESULT, TRUTH, Cli, boxscore


@pytest.fixture(scope="module")
def sliced(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Words that name a project whose set is sliced by a tag and by area; tests look and change nothing."""
    folder = tmp_path_factory.mktemp("sliced")
    paths = [folder / name for name in ("truth.json", "net.json")]
    for path, content in zip(paths, (TRUTH, [RESULT]), strict=True):
        path.write_text(json.dumps(content))
    where = ["--project", "p", "--store", str(folder / "store")]
    assert boxscore("evaluate", "--ground-truth", paths[0], "--predictions", paths[1], *where) == 0
    units = pl.read_parquet(folder / "store/p/data_units/**/*.parquet", hive_partitioning=False)
    tags = pl.DataFrame({"data_hash": [*units["data_hash"], "gone"], "weather": ["sun", "rain", "rain"]})
    tags.write_parquet(folder / "tags.parquet")
    asked = ("--slice-by", "weather", "--slice-by", "area:500", "--tags", folder / "tags.parquet")
    assert boxscore("reanalyze", "--set", "net", *where, *asked) == 0
    return where


def test_slices_are_a_table_and_a_document(cli: Cli, sliced: list[str]) -> None:
    """A row each, with what it holds; unknown tags are told."""
    said = cli("metrics", "net", *sliced, "--slices")
    assert all(name in said.out for name in ("(all)", "weather=rain", "weather=sun", "area<500", "area>=500"))
    assert "1 rows of the tags are about no data unit" in said.out
    found = cli("metrics", "net", *sliced, "--slices", "--json").json["slices"]["coco-bbox"]
    assert list(found) == ["weather=rain", "weather=sun", "area<500", "area>=500"]
    assert (found["weather=sun"]["n_ground_truth"], found["weather=sun"]["metrics"]["AP"]) == (1, pytest.approx(1.0))
    assert (found["weather=rain"]["n_predictions"], found["weather=rain"]["metrics"]["AP"]) == (0, 0.0)


def test_a_slice_has_its_numbers_by_its_name(cli: Cli, sliced: list[str]) -> None:
    """The whole keeps its own."""
    one = cli("metrics", "net", *sliced, "--slice", "area>=500", "--json").json
    assert (one["protocol"], one["slice"], one["metrics"]["AP"]) == ("coco-bbox", "area>=500", 0.0)
    assert "net on p, area>=500" in cli("metrics", "net", *sliced, "--slice", "area>=500").out
    whole = cli("metrics", "net", *sliced, "--json").json
    assert set(whole) == {"protocol", "metrics"}
    assert whole["metrics"]["AP"] == pytest.approx(0.504950495)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("metrics", "net", "--slice", "weather=sum"), "did you mean weather=sun?"),
        (("metrics", "net", "--slice", "x", "--slices"), "contradict"),
        (("reanalyze", "--set", "net", "--slice-by", "wether"), "no column 'wether'"),
        (("reanalyze", "--set", "net", "--slice-by", "kind", "--tags", "/none.parquet"), "no such file"),
    ],
)
def test_what_is_wrong_is_told(cli: Cli, sliced: list[str], words: tuple[str, ...], said: str) -> None:
    """With exit code 2, and the numbers that were there stay."""
    ended = cli(*words, *sliced)
    assert (ended.code, said in ended.err) == (2, True), ended.err
    assert cli("metrics", "net", *sliced, "--slice", "weather=sun").code == 0
