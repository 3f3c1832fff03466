"""What is matched again after a correction, and that the rows are those of a run from scratch, byte for byte."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.parameters import MaskKind, Reading
from schemas.tables import TABLES
from tasks import imports
from tasks.catalog import catalog
from tests import mot_files
from tests.chain import Chain, box, truth_of
from tests.coco_zoo import coco_set
from tests.corrections import CORRECTIONS, corrected, exchanged
from tests.kitti_scenes import random_images
from tests.kitti_scenes import write_images as write_kitti
from tests.tasks.engines.test_answers import ONTOLOGY, Drive
from tests.tasks.pixels import panoptic_files, panoptic_oracle
from tests.tasks.pixels.label_files import write_images as write_labels
from tests.track_scenes import made_up as made_up_tracks

RESULTS = tuple(table.name for table in TABLES if "rules" in table.fields)
"""Tables of an evaluation."""
COUNTED = ("predictions", "annotations", "predictions_outside_protocol", "annotations_outside_protocol")
LIKELY = ["annotation moved", "annotation added", "annotation removed", "category changed", "image added"]
"""What one correction of ground truth may bring together."""
KINDS = {
    "coco-bbox": "bbox", "coco-segm": "segmentation", "coco-keypoints": "keypoints", "voc2012": "bbox",
    "encord": "bbox",
}  # fmt: skip
"""Geometry of the zoo by protocol."""


@pytest.fixture(
    params=[
        pytest.param(2**26, id="one bucket"),
        pytest.param(2**12, id="several buckets", marks=pytest.mark.slow),
    ]
)
def buckets(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test holds for any number of buckets."""
    monkeypatch.setattr(imports, "_BUCKET_BYTES", request.param)


def evaluated_again(chain: Chain, protocol: str) -> dict[str, int]:
    """What the evaluation says it did; that a run from scratch gives the same bytes and counts is checked first."""

    def record() -> dict[str, Any]:
        return dict(list(chain.project.state().commits.values())[-1].record)

    assert [done.status for done in chain.evaluate(protocol)] == ["completed"]
    carried, rows = record(), chain.bytes_of(*RESULTS)
    chain.evaluate(protocol, force=True)
    whole = record()
    assert whole["units_carried"] == 0
    assert rows == chain.bytes_of(*RESULTS)
    assert {name: carried[name] for name in COUNTED} == {name: whole[name] for name in COUNTED}
    assert carried["units_matched"] + carried["units_carried"] == whole["units_matched"]
    return carried


