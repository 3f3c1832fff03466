"""The laws that every format, shape, protocol and metric keeps, from the tables on the disk."""

import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from tasks import imports
from tasks.metrics.outcome_counts import NAMES
from tasks.protocols import PROTOCOLS
from tasks.running import threaded
from tests.chain import Chain, box, rules_used, truth_of
from tests.coco_zoo import CocoSet, coco_set
from tests.shape_zoo import ShapeSet, shape_files, shape_set

NUMBERS = ("metrics", "curves", "unit_scores")
COCO_KINDS = {"bbox": "coco-bbox", "segmentation": "coco-segm", "keypoints": "coco-keypoints"}
SHAPES_OF = {"rotatable_bounding_box", "polygon", "bitmask", "polyline", "point", "skeleton"}
KINDS = COCO_KINDS | {
    protocol.name: protocol.name
    for protocol in PROTOCOLS.values()
    if protocol.shape in SHAPES_OF and protocol.name not in COCO_KINDS.values() and not protocol.needs_on
}
"""Protocols by the kind of set they are held to: COCO's three, and every other over a shape of the zoo that needs no
more than shapes."""

pytestmark = pytest.mark.usefixtures(shape_files.__name__)


def _content(kind: str, seed: int) -> CocoSet | ShapeSet:
    """Ground truth and predictions of a seed that hold what the kind's protocol compares."""
    if kind in COCO_KINDS:
        return coco_set(seed, kind)
    shape = PROTOCOLS[kind].shape
    if shape == "skeleton":
        return coco_set(seed, "keypoints")
    return shape_set("polygon" if shape == "bitmask" else shape, seed)


def _shuffled(records: list[Any], seed: int) -> list[Any]:
    return random.Random(seed).sample(records, len(records))


def _shuffle_all(ground_truth: Any, results: Any, seed: int) -> tuple[Any, Any]:
    """Files with their lists of records, at the top or one below, in another order."""

    def mixed(content: Any, seed: int) -> Any:
        if isinstance(content, dict):
            return {name: mixed(rows, seed) if isinstance(rows, list) else rows for name, rows in content.items()}
        return _shuffled(content, seed)

    return mixed(ground_truth, seed), mixed(results, seed + 1)


# Law 1: rows in = accepted + rejected.

BROKEN = [
    7,
    {"category_id": 1, "bbox": [1, 2, 3, 4], "score": 0.5},
    box(1, [1, 2, -3, 4], score=0.5),
    box(1, [1, 2, 3, 4], score="high"),
    box(1, [1, 2, 3, 4], category=9, score=0.5),
    box(8, [1, 2, 3, 4], score=0.5),
    {"image_id": 1, "category_id": 1, "score": 0.5, "segmentation": {"size": [9, 9], "counts": [81]}},
    {"image_id": 1, "category_id": 1, "score": 0.5, "segmentation": {"size": [100, 200], "counts": "###"}},
]
BROKEN_BY_STAGE = {"ingest": 4, "normalize": 2, "resolve": 2}


def test_every_row_is_accepted_or_rejected_and_the_books_say_so(tmp_path: Path) -> None:
    """Counts of the import, rows of predictions, rejects and runs agree, over rejects of every stage."""
    chain = Chain(tmp_path)
    chain.truth(truth_of(box(1, [1, 2, 30, 40])))
    good = [box(1, [1, 2, 30, 40], score=0.5), box(2, [1, 2, 30, 40], score=0.25)]
    taken = chain.predictions([good[0], *BROKEN, good[1]])
    assert (taken.rows, taken.accepted, taken.rejected) == (10, 2, 8)
    rejects = chain.table("rejects")
    assert dict(rejects["stage"].value_counts().iter_rows()) == BROKEN_BY_STAGE
    assert dict(rejects["reason_code"].value_counts().iter_rows()) == taken.reasons
    rows = chain.table("predictions")["source_row"].to_list() + rejects["source_row"].to_list()
    assert sorted(rows) == list(range(10))
    run = chain.table("runs").filter(pl.col("command") == "import predictions").row(0, named=True)
    assert (run["rows_in"], run["rows_accepted"], run["rows_rejected"]) == (10, 2, 8)
    assert rejects["prediction_set"].unique().to_list() == ["net"]
    assert set(rejects["run_id"]) == {run["run_id"]}


