"""The committed sample: what its script writes, small, and plausible to the official evaluator."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

DATA = Path(__file__).resolve().parents[2] / "data"
SAMPLE = DATA / "sample"
NAMES = ("boxes.json", "ground_truth.json", "keypoints.json", "masks.json")


def read(name: str) -> Any:
    """A document of the committed sample."""
    return json.loads((SAMPLE / name).read_bytes())


def test_the_script_writes_the_committed_bytes(tmp_path: Path) -> None:
    """The sample's script writes exactly the files that are committed."""
    subprocess.run([sys.executable, DATA / "make_sample.py", tmp_path], check=True, stdout=subprocess.DEVNULL)
    written = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert written == {path.name: path.read_bytes() for path in SAMPLE.iterdir() if path.is_file()}
    assert sorted(written) == list(NAMES)


def test_the_script_writes_the_committed_bytes_of_encord(tmp_path: Path) -> None:
    """The Encord sample's script writes exactly the files that are committed."""
    script = [sys.executable, DATA / "make_encord_sample.py", tmp_path]
    subprocess.run(script, check=True, stdout=subprocess.DEVNULL, cwd=DATA.parent)
    written = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert written == {path.name: path.read_bytes() for path in (SAMPLE / "encord").iterdir()}
    assert sorted(written) == ["labels.json", "ontology.json", "predictions.json", "predictions.pkl"]


def test_the_sample_is_small() -> None:
    """All files together stay under half a megabyte."""
    assert sum((SAMPLE / name).stat().st_size for name in NAMES) < 500_000


@pytest.mark.parametrize(
    ("name", "kind"),
    [("boxes.json", "bbox"), ("masks.json", "segm"), ("masks.json", "bbox"), ("keypoints.json", "keypoints")],
)
def test_pycocotools_finds_a_plausible_detector(name: str, kind: str) -> None:
    """pycocotools loads each results file as it is and gives a mean AP between .3 and .8."""
    truth = COCO(SAMPLE / "ground_truth.json")
    evaluation = COCOeval(truth, truth.loadRes(str(SAMPLE / name)), kind)
    evaluation.evaluate()
    evaluation.accumulate()
    evaluation.summarize()
    assert 0.3 < evaluation.stats[0] < 0.8


def _is_crowd(row: dict[str, Any]) -> bool:
    return row["iscrowd"] == 1 and isinstance(row["segmentation"]["counts"], list)


TRAITS: list[tuple[str, Callable[[dict[str, Any]], bool], int]] = [
    ("crowds as uncompressed run lengths", _is_crowd, 3),
    ("multi-part polygons", lambda row: isinstance(row["segmentation"], list) and len(row["segmentation"]) > 1, 5),
    ("people with points", lambda row: row["num_keypoints"] > 0, 40),
    ("people without points", lambda row: "keypoints" in row and row["num_keypoints"] == 0, 5),
]


@pytest.mark.parametrize(("what", "holds", "least"), TRAITS, ids=[what for what, _, _ in TRAITS])
def test_the_ground_truth_has_what_makes_coco_hard(
    what: str, holds: Callable[[dict[str, Any]], bool], least: int
) -> None:
    """Crowds, multi-part polygons, and people with and without points are all there."""
    assert sum(map(holds, read("ground_truth.json")["annotations"])) >= least, what


def test_images_are_as_varied_as_in_coco() -> None:
    """Forty images of three sizes, two of them without an annotation, with gaps between the ids."""
    truth = read("ground_truth.json")
    ids = [image["id"] for image in truth["images"]]
    assert len(ids) == 40
    assert len({(image["width"], image["height"]) for image in truth["images"]}) == 3
    assert len(set(ids) - {row["image_id"] for row in truth["annotations"]}) == 2
    assert max(ids) > 10 * len(ids)


@pytest.mark.parametrize("name", ["boxes.json", "masks.json", "keypoints.json"])
def test_scores_tie(name: str) -> None:
    """Each results file holds equal scores, so that the order of ties matters."""
    scores = [row["score"] for row in read(name)]
    assert len(set(scores)) < len(scores)


def test_masks_come_both_ways() -> None:
    """Results with masks are compressed run lengths and polygons, each with its box."""
    rows = read("masks.json")
    assert {type(row["segmentation"]) for row in rows} == {dict, list}
    assert all(len(row["bbox"]) == 4 for row in rows)
