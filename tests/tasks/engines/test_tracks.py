"""The engine of tracks, from MOTChallenge's files to numbers, against trackeval."""

from collections.abc import Mapping
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from schemas.errors import InputError
from tasks import imports
from tasks.engines.tracks import ENGINE, misfit
from tasks.protocols import PROTOCOLS
from tasks.running import threaded
from tasks.tracks.distractors import class_numbers
from tests import mot_files
from tests.chain import Chain
from tests.track_scenes import ALPHAS, Box, Sequences, expected, made_up, over_classes, reference

CLASSES = ("pedestrian", "car")


def evaluated(chain: Chain, sequences: Sequences, *protocols: str, **settings: Any) -> Chain:
    """The chain over files of made-up sequences."""
    truth, found = mot_files.write_scene(chain.folder, sequences)
    chain.truth(truth)
    chain.predictions(found)
    chain.evaluate(*(protocols or ("tracks",)), **settings)
    return chain


def numbers(chain: Chain, protocol: str = "tracks", category: str | None = None) -> dict[str, Any]:
    """Numbers by name, without those at single thresholds."""
    rows = chain.table("metrics").filter(pl.col("protocol") == protocol, pl.col("threshold").is_null())
    kept = rows.filter(pl.col("category_name").is_null() if category is None else pl.col("category_name") == category)
    return dict(kept.select("metric", "value").iter_rows())


def assert_as(ours: Mapping[str, Any], theirs: Mapping[str, float]) -> None:
    """Equal to 1e-12; null is trackeval's 0 for want of a denominator, or its 1 where nothing is localised."""
    for name, value in theirs.items():
        if ours[name] is None:
            assert value == (1 if name == "LocA" else 0) or name == "MOTA"
        else:
            assert ours[name] == pytest.approx(value, rel=0, abs=1e-12), name


@pytest.mark.parametrize("seed", range(8))
def test_made_up_sequences_have_the_numbers_of_trackeval(tmp_path: Path, seed: int) -> None:
    """With switches, gaps, boxes that do not count, and frames that one side has nothing on."""
    sequences = made_up(seed)
    assert_as(numbers(evaluated(Chain(tmp_path), sequences)), expected(reference(sequences)))


@pytest.mark.parametrize("seed", range(8, 12))
def test_classes_are_followed_by_themselves_and_added(tmp_path: Path, seed: int) -> None:
    """Per class, over all classes by their sums, and as means of the classes."""
    sequences = made_up(seed, classes=CLASSES)
    chain = evaluated(Chain(tmp_path), sequences)
    by_class = {name: expected(reference(sequences, name)) for name in CLASSES}
    for name in CLASSES:
        assert_as(numbers(chain, category=name), by_class[name])
    overall = numbers(chain)
    assert_as(overall, expected(over_classes(sequences, CLASSES)))
    assert overall["mean_HOTA"] == pytest.approx(np.mean([by_class[name]["HOTA"] for name in CLASSES]), abs=1e-12)


def trackeval_of(truth: Path, found: Path, frames: dict[str, int], preprocessing: bool, benchmark: str) -> Any:
    """trackeval's own evaluation of MOTChallenge's files: numbers of all sequences together."""
    trackeval = pytest.importorskip("trackeval", reason="needs trackeval")
    (found.parent / "trackers/ours").mkdir(parents=True)
    (found.parent / "trackers/ours/data").symlink_to(found)
    quiet = {"PRINT_CONFIG": False}
    with redirect_stdout(StringIO()):
        dataset = trackeval.datasets.MotChallenge2DBox(quiet | {
            "GT_FOLDER": str(truth), "TRACKERS_FOLDER": str(found.parent / "trackers"), "SEQ_INFO": frames,
            "SKIP_SPLIT_FOL": True, "DO_PREPROC": preprocessing, "BENCHMARK": benchmark,
        })  # fmt: skip
        outputs = ("PRINT_RESULTS", "OUTPUT_SUMMARY", "OUTPUT_DETAILED", "PLOT_CURVES", "TIME_PROGRESS")
        evaluator = trackeval.Evaluator(quiet | dict.fromkeys(outputs, False))
        metrics = [trackeval.metrics.HOTA(), trackeval.metrics.CLEAR(quiet), trackeval.metrics.Identity(quiet)]
        results, _ = evaluator.evaluate([dataset], metrics)
    combined = results["MotChallenge2DBox"]["ours"]["COMBINED_SEQ"]["pedestrian"]
    return {name: value for family in ("HOTA", "CLEAR", "Identity") for name, value in combined[family].items()}


