"""The tables on the disk against pycocotools on the files: arrays and numbers, to the bit."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from tasks.protocols import PROTOCOLS
from tests.chain import Chain, overall, rules_used, stored_arrays
from tests.coco_zoo import coco_set
from tests.oracle import Said, pycocotools_says

KINDS = {
    "bbox": ("bbox", "coco-bbox"),
    "segmentation": ("segm", "coco-segm"),
    "keypoints": ("keypoints", "coco-keypoints"),
}
SAMPLE = Path(__file__).resolve().parents[2] / "data/sample"


def _assert_arrays(chain: Chain, protocol: str, said: Said, **settings: Any) -> None:
    stored = stored_arrays(chain, protocol, rules_used(protocol, **settings))
    for name in ("precision", "recall", "scores"):
        assert np.array_equal(getattr(stored, name), getattr(said, name)), name


def _assert_numbers(chain: Chain, protocol: str, said: Said) -> None:
    found = overall(chain, protocol)
    names = [number.name for number in PROTOCOLS[protocol].numbers(rules_used(protocol))]
    assert [-1.0 if found[name] is None else found[name] for name in names] == said.stats.tolist()


def _assert_same(chain: Chain, ground_truth: Any, results: Any, kind: str) -> None:
    iou_type, protocol = KINDS[kind]
    said = pycocotools_says(ground_truth, results, iou_type)
    chain.chain(ground_truth, results, protocol)
    _assert_arrays(chain, protocol, said)
    _assert_numbers(chain, protocol, said)


@pytest.mark.parametrize("seed", range(4, 16))
def test_boxes_give_the_arrays_and_numbers_of_pycocotools(tmp_path: Path, seed: int) -> None:
    """Over crowds, ties, whole pixels, bounds of area ranges, and empty sides."""
    _assert_same(Chain(tmp_path), *coco_set(seed), "bbox")


@pytest.mark.parametrize("seed", range(9, 16))
@pytest.mark.parametrize("kind", ["segmentation", "keypoints"])
def test_masks_and_keypoints_give_the_arrays_and_numbers_of_pycocotools(tmp_path: Path, seed: int, kind: str) -> None:
    """Masks as polygons, packed and listed run lengths; people with and without labelled points."""
    _assert_same(Chain(tmp_path), *coco_set(seed, kind), kind)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(100, 160))
def test_more_seeds_give_the_arrays_and_numbers_of_pycocotools(tmp_path: Path, seed: int, kind: str) -> None:
    """The same over many more sets."""
    _assert_same(Chain(tmp_path), *coco_set(seed, kind), kind)


CUSTOM: list[dict[str, Any]] = [
    {"iou_thresholds": [0.05, 0.3, 0.5, 1.0]},
    {"area_ranges": [(0, 1e10), (0, 500), (500, 1024), (1024, 1024), (2000, 3000)]},
    {"max_detections": [1, 2, 3, 50, 500]},
    {"iou_thresholds": [0.6], "area_ranges": [(100, 9216)], "max_detections": [7]},
]


def _settings(custom: dict[str, Any]) -> dict[str, Any]:
    settings = dict(custom)
    if "area_ranges" in custom:
        bounds = enumerate(custom["area_ranges"])
        settings["area_ranges"] = [{"name": f"r{a}", "low_px2": low, "high_px2": high} for a, (low, high) in bounds]
    return settings


@pytest.mark.parametrize("custom", CUSTOM, ids=lambda custom: "+".join(custom))
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", [3, pytest.param(4, marks=pytest.mark.slow), pytest.param(5, marks=pytest.mark.slow)])
def test_custom_parameters_give_the_arrays_of_pycocotools(
    tmp_path: Path, seed: int, kind: str, custom: dict[str, Any]
) -> None:
    """Thresholds, area ranges and max detections of the caller's own; arrays alone, as its numbers read -1 there."""
    iou_type, protocol = KINDS[kind]
    renamed = {"thresholds" if name == "iou_thresholds" else name: value for name, value in custom.items()}
    ground_truth, results = coco_set(seed, kind)
    said = pycocotools_says(ground_truth, results, iou_type, **renamed)
    chain = Chain(tmp_path).chain(ground_truth, results, protocol, **_settings(custom))
    _assert_arrays(chain, protocol, said, **_settings(custom))


def _mean(values: np.ndarray) -> float | None:
    """As pycocotools' summarize over one class."""
    defined = values[values > -1]
    return float(np.mean(defined)) if len(defined) else None


@pytest.mark.parametrize("seed", [0, 1, 2, 14, 15])
def test_numbers_of_a_class_are_means_over_its_part_of_the_arrays(tmp_path: Path, seed: int) -> None:
    """AP, AP50, AP_small and AR_10 of each class; null where pycocotools has -1 alone."""
    ground_truth, results = coco_set(seed)
    said = pycocotools_says(ground_truth, results)
    metrics = Chain(tmp_path).chain(ground_truth, results, "coco-bbox").table("metrics")
    ids = sorted(category["id"] for category in ground_truth["categories"])
    for k, name in enumerate(f"class {number}" for number in ids):
        mine = metrics.filter(pl.col("category_name") == name)
        expected = {
            "AP": said.precision[:, :, k, 0, -1],
            "AP50": said.precision[[0], :, k, 0, -1],
            "AP_small": said.precision[:, :, k, 1, -1],
            "AR_10": said.recall[:, k, 0, 1],
        }
        for metric, values in expected.items():
            assert mine.filter(pl.col("metric") == metric)["value"].to_list() == [_mean(np.ascontiguousarray(values))]


