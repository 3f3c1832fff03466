"""Tracks against trackeval, on MOTChallenge's files: python tracks.py GROUND_TRUTH TRACKS [ROUNDS]

GROUND_TRUTH holds a folder per sequence with `seqinfo.ini` and `gt/gt.txt`, TRACKS a text file per sequence. Both judge
them by MOT17's rules, twice in a process of its own; trackeval reads the files, boxscore its stored tables, and writes
every table. Prints one JSON document: CPU seconds of the second time, their ratio, CPU seconds of the first time with
all that is imported and loaded for it, and the largest difference of a number.
"""

import json
import os
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from measure import measured

NUMBERS = {"MOTA": "CLEAR", "MOTP": "CLEAR", "IDF1": "Identity", "IDP": "Identity", "IDR": "Identity"}
MEANS = ("HOTA", "DetA", "AssA", "LocA")
SET, PROJECT, PROTOCOL = "tracker", "tracks", "motchallenge"


def store_tables(truth: Path, tracks: Path, store: Path) -> None:
    """Import both sides."""
    from schemas.parameters import GroundTruthParameters, PredictionParameters
    from tasks.import_ground_truth import import_ground_truth
    from tasks.import_predictions import import_predictions
    from tasks.running import serial

    where: dict[str, Any] = {"store": store, "project": PROJECT}
    import_ground_truth(GroundTruthParameters(**where, ground_truth=truth), serial)
    import_predictions(PredictionParameters(**where, name=SET, predictions=tracks), serial)


def ours(store: Path) -> dict[str, Any]:
    """Judge the stored tables twice; CPU seconds and numbers."""
    from schemas.parameters import ProtocolSettings
    from tasks.catalog import catalog
    from tasks.evaluation import evaluate_set
    from tasks.numbers import overall_numbers
    from tasks.running import serial
    from tasks.storage import Store

    project = Store(store).project(PROJECT)
    evaluate_set(project, SET, [PROTOCOL], ProtocolSettings(), serial, True)
    first_s = time.process_time()
    evaluate_set(project, SET, [PROTOCOL], ProtocolSettings(), serial, True)
    done_s = time.process_time()
    numbers = overall_numbers(catalog(project).evaluations[SET, PROTOCOL])
    return {"cpu_s": done_s - first_s, "first_cpu_s": first_s, "numbers": numbers}


def theirs(truth: Path, tracks: Path) -> dict[str, Any]:
    """The same by trackeval."""
    from contextlib import redirect_stdout
    from io import StringIO

    import numpy as np
    import trackeval

    infos = {path.parent.name: path.read_text() for path in truth.glob("*/seqinfo.ini")}
    frames = {name: int(text.partition("seqLength=")[2].split()[0]) for name, text in infos.items()}
    with tempfile.TemporaryDirectory() as folder, redirect_stdout(StringIO()):
        (Path(folder) / SET).mkdir()
        (Path(folder) / SET / "data").symlink_to(tracks.resolve())
        quiet = {"PRINT_CONFIG": False}
        dataset = trackeval.datasets.MotChallenge2DBox(
            {**quiet, "GT_FOLDER": str(truth), "TRACKERS_FOLDER": folder, "SEQ_INFO": frames, "SKIP_SPLIT_FOL": True}
        )
        outputs = ("PRINT_RESULTS", "OUTPUT_SUMMARY", "OUTPUT_DETAILED", "PLOT_CURVES", "TIME_PROGRESS")
        evaluator = trackeval.Evaluator({**quiet, **dict.fromkeys(outputs, False)})
        metrics = [trackeval.metrics.HOTA(), trackeval.metrics.CLEAR(quiet), trackeval.metrics.Identity(quiet)]
        evaluator.evaluate([dataset], metrics)
        first_s = time.process_time()
        results, _ = evaluator.evaluate([dataset], metrics)
        done_s = time.process_time()
    found = results["MotChallenge2DBox"][SET]["COMBINED_SEQ"]["pedestrian"]
    numbers = {name: float(np.mean(found["HOTA"][name])) for name in MEANS}
    numbers |= {name: float(found[family][name]) for name, family in NUMBERS.items()}
    return {"cpu_s": done_s - first_s, "first_cpu_s": first_s, "numbers": numbers}


def contest(truth: Path, tracks: Path, rounds: int) -> dict[str, Any]:
    """Medians of some turns of both."""
    with tempfile.TemporaryDirectory() as folder:
        store_tables(truth, tracks, Path(folder))
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[1])}
        own = [sys.executable, __file__, "--ours", folder]
        other = [sys.executable, __file__, "--theirs", str(truth), str(tracks)]
        turns = [(measured(own, environment)[1], measured(other, environment)[1]) for _ in range(rounds)]
    boxscore_s, trackeval_s = (median(turn[k]["cpu_s"] for turn in turns) for k in (0, 1))
    mine, reference = (turns[0][k]["numbers"] for k in (0, 1))
    return {
        "boxscore_cpu_s": round(boxscore_s, 3),
        "trackeval_cpu_s": round(trackeval_s, 3),
        "ratio": round(boxscore_s / trackeval_s, 3),
        "first_cpu_s": [round(median(turn[k]["first_cpu_s"] for turn in turns), 3) for k in (0, 1)],
        "largest_difference": max(abs(mine[name] - value) for name, value in reference.items()),
    }


def main() -> int:
    """Print the document."""
    word, *rest = sys.argv[1:]
    if word == "--ours":
        print(json.dumps(ours(Path(rest[0]))))
    elif word == "--theirs":
        print(json.dumps(theirs(Path(rest[0]), Path(rest[1]))))
    else:
        rounds = int(rest[1]) if len(rest) > 1 else 3
        print(json.dumps(contest(Path(word), Path(rest[0]), rounds), indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