@pytest.mark.parametrize(("protocol", "preprocessing"), [("tracks", False), ("motchallenge", True)])
def test_the_sample_has_the_numbers_of_trackeval(
    shared: Path, tmp_path: Path, protocol: str, preprocessing: bool
) -> None:
    """MOT17-02 and MOT17-09 with the tracks of DeepSORT, with and without preprocessing; at every threshold too."""
    truth, found, frames = mot_files.sample(shared, tmp_path)
    chain = Chain(tmp_path)
    chain.truth(truth)
    chain.predictions(found)
    chain.evaluate(protocol)
    theirs = trackeval_of(truth, found, frames, preprocessing, "MOT17")
    assert_as(numbers(chain, protocol, "pedestrian"), expected(theirs))
    table = chain.table("metrics").filter(pl.col("category_name") == "pedestrian", pl.col("threshold").is_not_null())
    for name in ALPHAS:
        values = table.filter(pl.col("metric") == f"{name}_alpha").sort("threshold")["value"]
        assert values.to_list() == pytest.approx(theirs[name].tolist(), rel=0, abs=1e-12)


@pytest.mark.parametrize(("protocol", "benchmark"), [("motchallenge", "MOT17"), ("mot20", "MOT20")])
def test_predictions_on_distractors_do_not_count(tmp_path: Path, protocol: str, benchmark: str) -> None:
    """As in trackeval, of both benchmarks' distractors."""
    made = made_up(20, classes=("pedestrian", "pedestrian", "static_person", "non_mot_vehicle", "car"))
    sequences = {
        name: (truth, list({(box.frame, box.track): box._replace(category="pedestrian") for box in found}.values()))
        for name, (truth, found) in made.items()
    }
    chain = evaluated(Chain(tmp_path), sequences, protocol)
    frames = {name: 1 + max(box.frame for side in sides for box in side) for name, sides in sequences.items()}
    theirs = trackeval_of(tmp_path / "gt", tmp_path / "tracks", frames, True, benchmark)
    assert_as(numbers(chain, protocol, "pedestrian"), expected(theirs))
    assert numbers(chain, protocol)["FP"] == theirs["CLR_FP"]


def test_sums_of_sequences_add_up(tmp_path: Path) -> None:
    """Rows of `tracks` give the numbers: every sequence has all thresholds, CLEAR's row and identity's."""
    sequences = made_up(3)
    chain = evaluated(Chain(tmp_path), sequences)
    rows = chain.table("tracks")
    assert rows.group_by("sequence_hash").len()["len"].unique().to_list() == [19 + 1 + 1]
    clear = rows.filter(pl.col("matching") == "clear").sum()
    boxes = clear["matched_boxes"][0] + clear["missed_boxes"][0]
    right = clear["matched_boxes"][0] - clear["false_boxes"][0] - clear["id_switches"][0]
    assert numbers(chain)["MOTA"] == right / boxes
    assert boxes == sum(not box.ignored for truth, _ in sequences.values() for box in truth)


def test_threads_change_no_byte(tmp_path: Path) -> None:
    """Of any table of the engine."""
    sequences, tables = made_up(5, [f"s{k}" for k in range(20)]), [table.name for table in ENGINE.tables]
    alone = evaluated(Chain(tmp_path / "one"), sequences)
    together = evaluated(Chain(tmp_path / "many", threaded(3)), sequences)
    assert alone.bytes_of(*tables) == together.bytes_of(*tables)


