"""Answers, from stored tables to every number: python answers.py [MILLIONS] [FOLDER]

Writes made-up tables of so many million predicted answers (10) and about as many annotated ones, half about images and
half about ranges of videos, in 16 buckets, into a folder that is gone afterwards; judges and measures them in a process
of its own on all usable cores. Prints one JSON document: wall and CPU seconds, peak memory, and some of the numbers.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from measure import measured
from numpy.typing import NDArray

from schemas.tables import (
    CATEGORIES,
    CATEGORY_RECORDS,
    CLASSIFICATIONS_GROUND_TRUTH,
    CLASSIFICATIONS_PREDICTIONS,
    DATA_UNITS,
    METRICS,
    UNIT_RECORDS,
    Table,
)
from tasks.columns import completed, constant
from tasks.engine import Plan, Shard
from tasks.engines.answers import ENGINE
from tasks.lean import lean, leave
from tasks.plan import match_plans, measure_plan
from tasks.plan_files import get_plan, put_plan
from tasks.protocols.answers import PROTOCOL
from tasks.running import local_run
from tasks.storage import PartWriter, read_parts
from tasks.units import keyed_categories, keyed_units, unit_index

Array = NDArray[Any]
BUCKETS = 16
A_VIDEO = 500
"""Frames."""
TEXTS = [f"note {k} about {k % 97} things" for k in range(5_000)]
RADIO, CHECKLIST, TEXT = range(3)
OPTIONS = {RADIO: 10, CHECKLIST: 6}


def _categories() -> pa.Table:
    rows: list[dict[str, Any]] = []
    for question, kind in enumerate(("radio", "checklist", "text")):
        owner = {"feature_hash": f"c{question}"}
        rows.append({**owner, "kind": "classification", "name": kind})
        asked = {**owner, "attribute_hash": f"a{question}", "name": kind}
        rows.append({**asked, "kind": "attribute", "answer_type": kind, "parent_row": len(rows) - 1})
        parent = len(rows) - 1
        for option in range(OPTIONS.get(question, 0)):
            rows.append({**asked, "option_hash": f"o{option}", "kind": "option", "parent_row": parent})
    columns = {name: [row.get(name) for row in rows] for name in CATEGORY_RECORDS.fields}
    return keyed_categories(None, completed(columns, CATEGORY_RECORDS.schema, len(rows)))


def _units(images: int, videos: int) -> pa.Table:
    names = [f"image-{k:08d}" for k in range(images)] + [
        f"video-{k:05d}" for k in range(videos) for _ in range(A_VIDEO)
    ]
    count = len(names)
    frame = np.concatenate([np.zeros(images, np.int32), np.tile(np.arange(A_VIDEO, dtype=np.int32), videos)])
    columns = {name: pa.array(names) for name in ("source_id", "data_hash", "sequence_hash", "title")}
    columns |= {name: pa.array(np.full(count, 640, np.int32)) for name in ("width", "height")}
    kinds = pa.array(["image"] * images + ["video frame"] * (count - images))
    columns |= {"frame": pa.array(frame), "kind": kinds, "source_order": pa.array(np.arange(count))}
    return keyed_units(None, completed(columns, UNIT_RECORDS.schema, count))


def _places(answers: int, images: int, videos: int, rng: np.random.Generator) -> tuple[Array, Array, Array]:
    """(unit_key, first, last): a question each about every image, and ranges of videos one after another."""
    at_image = np.arange(answers // 2) % images
    ranges = answers - len(at_image)
    a_video = max(ranges // videos, 1)
    video, turn = np.minimum(np.arange(ranges) // a_video, videos - 1), np.arange(ranges) % a_video
    first = np.minimum(turn * A_VIDEO // a_video, A_VIDEO - 1)
    last = np.minimum(first + rng.integers(0, 4, ranges), A_VIDEO - 1)
    zero = np.zeros(len(at_image), np.int64)
    units = np.concatenate([at_image, images + video * A_VIDEO + first]) + 1
    return units, np.concatenate([zero, first]), np.concatenate([zero, last])


def _answers(table: Table, answers: int, images: int, videos: int, seed: int, categories: pa.Table) -> pa.Table:
    rng = np.random.default_rng(seed)
    unit, first, last = _places(answers, images, videos, rng)
    predicted = table is CLASSIFICATIONS_PREDICTIONS
    question = np.random.default_rng(7).choice(3, answers, p=[0.5, 0.4, 0.1])
    is_option = np.array([kind == "option" for kind in categories["kind"].to_pylist()])
    keys = categories["category_key"].to_numpy()[is_option]
    option = np.where(question == RADIO, rng.integers(0, 10, answers), 10 + rng.integers(0, 6, answers))
    asked = categories["category_key"].to_pylist()[categories["answer_type"].to_pylist().index("text")]
    written = question == TEXT
    text = pa.DictionaryArray.from_arrays(
        pa.array(rng.integers(0, len(TEXTS), answers).astype(np.int32), mask=~written), TEXTS
    )
    columns = {
        "answer_key": pa.array(np.arange(answers)),
        "unit_key": pa.array(unit),
        "category_key": pa.array(np.where(written, asked, keys[option]).astype(np.int32)),
        "text": text,
        "first_frame": pa.array(first.astype(np.int32)),
        "last_frame": pa.array(last.astype(np.int32)),
    }
    if predicted:
        columns |= {"score": pa.array(rng.random(answers)), "prediction_set": constant("net", answers)}
    return completed(columns, table.schema, answers)


def _write(folder: Path, table: Table, rows: pa.Table, bucket: Array | None = None) -> list[tuple[str, ...]]:
    """Part files by bucket."""
    parts = []
    for number in range(1 if bucket is None else BUCKETS):
        with PartWriter(folder / table.name, number, table) as writer:
            writer.write(rows if bucket is None else rows.filter(pa.array(bucket == number)))
            parts.append(tuple(str(folder / table.name / file.path) for file in writer.close()))
    return parts


def prepare(folder: Path, millions: float) -> None:
    """Write the tables and a plan over them."""
    answers = int(millions * 1e6)
    images, videos = max(answers // 10, 1), max(answers // 5_000, 1)
    units, categories = _units(images, videos), _categories()
    shares = np.append(0, unit_index(units).bucket(BUCKETS))
    held = {name: _write(folder, table, rows)[0] for name, table, rows in
            (("data_units", DATA_UNITS, units), ("categories", CATEGORIES, categories))}  # fmt: skip
    sides = {}
    for seed, table in enumerate((CLASSIFICATIONS_GROUND_TRUTH, CLASSIFICATIONS_PREDICTIONS)):
        rows = _answers(table, answers, images, videos, seed, categories)
        sides[table.name] = _write(folder, table, rows, shares[rows["unit_key"].to_numpy()])
    folders = {table.name: str(folder / "written" / table.name) for table in ENGINE.tables}
    labels = {"prediction_set": "net", "protocol": PROTOCOL.name, "rules": "answers=0"}
    shards = tuple(
        Shard(PROTOCOL.name, PROTOCOL.rules, bucket, BUCKETS,
              {**dict.fromkeys(ENGINE.reads, ()), **held, **{name: parts[bucket] for name, parts in sides.items()}},
              {}, {}, labels, folders)
        for bucket in range(BUCKETS)
    )  # fmt: skip
    paths = held["data_units"], held["categories"]
    put_plan(folder, Plan(PROTOCOL.name, PROTOCOL.rules, labels, *paths, shards, folders, answers))


def judge(folder: Path) -> None:
    """Judge and measure; print the counts and numbers."""
    plan, run = get_plan(folder), local_run()
    (matched,) = match_plans([plan], run, [folder / "finished"], keep=True)
    files = measure_plan(plan, matched, run)
    rows = read_parts([str(Path(plan.folders[METRICS.name]) / file.path) for file in files[METRICS.name]])
    found = {row["metric"]: row["value"] for row in rows.to_pylist() if row["category"] is None}
    print(json.dumps({"counts": matched.counts, **{n.name: found[n.name] for n in PROTOCOL.numbers(plan.rules)}}))


def main() -> None:
    """Prepare in a process, judge in another, warm; what one held in memory must not count as the other's."""
    if sys.argv[1:2] == ["--judge"]:
        with lean():
            judge(Path(sys.argv[2]))
        leave(0)
    if sys.argv[1:2] == ["--prepare"]:
        prepare(Path(sys.argv[2]), float(sys.argv[3]))
        return
    millions = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    where = sys.argv[2] if len(sys.argv) > 2 else None
    with tempfile.TemporaryDirectory(dir=where) as name:
        for size in (0.001, millions):
            folder = Path(name) / str(size)
            folder.mkdir()
            subprocess.run([sys.executable, __file__, "--prepare", str(folder), str(size)], check=True)
            one_heap = {
                "ARROW_DEFAULT_MEMORY_POOL": "system",
                "MALLOC_ARENA_MAX": "1",
                "MALLOC_MMAP_THRESHOLD_": str(2**25),
                "MALLOC_TRIM_THRESHOLD_": str(2**31 - 1),
            }  # tasks.memory
            cost, document = measured([sys.executable, __file__, "--judge", str(folder)], {**os.environ, **one_heap})
    print(json.dumps({"wall_s": cost.wall_s, "cpu_s": cost.cpu_s, "peak_mb": cost.peak_mb, **document}, indent=2))


if __name__ == "__main__":
    main()
