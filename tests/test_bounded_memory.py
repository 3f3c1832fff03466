"""Law 7: memory is bounded by a shard and by the ground truth, not by the number of predictions."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[1]
IMAGES = 500
PEAK = (
    "import resource, sys; from flows.cli import main; code = main();"
    "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, file=sys.stderr); sys.exit(code)"
)
"""Runs the command line and says its peak, MB."""


def _files(folder: Path, predictions: int) -> tuple[Path, Path]:
    """Ground truth of 5,000 boxes, and results of so many."""
    rng = np.random.default_rng(11)
    images = [{"id": k, "file_name": f"{k}.jpg", "width": 640, "height": 480} for k in range(IMAGES)]
    boxes = rng.uniform(1, 200, (5_000, 4)).round(2).tolist()
    annotations = [
        {"id": k, "image_id": k % IMAGES, "category_id": k % 3, "bbox": box, "area": 9.0, "iscrowd": 0}
        for k, box in enumerate(boxes, 1)
    ]
    classes = [{"id": k, "name": str(k)} for k in range(3)]
    truth, results = folder / "truth.json", folder / f"results_{predictions}.json"
    truth.write_text(json.dumps({"images": images, "annotations": annotations, "categories": classes}))
    corners, scores = rng.uniform(1, 200, (predictions, 4)).round(2).tolist(), rng.random(predictions).round(4).tolist()
    with results.open("w") as file:
        file.write("[")
        for k, (box, score) in enumerate(zip(corners, scores, strict=True)):
            row = {"image_id": k % IMAGES, "category_id": k % 3, "bbox": box, "score": score}
            file.write(("," if k else "") + json.dumps(row))
        file.write("]")
    return truth, results


def _peak_mb(folder: Path, predictions: int) -> int:
    truth, results = _files(folder, predictions)
    files = ["--ground-truth", str(truth), "--predictions", str(results)]
    call = [sys.executable, "-c", PEAK, "evaluate", *files, "--store", str(folder / f"store_{predictions}"), "--json"]
    done = subprocess.run(call, capture_output=True, text=True, cwd=ROOT, check=True)
    return int(done.stderr.splitlines()[-1])


@pytest.mark.slow
def test_four_times_the_predictions_need_no_four_times_the_memory(tmp_path: Path) -> None:
    """From 500,000 to 2,000,000 the peak grows by less than what a row group and a shard of them hold."""
    small, large = (_peak_mb(tmp_path, count) for count in (500_000, 2_000_000))
    assert large < small + 400, f"{small} MB, then {large} MB"
