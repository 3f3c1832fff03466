"""Protocols on one stored set: python protocols.py GROUND_TRUTH PREDICTIONS [ROUNDS [BASE]]

COCO files of both sides. Both are imported, then every protocol that fits evaluates the set anew: matched, measured and
all tables written, in one process and one thread, warm. Prints one JSON document: median CPU seconds of each alone,
its ratio to BASE (coco-bbox), and of all of them in one pass against their sum.
"""

import json
import sys
import tempfile
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from measure import cpu_seconds
from reanalysis import SET, stored


def evaluate(project: Any, protocols: list[str]) -> None:
    """Evaluate the set anew, all protocols in one pass."""
    from schemas.parameters import ProtocolSettings
    from tasks.evaluation import evaluate_set
    from tasks.running import serial

    evaluate_set(project, SET, protocols, ProtocolSettings(), serial, force=True)


def main(truth: str, predictions: str, rounds: str = "3", base: str = "coco-bbox") -> int:
    """Measure and print."""
    from schemas.parameters import ProtocolSettings
    from tasks.evaluation import protocols_for

    with tempfile.TemporaryDirectory() as folder:
        project = stored(Path(truth), Path(folder), Path(predictions))
        names = [protocol.name for protocol in protocols_for(project, SET, ["all"], ProtocolSettings())]
        ways = {**{name: [name] for name in names}, "all in one pass": names}
        for chosen in ways.values():
            evaluate(project, chosen)  # loads its kernels
        turns = [
            {way: cpu_seconds(partial(evaluate, project, chosen)) for way, chosen in ways.items()}
            for _ in range(int(rounds))
        ]
    costs = {way: median(turn[way] for turn in turns) for way in ways}
    alone = sum(costs[name] for name in names)
    ratios = {name: round(costs[name] / costs[base], 2) for name in names}
    shared = {"sum_s": alone, "ratio": round(costs["all in one pass"] / alone, 2)}
    print(json.dumps({"cpu_s": costs, f"by {base}": ratios, "one pass": shared}, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