def test_images_and_categories_that_are_refused_are_in_the_books(tmp_path: Path) -> None:
    """Images, refused classes and annotations are rows of a ground truth file."""
    truth = truth_of(box(1, [1, 2, 30, 40]), box(5, [1, 2, 30, 40]), box(1, [0, 0, 1, 1], category=3))
    truth["images"] += [{"id": 5, "width": 0, "height": 100}, {"id": 1, "width": 9, "height": 9}]
    truth["categories"].append({"id": 3, "name": 7})
    chain = Chain(tmp_path)
    taken = chain.truth(truth)
    assert taken.rows == taken.accepted + taken.rejected
    assert (taken.accepted, taken.rejected) == (2 + 1 + 2, 3 + 2)
    counted = Counter(chain.table("rejects")["reason_code"].to_list())
    assert counted == taken.reasons
    assert counted["unknown_unit"] == counted["unknown_category"] == 1


def test_a_reject_of_resolve_keeps_the_whole_normalized_row(tmp_path: Path) -> None:
    """Resolving it again needs no file: keypoints and masks are all there, and JSON."""
    chain = Chain(tmp_path)
    chain.truth(truth_of())
    points = [float(v) for k in range(300) for v in (k, k / 7, 2)]
    chain.predictions([{"image_id": 1, "category_id": 77, "keypoints": points, "score": 0.1}])
    (reject,) = chain.rows("rejects")
    row = json.loads(reject["record"])
    assert (reject["stage"], row["source_category"], row["score"]) == ("resolve", "77", 0.1)
    assert [p[axis] for p in row["keypoints_px"] for axis in ("x", "y")] == [v for k in range(300) for v in (k, k / 7)]


# Law 2: outcomes add up to the predictions and to the ground truth.


def _ranges_of(row: dict[str, Any], names: list[str], thresholds: int) -> list[list[str]]:
    """Outcome words [A][T] of a row of matches: of the first range, and of others where they say otherwise."""
    first = row["outcomes"] or ["ignored" if row["ranges_outside"] & 1 else "FP"] * thresholds
    said = {entry["area_range"]: entry["outcomes"] for entry in row["ranges"] or []}
    outside = [["ignored"] * thresholds if row["ranges_outside"] >> a & 1 else first for a in range(len(names))]
    return [first, *(said.get(name, outside[a]) for a, name in enumerate(names[1:], 1))]


def _counted(chain: Chain, names: list[str], most: int, thresholds: int) -> dict[str, np.ndarray]:
    """TP, FP, ... [A, T] counted from the rows of matches and ground_truth_matches alone."""
    counts = {name: np.zeros((len(names), thresholds), int) for name in NAMES}
    for row in chain.rows("matches"):
        for a, words in enumerate(_ranges_of(row, names, thresholds)):
            for t, word in enumerate(words):
                counts["beyond_max_detections" if row["rank"] >= most else word][a, t] += 1
    for row in chain.rows("ground_truth_matches"):
        found: dict[str, list[str]] = {names[0]: row["outcomes"]}
        found |= {entry["area_range"]: entry["outcomes"] for entry in row["ranges"]}
        for a, name in enumerate(names):
            for t, word in enumerate(found.get(name, ["ignored"] * thresholds)):
                if word != "TP":
                    counts["ignored_ground_truth" if word == "ignored" else "FN"][a, t] += 1
    return counts


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", [2, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (4, 7))])
def test_outcomes_add_up_to_the_predictions_and_the_ground_truth(tmp_path: Path, seed: int, kind: str) -> None:
    """Per area range and threshold, and equal to the counts in metrics; the zoo has crowds and overfull images."""
    protocol = KINDS[kind]
    maxima = [1, 3]
    chain = Chain(tmp_path).chain(*_content(kind, seed), protocol, max_detections=maxima)
    rules = rules_used(protocol, max_detections=maxima)
    names = [bounds.name for bounds in rules.area_ranges]
    counts = _counted(chain, names, maxima[-1], len(rules.iou_thresholds))
    predictions, annotations = len(chain.table("predictions")), len(chain.table("ground_truth"))
    found, known = NAMES[:4], ("TP", "FN", "ignored_ground_truth")
    assert (np.sum([counts[name] for name in found], axis=0) == predictions).all()
    assert (np.sum([counts[name] for name in known], axis=0) == annotations).all()
    stored = chain.table("metrics").filter(pl.col("category").is_null(), pl.col("metric").is_in(NAMES))
    for row in stored.iter_rows(named=True):
        place = names.index(row["area_range"]), rules.iou_thresholds.index(row["threshold"])
        assert row["value"] == counts[row["metric"]][place]