@pytest.mark.usefixtures("buckets")
@pytest.mark.parametrize("protocol", KINDS)
@given(st.lists(st.sampled_from(list(CORRECTIONS)), min_size=1, max_size=3), st.integers(0, 10_000))
@settings(max_examples=2, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_after_any_correction_the_rows_are_those_from_scratch(
    tmp_path_factory: pytest.TempPathFactory, protocol: str, names: list[str], seed: int
) -> None:
    """Of engines that match objects, with ties in the order of the file."""
    truth, results = coco_set(seed, KINDS[protocol])
    chain = Chain(tmp_path_factory.mktemp("chain")).chain(truth, results, protocol)
    if chain.truth(corrected(truth, names, seed)).status == "completed":
        evaluated_again(chain, protocol)


@pytest.mark.usefixtures("buckets")
@pytest.mark.parametrize("names", [LIKELY, *(pytest.param([name], marks=pytest.mark.slow) for name in CORRECTIONS)])
def test_ties_in_canonical_order_are_carried_over_too(tmp_path: Path, names: list[str]) -> None:
    """Under rules that look at content where others look at the file."""
    truth, results = coco_set(5)
    chain = Chain(tmp_path).chain(truth, results, "coco-bbox", tie_order="canonical")
    chain.truth(corrected(truth, names, 1))
    chain.evaluate("coco-bbox", tie_order="canonical")
    rows = chain.bytes_of(*RESULTS)
    chain.evaluate("coco-bbox", tie_order="canonical", force=True)
    assert chain.bytes_of(*RESULTS) == rows


class Case(NamedTuple):
    """How an engine's scenes are made and written, unit by unit; a unit is (annotated, predicted)."""

    protocol: str
    made_up: Callable[[int, int], list[Any]]
    """(seed, units) -> units."""
    write: Callable[[Path, list[Any]], tuple[Path, Path, dict[str, Any]]]
    """-> ground truth, predictions, options of the ground truth."""
    together: Callable[[Any, Any], Any] = lambda one, other: (one[0], *other[1:])
    """A unit as the first one is annotated and the other predicted."""


def _kitti(folder: Path, images: list[Any]) -> tuple[Path, Path, dict[str, Any]]:
    truth, found, units = write_kitti(images, folder)
    return truth, found, {"data_units": units}


def _pixels(folder: Path, images: list[Any]) -> tuple[Path, Path, dict[str, Any]]:
    return *write_labels(folder, images), {"reading": Reading(masks=MaskKind.SEMANTIC)}


def _square(seed: int, units: int) -> list[Any]:
    """Label images of one size, so that either side goes with any other."""
    rng = np.random.default_rng(seed)
    return [tuple(rng.integers(0, 4, (2, 6, 5))) for _ in range(units)]


def _panoptic(folder: Path, images: list[Any]) -> tuple[Path, Path, dict[str, Any]]:
    return *panoptic_files.write_scene(folder, panoptic_oracle.Scene(dict(enumerate(images, 1)))), {}


def _renamed(segment: dict[str, Any]) -> dict[str, Any]:
    return {**segment, "category_id": segment["category_id"] % 3 + 1}


def _tracks(folder: Path, sequences: list[Any]) -> tuple[Path, Path, dict[str, Any]]:
    return *mot_files.write_scene(folder, {f"s{k}": sequence for k, sequence in enumerate(sequences)}), {}


def _drives(folder: Path, drives: list[Any]) -> tuple[Path, Path, dict[str, Any]]:
    folder.mkdir(parents=True)
    names = ("labels.json", "found.json", "ontology.json")
    for side, name in enumerate(names[:2]):
        rows = [json.dumps(drive[side]).replace("video-1", f"video-{k}") for k, drive in enumerate(drives)]
        (folder / name).write_text(f"[{','.join(rows)}]")
    (folder / names[2]).write_text(json.dumps(ONTOLOGY))
    return folder / names[0], folder / names[1], {"ontology": folder / names[2]}


CASES = {
    "kitti": Case(
        "kitti", random_images, _kitti, lambda one, other: other._replace(labelled=one.labelled)
    ),
    "pixels": Case("semantic", _square, _pixels),
    "panoptic": Case(
        "panoptic",
        lambda seed, units: list(panoptic_oracle.made_up(seed, units).images.values()),
        _panoptic,
        lambda one, other: other if one is other else (other[0], [*map(_renamed, other[1])], *other[2:]),
    ),
    "tracks": Case("tracks", lambda seed, n: list(made_up_tracks(seed, [*map(str, range(n))]).values()), _tracks),
    "answers": Case(
        "answers",
        lambda seed, units: [(d.rows(False)[0], d.rows(True)[0]) for d in map(Drive, range(seed, seed + units))],
        _drives,
    ),
}  # fmt: skip


@pytest.mark.usefixtures("buckets")
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("change", [pytest.param("some", marks=pytest.mark.slow), "one more", "one less"])
def test_every_engine_matches_what_changed_and_carries_the_rest(tmp_path: Path, case: str, change: str) -> None:
    """Pixels, segments, tracks and answers, with units that come and go; sequences are matched whole."""
    of = CASES[case]
    units, others = of.made_up(3, 8), of.made_up(40, 9)
    chain = Chain(tmp_path)
    truth, found, options = of.write(tmp_path / "first", units)
    chain.truth(truth, **options)
    chain.predictions(found, **{name: value for name, value in options.items() if name == "reading"})
    chain.evaluate(of.protocol)
    now = exchanged([(k, k) for k in range(8)], [(k + 100, k) for k in range(9 if change == "one more" else 8)], 5)
    again = [of.together(others[a - 100] if a >= 100 else units[a], units[min(p, 7)]) for a, p in now]
    truth, _, options = of.write(tmp_path / "second", again[:-1] if change == "one less" else again)
    chain.truth(truth, **options)
    record = evaluated_again(chain, of.protocol)
    assert record["units_matched"] > 0
    assert record["units_carried"] > 0


@pytest.mark.parametrize("case", CASES)
def test_the_same_files_again_are_no_correction(tmp_path: Path, case: str) -> None:
    """Written anew elsewhere: nothing is imported, so that nothing is stale."""
    of = CASES[case]
    chain = Chain(tmp_path)
    for folder, status in (("first", "completed"), ("second", "unchanged")):
        truth, _, options = of.write(tmp_path / folder, of.made_up(3, 8))
        assert chain.truth(truth, **options).status == status


def test_only_the_images_that_changed_are_matched(tmp_path: Path) -> None:
    """One of three; the run says how many, and which rules it took."""
    results = [box(n, [0, 0, 10, 10], score=0.5) for n in (1, 2, 3)]
    boxes = [box(n, [0, 0, 10, 10]) for n in (1, 2, 3)]
    chain = Chain(tmp_path).chain(truth_of(*boxes, images=3), results, "coco-bbox")
    chain.truth(truth_of(*boxes[:2], box(3, [0, 0, 10, 12]), images=3))
    assert evaluated_again(chain, "coco-bbox")["units_matched"] == 1
    runs = chain.table("runs").filter(pl.col("command") == "evaluate coco-bbox").sort("started_at")
    counts = [(d["units_matched"], d["units_carried"]) for d in map(json.loads, runs["details"])]
    assert counts == [(3, 0), (1, 2), (3, 0)]


def test_what_no_rule_reads_changes_no_unit(tmp_path: Path) -> None:
    """The order of images: the rows are carried over, and stand in their new order."""
    truth, results = coco_set(3)
    chain = Chain(tmp_path).chain(truth, results, "coco-bbox")
    chain.truth(corrected(truth, ["images in another order"], 1))
    assert evaluated_again(chain, "coco-bbox")["units_matched"] == 0


def test_another_class_or_other_rules_match_everything(tmp_path: Path) -> None:
    """Both decide who may match whom on every unit."""
    truth, results = coco_set(3)
    chain = Chain(tmp_path).chain(truth, results, "coco-bbox")
    chain.truth({**truth, "categories": [*truth["categories"], {"id": 999, "name": "another"}]})
    assert evaluated_again(chain, "coco-bbox")["units_carried"] == 0
    chain.evaluate("coco-bbox", iou_thresholds=[0.3])
    (entry,) = catalog(chain.project).evaluations.values()
    assert entry.record["units_carried"] == 0


def test_files_of_buckets_that_did_not_change_are_the_files_themselves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under another name: no row of theirs is read or written."""
    monkeypatch.setattr(imports, "_BUCKET_BYTES", 2000)
    truth, results = coco_set(3)
    chain = Chain(tmp_path).chain(truth, results, "coco-bbox")

    def inodes() -> dict[str, int]:
        root = chain.store / "street" / "matches"
        return {path.parent.name: path.stat().st_ino for path in root.rglob("*.parquet")}

    before = inodes()
    chain.truth(corrected(truth, ["annotation moved"], 1))
    chain.evaluate("coco-bbox")
    changed = [bucket for bucket, number in inodes().items() if before[bucket] != number]
    assert len(before) > 2
    assert len(changed) == 1


def test_units_that_a_correction_moves_to_another_bucket_are_matched_there(tmp_path: Path) -> None:
    """More files make more buckets; rows are carried over from the buckets they were in."""
    boxes = [box(n, [0, 0, 10, 10]) for n in range(1, 9)]
    chain = Chain(tmp_path)
    chain.truth(truth_of(*boxes, images=9))
    chain.predictions(chain.write("first.json", [box(n, [0, 0, 10, 10], score=0.5) for n in range(1, 8)]))
    chain.evaluate("coco-bbox")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(imports, "_BUCKET_BYTES", 50)
        chain.predictions(chain.write("second.json", [box(8, [0, 0, 10, 10], score=0.5)]), add=True)
    record = evaluated_again(chain, "coco-bbox")
    assert (record["units_matched"], record["units_carried"]) == (1, 8)
    assert len(chain.bytes_of("matches")) > 1
