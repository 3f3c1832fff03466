"""Stored sets under other classes or data units: as if they had been imported on them, from what the store holds."""

import json
from collections import Counter
from copy import deepcopy
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tasks import imports
from tasks.catalog import catalog
from tasks.resolve_again import resolve_again
from tasks.running import serial, threaded
from tests.chain import SET, Chain, box, truth_of
from tests.coco_zoo import coco_set
from tests.shape_zoo import Record
from tests.tasks.engines.test_answers import ONTOLOGY, Drive

TABLES = ("predictions", "matches", "ground_truth_matches", "metrics", "curves", "unit_scores", "evaluated_units")


def _without(truth: Record, key: str, number: int) -> Record:
    """Ground truth that lacks a class or an image, and what is annotated of it."""
    left = deepcopy(truth)
    left[key] = [each for each in truth[key] if each["id"] != number]
    name = {"categories": "category_id", "images": "image_id"}[key]
    left["annotations"] = [each for each in truth["annotations"] if each[name] != number]
    return left


def _again(chain: Chain) -> None:
    """Resolve the set again, which must be called for, and evaluate it."""
    assert resolve_again(chain.project, SET, chain.run)
    assert not resolve_again(chain.project, SET, chain.run)
    chain.evaluate("coco-bbox")


def _keyless(rows: list[dict[str, Any]], *names: str) -> list[dict[str, Any]]:
    return [{name: value for name, value in row.items() if name not in names} for row in rows]


@pytest.mark.parametrize("geometry", ["bbox", "segmentation", "keypoints"])
@pytest.mark.parametrize("key", ["categories", "images"])
@pytest.mark.parametrize("bucket_bytes", [2**26, pytest.param(2**12, marks=pytest.mark.slow)])
def test_what_comes_to_be_known_is_taken_as_from_scratch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, geometry: str, key: str, bucket_bytes: int
) -> None:
    """A class or an image that ground truth lacked at first: rows, keys, matches and numbers, byte for byte."""
    monkeypatch.setattr(imports, "_BUCKET_BYTES", bucket_bytes)
    truth, results = coco_set(4, geometry)
    lacking = _without(truth, key, truth[key][0]["id"])
    again, scratch = Chain(tmp_path / "again"), Chain(tmp_path / "scratch")
    for chain in (again, scratch):
        chain.truth(lacking)
    again.predictions(results)
    again.evaluate("coco-bbox")
    rejected = len(again.rows("rejects"))
    assert rejected
    for chain in (again, scratch):
        chain.truth(truth)
    scratch.predictions(results)
    scratch.evaluate("coco-bbox")
    _again(again)
    assert again.bytes_of(*TABLES) == scratch.bytes_of(*TABLES)
    assert not again.rows("rejects")
    (run,) = again.table("runs").filter(pl.col("command") == "resolve again").to_dicts()
    assert (run["rows_in"], run["rows_accepted"], run["rows_rejected"]) == (len(results), len(results), 0)


@pytest.mark.parametrize("key", ["categories", "images"])
def test_what_is_no_longer_known_is_rejected_and_can_come_back(tmp_path: Path, key: str) -> None:
    """With the keys that it had; in between the rejects say why, and keep the whole rows."""
    truth, results = coco_set(4)
    chain, scratch = Chain(tmp_path / "again").chain(truth, results, "coco-bbox"), Chain(tmp_path / "scratch")
    before = chain.bytes_of("predictions")
    lacking = _without(truth, key, truth[key][0]["id"])
    chain.truth(lacking)
    _again(chain)
    scratch.truth(truth)
    scratch.truth(lacking)
    scratch.predictions(results)
    scratch.evaluate("coco-bbox")
    assert chain.bytes_of(*TABLES) == scratch.bytes_of(*TABLES)
    rejects = [_keyless(each.rows("rejects"), "run_id", "record") for each in (chain, scratch)]
    assert rejects[0]
    assert rejects[0] == rejects[1]
    records = [catalog(each.project).sets[SET].record for each in (chain, scratch)]
    for name in ("rows", "accepted", "rejected", "reasons", "digest"):
        assert records[0][name] == records[1][name]
    assert +Counter(records[0]["given"]) == +Counter(records[1]["given"])
    chain.truth(truth)
    _again(chain)
    assert chain.bytes_of("predictions") == before