def test_rows_outside_the_protocol_are_counted(tmp_path: Path) -> None:
    """Boxes are judged under coco-bbox, masks beside them as well under coco-segm; the run says how many were not."""
    mask = {"size": [100, 200], "counts": [100, 50, 19850]}
    truth = truth_of(box(1, [1, 2, 30, 40]), {"image_id": 1, "category_id": 1, "segmentation": mask})
    results = [box(1, [1, 2, 30, 40], score=0.5), {"image_id": 1, "category_id": 1, "segmentation": mask, "score": 0.4}]
    chain = Chain(tmp_path).chain(truth, results, "coco-segm")
    (details,) = chain.table("runs").filter(pl.col("command") == "evaluate coco-segm")["details"].to_list()
    counts = json.loads(details)
    assert (counts["predictions"], counts["predictions_outside_protocol"]) == (1, 1)
    assert (counts["annotations"], counts["annotations_outside_protocol"]) == (1, 1)


# Law 3: how the work is cut, and who does it, changes nothing.


@pytest.mark.parametrize("kind", KINDS)
def test_buckets_and_threads_change_no_byte_of_the_numbers(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One bucket in turn, or one per some kilobytes on two threads: the same metrics, curves and unit scores."""
    content = _content(kind, 5)
    whole = Chain(tmp_path / "whole").chain(*content, KINDS[kind])
    monkeypatch.setattr(imports, "_BUCKET_BYTES", 1 << 11)
    cut = Chain(tmp_path / "cut", threaded(2)).chain(*content, KINDS[kind])
    assert len(cut.bytes_of("predictions")) >= 4
    assert cut.bytes_of(*NUMBERS) == whole.bytes_of(*NUMBERS)
    for table, key in (("matches", "prediction_key"), ("ground_truth_matches", "annotation_key")):
        assert cut.table(table).sort(key).equals(whole.table(table).sort(key))


@pytest.mark.parametrize(("truth_bytes", "set_bytes"), [(1 << 9, 1 << 12), (1 << 12, 1 << 9)])
def test_ground_truth_and_predictions_may_be_cut_unequally(
    tmp_path: Path, truth_bytes: int, set_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Either side may have more buckets; every annotation is judged once."""
    content = coco_set(5)
    whole = Chain(tmp_path / "whole").chain(*content, "coco-bbox")
    cut = Chain(tmp_path / "cut")
    monkeypatch.setattr(imports, "_BUCKET_BYTES", truth_bytes)
    cut.truth(content.ground_truth)
    monkeypatch.setattr(imports, "_BUCKET_BYTES", set_bytes)
    cut.predictions(content.results)
    cut.evaluate("coco-bbox")
    assert len(cut.bytes_of("predictions")) != len(cut.bytes_of("ground_truth"))
    assert cut.bytes_of(*NUMBERS) == whole.bytes_of(*NUMBERS)


def test_units_of_one_sequence_share_a_bucket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every unit's predictions and annotations lie in parts of the same share."""
    monkeypatch.setattr(imports, "_BUCKET_BYTES", 1 << 10)
    chain = Chain(tmp_path)
    content = coco_set(5)
    chain.truth(content.ground_truth)
    chain.predictions(content.results)
    places: dict[int, set[str]] = {}
    for path in (chain.store / "street" / "predictions").rglob("*.parquet"):
        for unit in pl.read_parquet(path, hive_partitioning=False)["unit_key"].unique():
            places.setdefault(unit, set()).add(path.parent.name)
    assert {len(buckets) for buckets in places.values()} == {1}
    assert len({next(iter(buckets)) for buckets in places.values()}) > 1


def _found(chain: Chain) -> dict[int, Any]:
    """Outcomes of every annotation by its key; keys of predictions tell of their rows."""
    return {
        row["annotation_key"]: (row["outcomes"], [(entry["area_range"], entry["outcomes"]) for entry in row["ranges"]])
        for row in chain.rows("ground_truth_matches")
    }


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (3, 6, 8))])
def test_the_order_of_rows_changes_nothing_under_canonical_ties(tmp_path: Path, kind: str, seed: int) -> None:
    """Images, classes, annotations and results may come in any order, with scores that tie throughout."""
    content = _content(kind, seed)
    for result in content.results if isinstance(content, CocoSet) else content.results["records"]:
        result["score"] = round(result["score"], 1)
    chains = [
        Chain(tmp_path / str(k)).chain(*_shuffle_all(*content, k), KINDS[kind], tie_order="canonical") for k in (1, 2)
    ]
    first, second = (chain.bytes_of(*NUMBERS) for chain in chains)
    assert first == second
    assert _found(chains[0]) == _found(chains[1])


