"""The benchmark of re-analysis, at its own scale: little is matched, and the tables are those from scratch."""

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "images"), [("bbox", 5_000), ("segm", 1_000)])
def test_one_percent_of_the_images_is_at_most_five_percent_of_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, images: int
) -> None:
    """Of the images of val2017's scale, relabelled at random, and every table has the bytes of a run from scratch."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    generator: Any = import_module("make_files")
    benchmark: Any = import_module("reanalysis")
    try:
        generator.write(generator.Scale("1x", images, 80, masks=kind == "segm"), tmp_path)
        files = tmp_path / "gt_1x.json", tmp_path / f"dt_{kind}_1x.json"
        found = benchmark.compared(*files, f"coco-{kind}", 0.01)
    finally:
        for name in ("make_files", "reanalysis"):
            monkeypatch.delitem(sys.modules, name)
    assert found["same_bytes"]
    assert found["units_matched"] + found["units_carried"] == images
    assert 0 < found["units_matched"] <= 0.05 * images
