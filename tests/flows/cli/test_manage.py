"""The commands that manage: delete, restore, purge and verify."""

from pathlib import Path

import polars as pl

from tests.flows.cli.conftest import Cli


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
