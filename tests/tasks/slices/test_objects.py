"""Slices of objects, from files to tables, against the same on parts of the data and against pycocotools."""

from collections.abc import Iterable
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from tasks import imports
from tasks.metrics.outcome_counts import NAMES as COUNTS
from tasks.running import threaded
from tests.chain import Chain, box, truth_of
from tests.coco_zoo import CocoSet, coco_set

TABLES = ("metrics", "confusion", "calibration_bins")
KINDS = {"bbox": ("coco-bbox", "encord", "voc2012"), "segmentation": ("coco-segm",), "keypoints": ("coco-keypoints",)}
PROTOCOLS = [(kind, protocol) for kind, protocols in KINDS.items() for protocol in protocols]


def rows_of(chain: Chain, table: str, part: str | None) -> list[tuple[Any, ...]]:
    """Rows of a slice, or of the whole, in their order, but for what names set, rules and slice."""
    rows = chain.table(table).filter(pl.col("slice").eq_missing(part))
    return rows.drop("slice", "prediction_set", "rules").rows()


def tagged(chain: Chain, **columns: Iterable[Any]) -> Path:
    """A file of tags, with columns in the order of the data units."""
    path = chain.folder / "tags.parquet"
    chain.table("data_units").select("data_hash").with_columns(
        [pl.Series(name, list(values)) for name, values in columns.items()]
    ).write_parquet(path)
    return path


def imported(folder: Path, content: CocoSet) -> Chain:
    """The set without an evaluation."""
    chain = Chain(folder)
    chain.truth(content.ground_truth)
    chain.predictions(content.results)
    return chain


def part_of(content: CocoSet, images: set[int]) -> CocoSet:
    """What is on some of the images."""
    truth = content.ground_truth
    kept = {
        "images": [image for image in truth["images"] if image["id"] in images],
        "annotations": [annotation for annotation in truth["annotations"] if annotation["image_id"] in images],
    }
    return CocoSet({**truth, **kept}, [result for result in content.results if result["image_id"] in images])


@pytest.mark.parametrize(("kind", "protocol"), PROTOCOLS)
@pytest.mark.parametrize("seed", [2, pytest.param(5, marks=pytest.mark.slow)])
def test_a_slice_of_all_is_the_whole(tmp_path: Path, seed: int, kind: str, protocol: str) -> None:
    """By data units or by annotations: every number of every table, to the bit."""
    chain = Chain(tmp_path).chain(*coco_set(seed, kind), protocol, slice_by=["kind", "area:-1"])
    for table in TABLES:
        whole = rows_of(chain, table, None)
        assert whole
        assert rows_of(chain, table, "kind=image") == whole
        assert rows_of(chain, table, "area>=-1") == whole


@pytest.mark.parametrize(("kind", "protocol"), PROTOCOLS)
@pytest.mark.parametrize("seed", [3, pytest.param(8, marks=pytest.mark.slow)])
def test_slices_of_units_are_those_units_alone(tmp_path: Path, seed: int, kind: str, protocol: str) -> None:
    """To the bit what a project of these images has, also where an image has several tags."""
    content = coco_set(seed, kind)
    chain = imported(tmp_path / "whole", content)
    units = chain.table("data_units")
    marks = [["odd"] * (k % 2) + ["third"] * (k % 3 == 0) for k in range(len(units))]
    chain.evaluate(protocol, slice_by=["mark"], tags=tagged(chain, mark=marks))
    for name in {tag for tags in marks for tag in tags}:
        images = {int(unit) for unit, tags in zip(units["source_id"], marks, strict=True) if name in tags}
        alone = Chain(tmp_path / name).chain(*part_of(content, images), protocol)
        for table in TABLES:
            assert rows_of(chain, table, f"mark={name}") == rows_of(alone, table, None)


def _counts(chain: Chain, part: str | None) -> dict[tuple[Any, ...], float]:
    """Counts of outcomes of a slice, by where they stand."""
    rows = chain.table("metrics").filter(pl.col("slice").eq_missing(part), pl.col("metric").is_in(COUNTS))
    return {row[:-1]: row[-1] for row in rows.select("metric", "category", "area_range", "threshold", "value").rows()}


@pytest.mark.parametrize("seed", [1, 4])
def test_counts_of_disjoint_slices_add_up(tmp_path: Path, seed: int) -> None:
    """Of units all of them; of annotations TP and FN, while each slice has all predictions."""
    chain = Chain(tmp_path).chain(*coco_set(seed), "coco-bbox", slice_by=["width", "area:500,1024"])
    whole, units = _counts(chain, None), [_counts(chain, f"width={width}") for width in (160, 200)]
    assert {place: sum(part[place] for part in units) for place in whole} == whole
    parts = [_counts(chain, name) for name in ("area<500", "area=[500,1024)", "area>=1024")]
    found = {place: count for place, count in whole.items() if place[0] in {"TP", "FN"}}
    assert {place: sum(part[place] for part in parts) for place in found} == found
    for part in parts:
        for place, count in whole.items():
            found = {name: part[(name, *place[1:])] for name in COUNTS}
            if place[0] == "FP":
                assert found["FP"] == count
                before = whole[("TP", *place[1:])] + whole[("ignored", *place[1:])]
                assert found["TP"] + found["ignored"] == before


