"""Protocols on one stored set: python protocols.py GROUND_TRUTH PREDICTIONS [ROUNDS [BASE]]

COCO files of both sides. Both are imported, then every protocol that fits evaluates the set anew: matched, measured and
all tables written, in one process and one thread, warm. Prints one JSON document: median CPU seconds of each alone,
its ratio to BASE (coco-bbox), and of all of them in one pass against their sum.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

SET, PROJECT = "detector", "protocols"


def stored(truth: Path, predictions: Path, store: Path) -> Any:
    """Import both sides; the project."""
    from schemas.parameters import GroundTruthParameters, PredictionParameters
    from tasks.import_ground_truth import import_ground_truth
    from tasks.import_predictions import import_predictions
    from tasks.running import serial
    from tasks.storage import Store

    where: dict[str, Any] = {"store": store, "project": PROJECT}
    import_ground_truth(GroundTruthParameters(**where, ground_truth=truth), serial)
    import_predictions(PredictionParameters(**where, name=SET, predictions=predictions), serial)
    return Store(store).project(PROJECT)


def evaluate(project: Any, protocols: list[str]) -> None:
    """Evaluate the set anew, all protocols in one pass."""
    from schemas.parameters import ProtocolSettings
    from tasks.evaluation import evaluate_set
    from tasks.running import serial

    evaluate_set(project, SET, protocols, ProtocolSettings(), serial, force=True)


def cpu_s(work: Callable[[], None]) -> float:
    """CPU seconds of this process."""
    start = time.process_time()
    work()
    return time.process_time() - start


def main(truth: str, predictions: str, rounds: str = "3", base: str = "coco-bbox") -> int:
    """Measure and print."""
    from schemas.parameters import ProtocolSettings
    from tasks.evaluation import protocols_for

    with tempfile.TemporaryDirectory() as folder:
        project = stored(Path(truth), Path(predictions), Path(folder))
        names = [protocol.name for protocol in protocols_for(project, SET, ["all"], ProtocolSettings())]
        ways = {**{name: [name] for name in names}, "all in one pass": names}
        for chosen in ways.values():
            evaluate(project, chosen)  # loads its kernels
        turns = [
            {way: cpu_s(partial(evaluate, project, chosen)) for way, chosen in ways.items()} for _ in range(int(rounds))
        ]
    costs = {way: median(turn[way] for turn in turns) for way in ways}
    alone = sum(costs[name] for name in names)
    ratios = {name: round(costs[name] / costs[base], 2) for name in names}
    shared = {"sum_s": alone, "ratio": round(costs["all in one pass"] / alone, 2)}
    print(json.dumps({"cpu_s": costs, f"by {base}": ratios, "one pass": shared}, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
