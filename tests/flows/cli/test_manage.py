"""The commands that manage: delete, restore, purge and verify."""

from pathlib import Path

import polars as pl
import pytest

from tests.flows.cli.conftest import SAMPLE, Cli


def sets_seen(store: Path, table: str) -> set[str]:
    """The prediction sets that a plain glob over a table finds."""
    files = list((store / "sample" / table).rglob("*.parquet"))
    return set(pl.read_parquet(files)["prediction_set"]) if files else set()


def test_a_set_is_deleted_from_every_table_and_comes_back(cli: Cli, store: Path) -> None:
    """After `delete` no glob finds the set; after `restore` its numbers are there as they were."""
    before = cli("metrics", "masks", "--project", "sample", "--json").json
    assert "boxscore restore masks --project sample" in cli("delete", "masks", "--project", "sample").out
    for table in ("predictions", "matches", "ground_truth_matches", "metrics", "curves", "unit_scores"):
        assert sets_seen(store, table) == {"boxes"}
    assert cli("metrics", "masks", "--project", "sample").code == 2
    assert cli("restore", "masks", "--project", "sample").code == 0
    assert cli("metrics", "masks", "--project", "sample", "--json").json == before
    assert cli("verify").code == 0


def test_what_is_purged_is_gone(cli: Cli, store: Path) -> None:
    """`purge` empties the trash, unless what lies there is younger than asked for."""
    cli("delete", "masks", "--project", "sample")
    assert cli("purge", "--project", "sample", "--older-than-days", "1", "--json").json == {"purged": 0, "bytes": 0}
    assert cli("purge", "--project", "sample", "--json").json["bytes"] > 0
    assert cli("restore", "masks", "--project", "sample").code == 2
    assert cli("verify").code == 0


def test_json_says_what_was_done(cli: Cli, store: Path) -> None:
    """Deleting and restoring print one document each."""
    assert cli("delete", "boxes", "--project", "sample", "--json").json["deleted"] == "boxes"
    assert cli("restore", "boxes", "--project", "sample", "--json").json == {"restored": "boxes"}


def _damage(victim: Path, how: str) -> None:
    """Change a byte in the middle of a file, cut it off, or remove it."""
    content = bytearray(victim.read_bytes())
    if how == "gone":
        victim.unlink()
        return
    content[len(content) // 2] ^= 1
    victim.write_bytes(content if how == "changed" else content[: len(content) // 2])


@pytest.mark.parametrize("how", ["changed", "cut off", "gone"])
@pytest.mark.parametrize("table", ["matches", "metrics", "curves", "predictions", "ground_truth"])
def test_what_is_damaged_is_made_again(cli: Cli, store: Path, table: str, how: str) -> None:
    """Matches and numbers by `reanalyze --force`, a set and annotations by importing them again."""
    files = (store / "sample" / table).rglob("*.parquet")
    _damage(next(path for path in files if "masks@" not in str(path)), how)
    assert cli("verify").code == 1
    again = {
        "predictions": ("import", "predictions", str(SAMPLE / "boxes.json"), "--name", "boxes", "--replace"),
        "ground_truth": ("import", "ground-truth", str(SAMPLE / "ground_truth.json")),
    }
    said = cli(*again.get(table, ("reanalyze", "--force")), "--project", "sample")
    assert said.code == 0, said.err
    assert "sample: sound" in cli("verify").out
    assert cli("metrics", "boxes", "--project", "sample").code == 0


@pytest.mark.parametrize("table", ["data_units", "ground_truth"])
def test_a_damaged_file_is_named(cli: Cli, store: Path, table: str) -> None:
    """By every command that reads it, with what tells more."""
    victim = next((store / "sample" / table).rglob("*.parquet"))
    _damage(victim, "cut off")
    said = cli("reanalyze", "--force", "--project", "sample")
    assert said.code == 1
    assert f"{victim}: the file is damaged" in said.err
    assert "boxscore verify" in said.err


def test_a_changed_byte_is_found(cli: Cli, store: Path) -> None:
    """`verify` exits 1 and names the file when one byte of it is another, also as JSON."""
    assert "sample: sound" in cli("verify").out
    victim = next((store / "sample/matches").rglob("*.parquet"))
    content = bytearray(victim.read_bytes())
    content[len(content) // 2] ^= 1
    victim.write_bytes(content)
    said = cli("verify", "--project", "sample", "--json")
    assert said.code == 1
    assert said.json["sound"] is False
    assert victim.name in str(said.json["problems"]["sample"])
