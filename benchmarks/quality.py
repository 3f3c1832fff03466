"""Quality metrics against `boxscore evaluate`: python quality.py GROUND_TRUTH RESULTS [ROUNDS]

Each round evaluates the files into a new store, then measures the quality of the set, of the ground truth, and of both
in one command. Prints one JSON document: medians, and how the last compares with evaluate.
"""

import json
import os
import sys
import sysconfig
import tempfile
from collections.abc import Sequence
from pathlib import Path

from measure import Cost, measured, medians

BOXSCORE = str(Path(sysconfig.get_path("scripts")) / "boxscore")
WHERE = ("--project", "p", "--json")
COMMANDS = {
    "evaluate": (),
    "quality of the set": ("quality", "s", *WHERE),
    "quality of the ground truth": ("quality", "s", "--ground-truth", *WHERE),
    "quality of both in one go": ("quality", "s", "--ground-truth", "--force", *WHERE),
}
"""In this order: what was measured before is left alone, unless it is forced."""


def one_round(truth: str, results: str) -> dict[str, Cost]:
    """What each command costs, on a store of its own."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as store:
        environment = {**os.environ, "BOXSCORE_STORE": store}
        files = ("evaluate", "--ground-truth", truth, "--predictions", results, "--name", "s", *WHERE)
        commands: dict[str, Sequence[str]] = {**COMMANDS, "evaluate": files}
        return {name: measured((BOXSCORE, *words), environment)[0] for name, words in commands.items()}


def main() -> int:
    """Print medians over the rounds, and quality (both sides) by evaluate."""
    truth, results, *rounds = sys.argv[1:]
    runs = [one_round(truth, results) for _ in range(int(rounds[0]) if rounds else 3)]
    costs = {name: medians([run[name] for run in runs]) for name in COMMANDS}
    base, *_, both = costs.values()
    ratios = {"wall": both.wall_s / base.wall_s, "cpu": both.cpu_s / base.cpu_s}
    shown = {
        name: {"wall_s": cost.wall_s, "cpu_s": cost.cpu_s, "peak_mb": cost.peak_mb} for name, cost in costs.items()
    }
    print(json.dumps({"costs": shown, "quality_by_evaluate": ratios}, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