def _evaluated(content: CocoSet, inside: set[int]) -> COCOeval:
    """pycocotools, told after it matched that annotations outside, and what found them, do not count."""
    with redirect_stdout(StringIO()):
        truth = COCO()
        truth.dataset = content.ground_truth
        truth.createIndex()
        evaluation = COCOeval(truth, truth.loadRes([dict(result) for result in content.results]), "bbox")
        evaluation.evaluate()
        for image in filter(None, evaluation.evalImgs):
            outside = np.array([number not in inside for number in image["gtIds"]], bool)
            image["gtIgnore"] = np.array(image["gtIgnore"]).astype(bool) | outside
            elsewhere = ~np.isin(image["dtMatches"], list(inside)) & (image["dtMatches"] > 0)
            image["dtIgnore"] = image["dtIgnore"] | elsewhere
        evaluation.accumulate()
    return evaluation


@pytest.mark.parametrize("seed", [1, 3, 6, 9, 12])
def test_slices_of_annotations_are_those_of_pycocotools_with_the_others_ignored(tmp_path: Path, seed: int) -> None:
    """Precision and recall of every class, range, threshold and maximum, from pycocotools' own matches."""
    content = coco_set(seed)
    areas = {annotation["id"]: annotation["area"] for annotation in content.ground_truth["annotations"]}
    chain = Chain(tmp_path).chain(*content, "coco-bbox", slice_by=["area:1024,5000"])
    names = {"area<1024": (0, 1024), "area=[1024,5000)": (1024, 5000), "area>=5000": (5000, 1e10)}
    numbers = chain.table("metrics").filter(pl.col("metric").is_in(["AP", "AP50", "AP_medium", "AR_10", "recall"]))
    for name, (low, high) in names.items():
        inside = {number for number, area in areas.items() if low <= area < high}
        if not inside:
            continue
        found = _evaluated(content, inside).eval
        rows = numbers.filter(pl.col("slice") == name)
        recall = rows.filter(pl.col("metric") == "recall")["value"].fill_null(-1.0).to_numpy()
        assert np.array_equal(np.sort(recall), np.sort(found["recall"].ravel()))
        overall = dict(rows.filter(pl.col("category").is_null()).select("metric", "value").iter_rows())
        precision = found["precision"]
        for metric, values in (
            ("AP", precision[:, :, :, 0, -1]), ("AP50", precision[:1, :, :, 0, -1]),
            ("AP_medium", precision[:, :, :, 2, -1]), ("AR_10", found["recall"][:, :, 0, 1]),
        ):  # fmt: skip
            defined = np.ascontiguousarray(values)[values > -1]
            assert overall[metric] == (np.mean(defined) if len(defined) else None), metric


def test_what_is_false_is_false_in_every_slice_of_annotations(tmp_path: Path) -> None:
    """A prediction that found a small one is ignored among the large, one that found nothing is false in both."""
    truth = truth_of(box(1, [0, 0, 10, 10]), box(1, [50, 0, 50, 50]))
    results = [
        box(1, [0, 0, 10, 10], score=0.9),
        box(1, [50, 0, 50, 50], score=0.5),
        box(1, [150, 50, 9, 9], score=0.7),
    ]
    chain = Chain(tmp_path).chain(truth, results, "coco-bbox", slice_by=["area:1000"], iou_thresholds=[0.5])
    rows = chain.table("metrics").filter(pl.col("category") == 1, pl.col("area_range") == "all")
    for name, precision in (("area<1000", 1.0), ("area>=1000", 0.5)):
        values = dict(rows.filter(pl.col("slice") == name).select("metric", "value").iter_rows())
        assert [values[count] for count in ("TP", "FP", "ignored", "FN")] == [1, 1, 1, 0]
        assert values["AP"] == pytest.approx(precision)


def test_the_protocols_area_ranges_are_slices_that_overlap(tmp_path: Path) -> None:
    """An annotation of exactly 1024 px² is small and medium, as everywhere."""
    truth = truth_of(box(1, [0, 0, 32, 32], area=1024), box(2, [0, 0, 9, 9], area=81))
    chain = Chain(tmp_path).chain(truth, [box(1, [0, 0, 32, 32], score=0.9)], "coco-bbox", slice_by=["area_range"])
    rows = chain.table("metrics").filter(pl.col("metric") == "AP", pl.col("category").is_null())
    found = {row["slice"]: (row["n_ground_truth"], row["null_reason"]) for row in rows.to_dicts()}
    assert found == {
        None: (2, None), "area_range=small": (2, None), "area_range=medium": (1, None),
        "area_range=large": (0, "no ground truth that counts"),
    }  # fmt: skip


@pytest.mark.parametrize("slice_by", [["title"], ["area:q3", "iscrowd"]])
def test_buckets_and_threads_change_no_byte_of_slices(
    tmp_path: Path, slice_by: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One bucket from memory, or many from files on two threads."""
    content = coco_set(5)
    whole = Chain(tmp_path / "whole").chain(*content, "coco-bbox", slice_by=slice_by)
    monkeypatch.setattr(imports, "_BUCKET_BYTES", 1 << 10)
    cut = Chain(tmp_path / "cut", threaded(2)).chain(*content, "coco-bbox", slice_by=slice_by)
    assert len(cut.bytes_of("predictions")) > 4
    assert cut.bytes_of(*TABLES) == whole.bytes_of(*TABLES)


def test_the_whole_is_the_same_with_slices_and_without(tmp_path: Path) -> None:
    """Numbers, curves, scores of units and matches, under the same rules."""
    content = coco_set(7)
    plain = Chain(tmp_path / "plain").chain(*content, "coco-bbox")
    sliced = Chain(tmp_path / "sliced").chain(*content, "coco-bbox", slice_by=["area:q4", "width"])
    assert sliced.bytes_of("curves", "unit_scores", "matches") == plain.bytes_of("curves", "unit_scores", "matches")
    for table in TABLES:
        assert rows_of(sliced, table, None) == rows_of(plain, table, None)
    assert sliced.table("metrics")["rules"].unique().equals(plain.table("metrics")["rules"].unique())