def test_buckets_change_no_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sequence lies in one of them whole."""
    sequences = made_up(7, [f"s{k}" for k in range(20)], CLASSES)
    whole = evaluated(Chain(tmp_path / "whole"), sequences)
    monkeypatch.setattr(imports, "_BUCKET_BYTES", 2000)
    parts = evaluated(Chain(tmp_path / "parts"), sequences)
    assert len(parts.bytes_of("tracks")) > len(whole.bytes_of("tracks")) == 1
    assert parts.table("metrics").equals(whole.table("metrics"))
    assert parts.table("tracks").sort(pl.all()).equals(whole.table("tracks").sort(pl.all()))


def test_the_order_of_rows_changes_nothing_under_the_canonical_order(tmp_path: Path) -> None:
    """Not even where boxes are the same, so that several assignments are the best."""
    sequences = made_up(6)
    twins = {
        name: ([*truth, *(box._replace(track=f"9{box.track}") for box in truth)], found)
        for name, (truth, found) in sequences.items()
    }
    turned = {name: (truth[::-1], found[::-1]) for name, (truth, found) in reversed(twins.items())}
    one, other = (
        evaluated(Chain(tmp_path / word), made, tie_order="canonical").table("tracks").sort(pl.all())
        for word, made in (("one", twins), ("other", turned))
    )
    assert one.equals(other)


ONE = Box(0, "1", (10.0, 10.0, 20.0, 20.0))
ONE_SIDED = [([], []), ([ONE], []), ([], [ONE]), ([ONE], [ONE]), ([ONE._replace(ignored=True)], [ONE])]


@pytest.mark.parametrize("sides", ONE_SIDED)
def test_what_has_no_denominator_is_null_with_a_reason(tmp_path: Path, sides: tuple[list[Box], list[Box]]) -> None:
    """With nothing on a side, a single frame, or nothing that counts."""
    chain = evaluated(Chain(tmp_path), {"a": sides, "b": ([], [])})
    table = chain.table("metrics")
    assert (table["value"].is_null() == table["null_reason"].is_not_null()).all()
    assert table["value"].is_nan().sum() == 0
    counting = [box for box in sides[0] if not box.ignored]
    ours = numbers(chain)
    assert (ours["HOTA"] is None) == (not counting and not sides[1])
    assert (ours["MOTA"] is None) == (not counting)
    assert (ours["IDP"] is None) == (not sides[1])
    assert (ours["LocA"] is None) == (not (counting and sides[1]))
    assert_as(ours, expected(reference({"a": sides})))


def test_a_track_twice_on_a_frame_is_an_error(tmp_path: Path) -> None:
    """Which says where, of either side."""
    twice = [ONE, ONE._replace(box_px=(50.0, 50.0, 5.0, 5.0))]
    with pytest.raises(InputError, match=r"track '1' of the set is twice on frame 0 of 'a'"):
        evaluated(Chain(tmp_path / "found"), {"a": ([ONE], twice)})
    with pytest.raises(InputError, match=r"track '1' of the ground truth is twice on frame 0 of 'a'"):
        evaluated(Chain(tmp_path / "truth"), {"a": (twice, [ONE])})


def test_only_tracks_fit() -> None:
    """On both sides; a side that holds nothing at all fits."""
    protocol, tracks, boxes = PROTOCOLS["tracks"], {"bounding_box": 3, "tracks": 2}, {"bounding_box": 3, "tracks": 0}
    assert misfit(protocol, tracks, tracks) is None
    assert misfit(protocol, {}, tracks) is None
    reason = "tracks follows objects through videos, and the {} names no track (`track_id`) there"
    assert misfit(protocol, boxes, tracks) == reason.format("set")
    assert misfit(protocol, tracks, boxes) == reason.format("ground truth")


def test_classes_of_motchallenge_are_known_by_name() -> None:
    """However they are spelled; others are none of its classes."""
    assert class_numbers(["Pedestrian", "Static person", "dog"]).tolist() == [1, 7, 0]