def test_nothing_is_done_where_units_and_classes_are_as_they_were(tmp_path: Path) -> None:
    """Other annotations alone resolve nothing anew."""
    chain = Chain(tmp_path).chain(truth_of(box(1, [0, 0, 9, 9])), [box(1, [0, 0, 9, 9], score=0.5)], "coco-bbox")
    chain.truth(truth_of(box(1, [0, 0, 9, 8])))
    assert not resolve_again(chain.project, SET, serial)


def test_numbers_are_stale_until_then_and_files_that_stay_are_the_files_themselves(tmp_path: Path) -> None:
    """A further image changes no row of the set: no file is written, none is read whole."""
    chain = Chain(tmp_path).chain(truth_of(box(1, [0, 0, 9, 9])), [box(1, [0, 0, 9, 9], score=0.5)], "coco-bbox")
    root = chain.store / "street" / "predictions"
    (inode,) = {path.stat().st_ino for path in root.rglob("*.parquet")}
    chain.truth(truth_of(box(1, [0, 0, 9, 9]), images=3))
    known = catalog(chain.project)
    assert [known.stale(each) for each in known.evaluations.values()] == ["the ground truth changed"]
    _again(chain)
    assert {path.stat().st_ino for path in root.rglob("*.parquet")} == {inode}
    known = catalog(chain.project)
    assert [known.stale(each) for each in known.evaluations.values()] == [None]


def test_rows_of_several_files_get_keys_of_their_own(tmp_path: Path) -> None:
    """By their place in their file; where another has it by now, behind all others."""
    chain = Chain(tmp_path)
    chain.truth(truth_of(box(1, [0, 0, 9, 9]), categories=1))
    folder = tmp_path / "files"
    folder.mkdir()
    for name, categories in (("a", (1, 2, 1, 2)), ("b", (1, 1))):
        rows = [box(1, [k, 0, 9, 9], category, score=0.5) for k, category in enumerate(categories)]
        (folder / f"{name}.json").write_text(json.dumps(rows))
    chain.predictions(folder)
    before = {(row["source_file"], row["source_row"]): row["prediction_key"] for row in chain.rows("predictions")}
    chain.truth(truth_of(box(1, [0, 0, 9, 9])))
    assert resolve_again(chain.project, SET, threaded(2))
    after = {(row["source_file"], row["source_row"]): row["prediction_key"] for row in chain.rows("predictions")}
    assert len(after) == 6
    assert len(set(after.values())) == 6
    assert {place: after[place] for place in before} == before
    assert after["a.json", 1] == before["a.json", 0] + 1


def test_rejects_stay_where_files_are_added_and_are_taken_later(tmp_path: Path) -> None:
    """Those of the first file among them."""
    chain = Chain(tmp_path)
    chain.truth(truth_of(box(1, [0, 0, 9, 9]), categories=1))
    chain.predictions(chain.write("first.json", [box(1, [0, 0, 9, 9], 2, score=0.5), box(1, [0, 0, 9, 9], score=0.5)]))
    chain.predictions(chain.write("second.json", [box(2, [0, 0, 9, 9], 2, score=0.5)]), add=True)
    assert sorted(row["source_file"] for row in chain.rows("rejects")) == ["first.json", "second.json"]
    chain.truth(truth_of(box(1, [0, 0, 9, 9])))
    assert resolve_again(chain.project, SET, serial)
    assert len(chain.rows("predictions")) == 3


def test_answers_to_a_retired_option_are_rejected_and_come_back(tmp_path: Path) -> None:
    """As objects of a retired class are."""
    chain, drive = Chain(tmp_path), Drive(3)
    labels, ontology = chain.write("labels.json", drive.rows(False)), chain.write("ontology.json", ONTOLOGY)
    chain.truth(labels, ontology=ontology)
    chain.predictions(chain.write("found.json", drive.rows(True)))
    chain.evaluate("answers")
    before = chain.table("classifications_predictions").sort("answer_key")
    fewer: Any = deepcopy(ONTOLOGY)
    fewer["objects"][0]["attributes"][0]["options"].pop()
    chain.truth(labels, ontology=chain.write("fewer.json", fewer))
    assert resolve_again(chain.project, SET, serial)
    left = chain.rows("classifications_predictions")
    refused = [row for row in chain.rows("rejects") if row["prediction_set"] == SET]
    assert len(left) + len(refused) == len(before)
    assert {row["reason_code"] for row in refused} == {"unknown_option"}
    chain.truth(labels, ontology=ontology)
    assert resolve_again(chain.project, SET, serial)
    after = chain.table("classifications_predictions").sort("answer_key")
    assert after.drop("answer_key").sort(pl.all()).equals(before.drop("answer_key").sort(pl.all()))