def test_a_mask_with_a_box_has_the_box_area_as_in_load_res(tmp_path: Path) -> None:
    """A results file may hold both: under either protocol the area range is chosen by the box."""
    for seed in range(3):
        ground_truth, results = coco_set(seed, "segmentation")
        boxes = {(a["image_id"], a["category_id"]): a["bbox"] for a in ground_truth["annotations"]}
        for k, result in enumerate(results):
            near = boxes.get((result["image_id"], result["category_id"]), [5, 5, 32, 32])
            result["bbox"] = [near[0], near[1], near[2] + k % 3, near[3]]
        chain = Chain(tmp_path / str(seed)).chain(ground_truth, results)
        for protocol, iou_type in (("coco-bbox", "bbox"), ("coco-segm", "segm")):
            said = pycocotools_says(ground_truth, results, iou_type)
            _assert_arrays(chain, protocol, said)
            _assert_numbers(chain, protocol, said)


@pytest.mark.parametrize("kind", ["segmentation", "keypoints"])
def test_boxes_of_results_without_boxes_are_their_hulls(tmp_path: Path, kind: str) -> None:
    """Asked for by name, coco-bbox judges masks and keypoints by the hull that loadRes gives them."""
    for seed in (1, 2, 3):
        ground_truth, results = coco_set(seed, kind)
        chain = Chain(tmp_path / str(seed)).chain(ground_truth, results, "coco-bbox")
        said = pycocotools_says(ground_truth, results, "bbox")
        _assert_arrays(chain, "coco-bbox", said)
        _assert_numbers(chain, "coco-bbox", said)


@pytest.mark.parametrize("seed", [0, 5, 9])
def test_an_annotation_of_id_zero_is_one_like_any_other(tmp_path: Path, seed: int) -> None:
    """pycocotools counts its match as none; here the numbers are those it gives after renumbering."""
    ground_truth, results = coco_set(seed, id_zero=True)
    renumbered = json.loads(json.dumps(ground_truth))
    renumbered["annotations"][0]["id"] = 10_000_000
    chain = Chain(tmp_path).chain(ground_truth, results, "coco-bbox")
    _assert_arrays(chain, "coco-bbox", pycocotools_says(renumbered, results))


@pytest.mark.parametrize(("file", "kind"), [("boxes", "bbox"), ("masks", "segmentation"), ("keypoints", "keypoints")])
def test_the_committed_sample_gives_the_numbers_of_pycocotools(tmp_path: Path, file: str, kind: str) -> None:
    """Boxes over all classes, masks and keypoints."""
    ground_truth, results = (json.loads((SAMPLE / f"{name}.json").read_text()) for name in ("ground_truth", file))
    iou_type, protocol = KINDS[kind]
    truth = ground_truth
    if kind == "keypoints":  # pycocotools needs keypoints in every annotation that it reads
        truth = {**truth, "annotations": [a for a in truth["annotations"] if "keypoints" in a]}
    chain = Chain(tmp_path).chain(SAMPLE / "ground_truth.json", SAMPLE / f"{file}.json", protocol)
    said = pycocotools_says(truth, results, iou_type)
    _assert_arrays(chain, protocol, said)
    _assert_numbers(chain, protocol, said)


@pytest.mark.parametrize("kind", ["bbox", "segmentation"])
def test_the_official_sample_gives_its_published_numbers(tmp_path: Path, shared: Path, kind: str) -> None:
    """The 100 images of val2014 with results made for testing: pycocotools' arrays, and its authors' AP."""
    folder = shared / "samples/coco"
    iou_type, protocol = KINDS[kind]
    truth, results = folder / "instances_val2014_100.json", folder / f"instances_val2014_fake{iou_type}100_results.json"
    said = pycocotools_says(json.loads(truth.read_text()), json.loads(results.read_text()), iou_type)
    chain = Chain(tmp_path).chain(truth, results, protocol)
    _assert_arrays(chain, protocol, said)
    _assert_numbers(chain, protocol, said)
    assert f"= {overall(chain, protocol)['AP']:.3f}" in (folder / "val2014_fake_eval_res.txt").read_text()


@pytest.mark.parametrize("name", ["dataset", "ignore_test"])
def test_toy_files_of_another_evaluator_give_the_numbers_of_pycocotools(
    tmp_path: Path, shared: Path, name: str
) -> None:
    """One writes its image's id as text here and as a number there: pycocotools is given numbers."""
    folder = shared / "samples/coco/faster_coco_eval_tests/dataset"
    truth, results = folder / f"gt_{name}.json", folder / f"dt_{name}.json"
    ground_truth, found = (json.loads(path.read_text()) for path in (truth, results))
    for record in [*ground_truth["images"], *ground_truth["annotations"], *found]:
        key = "image_id" if "image_id" in record else "id"
        record[key] = int(record[key])
    chain = Chain(tmp_path).chain(truth, results, "coco-bbox")
    said = pycocotools_says(ground_truth, found)
    _assert_arrays(chain, "coco-bbox", said)
    _assert_numbers(chain, "coco-bbox", said)


def test_results_on_unknown_images_leave_the_numbers_of_the_others(tmp_path: Path) -> None:
    """They are rejected and counted, where pycocotools gives up."""
    ground_truth, results = coco_set(4)
    lost = [{**result, "image_id": 5000 + k} for k, result in enumerate(results[:7])]
    chain = Chain(tmp_path)
    chain.truth(ground_truth)
    assert chain.predictions(results + lost).reasons == {"unknown_unit": 7}
    chain.evaluate("coco-bbox")
    _assert_arrays(chain, "coco-bbox", pycocotools_says(ground_truth, results))
