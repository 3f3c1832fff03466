"""Re-analysis after a correction: python reanalysis.py GROUND_TRUTH PREDICTIONS [PROTOCOL [SHARE]]

COCO files of both sides. Both are imported and judged, a SHARE (0.01) of the images gets an annotation renamed, and
what has changed is judged again; then all of it, from scratch. In one process and one thread, warm. Prints one JSON
document: units matched and carried over, CPU seconds of the evaluation and wall seconds of its matching, once from
changes and once from scratch, and whether every table has the same bytes.
"""

import json
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

SET, PROJECT = "detector", "reanalysis"
TABLES = ("matches", "ground_truth_matches", "metrics", "curves", "unit_scores", "evaluated_units")


def relabel(truth: Path, corrected: Path, share: float) -> None:
    """Write the ground truth with one annotation of another class on a share of its images."""
    content = json.loads(truth.read_bytes())
    images = [image["id"] for image in content["images"]]
    classes = [category["id"] for category in content["categories"]]
    others = dict(zip(classes, classes[1:] + classes[:1], strict=True))
    chosen = set(random.Random(1).sample(images, max(1, int(share * len(images)))))
    for annotation in content["annotations"]:
        if annotation["image_id"] in chosen:
            chosen.remove(annotation["image_id"])
            annotation["category_id"] = others[annotation["category_id"]]
    corrected.write_text(json.dumps(content))


def stored(truth: Path, store: Path, predictions: Path | None = None) -> Any:
    """Import ground truth, and predictions where they are given; the project."""
    from schemas.parameters import GroundTruthParameters, PredictionParameters
    from tasks.import_ground_truth import import_ground_truth
    from tasks.import_predictions import import_predictions
    from tasks.running import serial
    from tasks.storage import Store

    where: dict[str, Any] = {"store": store, "project": PROJECT}
    import_ground_truth(GroundTruthParameters(**where, ground_truth=truth), serial)
    if predictions is not None:
        import_predictions(PredictionParameters(**where, name=SET, predictions=predictions), serial)
    return Store(store).project(PROJECT)


def judged(project: Any, protocol: str, force: bool) -> dict[str, Any]:
    """Judge the set; what the run says, CPU seconds, and the bytes of every part."""
    import orjson

    from schemas.parameters import ProtocolSettings
    from tasks.evaluation import evaluate_set
    from tasks.running import serial
    from tasks.storage import read_parts

    before = set((project.folder / "runs").rglob("*.parquet"))
    start = time.process_time()
    evaluate_set(project, SET, [protocol], ProtocolSettings(), serial, force)
    cpu_s = time.process_time() - start
    (run,) = [path for path in (project.folder / "runs").rglob("*.parquet") if path not in before]
    (row,) = read_parts([run]).to_pylist()
    details, stages = orjson.loads(row["details"]), orjson.loads(row["stage_seconds"])
    files = {f"{name}/{path.parent.name}": path.read_bytes() for name in TABLES for path in _parts(project, name)}
    return {"details": details, "match_s": stages["match"], "cpu_s": cpu_s, "files": files}


def _parts(project: Any, table: str) -> list[Path]:
    return sorted((project.folder / table).rglob("*.parquet"))


def compared(truth: Path, predictions: Path, protocol: str, share: float) -> dict[str, Any]:
    """What it costs to judge again."""
    with tempfile.TemporaryDirectory() as folder:
        corrected = Path(folder) / "corrected.json"
        relabel(truth, corrected, share)
        first = stored(truth, Path(folder) / "store", predictions)
        for force in (False, True):  # the second time all that is imported and compiled is there
            judged(first, protocol, force)
        again = judged(stored(corrected, Path(folder) / "store"), protocol, force=False)
        scratch = judged(stored(corrected, Path(folder) / "store"), protocol, force=True)
    sides = {"changed": again, "scratch": scratch}
    return {
        "units_matched": again["details"]["units_matched"],
        "units_carried": again["details"]["units_carried"],
        "cpu_s": {name: round(side["cpu_s"], 2) for name, side in sides.items()},
        "match_wall_s": {name: round(side["match_s"], 2) for name, side in sides.items()},
        "same_bytes": again["files"] == scratch["files"],
    }


def main() -> int:
    """Exit 1 where the tables differ."""
    truth, predictions, *rest = sys.argv[1:]
    protocol, share = (*rest, *("coco-bbox", "0.01")[len(rest) :])
    found = compared(Path(truth), Path(predictions), protocol, float(share))
    print(json.dumps(found, indent=2))
    return int(not found["same_bytes"])


if __name__ == "__main__":
    sys.exit(main())