def test_the_order_of_rows_changes_only_ties_under_file_ties(tmp_path: Path) -> None:
    """With scores and overlaps that never tie, any order gives the same bytes."""
    rng = np.random.default_rng(3)
    corners = [[float(v) for v in rng.uniform(1, 60, 4)] for _ in range(30)]
    truth = truth_of(*(box(1 + k % 2, corner, 1 + k % 3 % 2) for k, corner in enumerate(corners)))
    near = [[v + float(rng.normal()) for v in corner] for corner in corners for _ in range(2)]
    results = [box(1 + k // 2 % 2, corner, score=float(rng.random())) for k, corner in enumerate(near)]
    chains = [Chain(tmp_path / str(k)).chain(*_shuffle_all(truth, results, k), "coco-bbox") for k in (1, 2)]
    assert chains[0].bytes_of(*NUMBERS) == chains[1].bytes_of(*NUMBERS)


# Law 4: numbers from stored rows. Law 5 is held in test_read_back.


@pytest.mark.parametrize("kind", KINDS)
def test_reanalysis_gives_the_rows_of_a_run_from_scratch(tmp_path: Path, kind: str) -> None:
    """Other rules and back, forced: the published bytes are those of the first time."""
    content = _content(kind, 6)
    tables = (*NUMBERS, "matches", "ground_truth_matches")
    fresh = Chain(tmp_path / "fresh").chain(*content, KINDS[kind])
    chain = Chain(tmp_path / "again").chain(*content, KINDS[kind], max_detections=[7], tie_order="canonical")
    chain.evaluate(KINDS[kind])
    assert chain.bytes_of(*tables) == fresh.bytes_of(*tables)
    chain.evaluate(KINDS[kind], force=True)
    assert chain.bytes_of(*tables) == fresh.bytes_of(*tables)


# Law 6: undefined is null with a reason.


@pytest.mark.parametrize("seed", [pytest.param(2, marks=pytest.mark.slow), 14, 15])
@pytest.mark.parametrize("kind", KINDS)
def test_undefined_is_null_with_a_reason(tmp_path: Path, seed: int, kind: str) -> None:
    """Neither NaN nor -1 is anywhere in the numbers, not even without annotations or without predictions."""
    chain = Chain(tmp_path).chain(*_content(kind, seed), KINDS[kind])
    metrics = chain.table("metrics")
    assert metrics["value"].is_nan().sum() == 0
    assert (metrics["value"].drop_nulls() >= 0).all()
    assert (metrics["value"].is_null() == metrics["null_reason"].is_not_null()).all()
    assert (metrics["null_reason"].drop_nulls().str.len_chars() > 5).all()
    for table in ("curves", "unit_scores", "matches", "ground_truth_matches"):
        frame = chain.table(table)
        for name, type in frame.schema.items():
            if type == pl.Float64:
                assert frame[name].is_nan().sum() == 0
                assert (frame[name].drop_nulls() >= 0).all() or name == "score"


def test_what_the_rules_leave_out_is_null_with_its_reason(tmp_path: Path) -> None:
    """AP75 without a threshold of .75, AP_small without an area range of that name."""
    ground_truth, results = coco_set(3)
    whole = [{"name": "whole", "low_px2": 0, "high_px2": 1e10}]
    chain = Chain(tmp_path).chain(ground_truth, results, "coco-bbox", iou_thresholds=[0.5], area_ranges=whole)
    overall = chain.table("metrics").filter(pl.col("category").is_null())
    value = dict(overall.select("metric", "value").iter_rows())
    reason = dict(overall.select("metric", "null_reason").iter_rows())
    assert value["AP"] == value["AP50"]
    assert value["AP75"] is None
    assert reason["AP75"] == "threshold 0.75 is not among the rules'"
    assert "AP_small" not in value
