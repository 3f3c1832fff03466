"""The benchmark's files: the same each time, of the stated form, and readable by the official evaluator."""

import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from pycocotools.coco import COCO

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files of a small scale."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    generator: Any = import_module("make_files")
    for folder in ("first", "second"):
        (tmp_path / folder).mkdir()
        generator.write(generator.Scale("tiny", 60, 12, masks=True), tmp_path / folder)
    monkeypatch.delitem(sys.modules, "make_files")
    return tmp_path


def test_the_files_are_the_same_each_time(written: Path) -> None:
    """The same scale gives the same bytes, under the names the benchmark reads."""
    first = {path.name: path.read_bytes() for path in (written / "first").iterdir()}
    assert first == {path.name: path.read_bytes() for path in (written / "second").iterdir()}
    assert sorted(first) == ["dt_bbox_tiny.json", "dt_segm_tiny.json", "gt_tiny.json"]


@pytest.mark.parametrize("kind", ["bbox", "segm"])
def test_the_results_are_what_detectors_write(written: Path, kind: str) -> None:
    """Every image has at most 100 results, best first, and pycocotools takes them for the ground truth beside them."""
    results = written / "first" / f"dt_{kind}_tiny.json"
    truth = COCO(written / "first" / "gt_tiny.json")
    assert len(truth.loadRes(str(results)).anns) > 30 * 60
    by_image: dict[int, list[float]] = {}
    for row in json.loads(results.read_bytes()):
        by_image.setdefault(row["image_id"], []).append(row["score"])
    assert all(scores == sorted(scores, reverse=True) and len(scores) <= 100 for scores in by_image.values())


def test_boxes_lie_in_their_images(written: Path) -> None:
    """Boxes of annotations are at least about a pixel wide and reach no further than the image."""
    truth = json.loads((written / "first" / "gt_tiny.json").read_bytes())
    sizes = {image["id"]: (image["width"], image["height"]) for image in truth["images"]}
    for row in truth["annotations"]:
        x, y, w, h = row["bbox"]
        width, height = sizes[row["image_id"]]
        assert 0 <= x < x + w <= width + 0.02
        assert 0 <= y < y + h <= height + 0.02
        assert min(w, h) >= 0.98
