"""The least that `evaluate` and `reanalyze` can take, part by part.

    python floor.py GROUND_TRUTH PREDICTIONS [bbox | segm] [ROUNDS]

`evaluate` reads two files, draws the polygons of the ground truth, matches, accumulates, writes every table and digests
what it read and wrote; another evaluator reads, matches and accumulates. Here each part is done alone, by the fastest
means at hand, on what is in memory already, and the sum is shared out evenly among the cores: nothing that does all of
it with these means can be faster than that. Of masks, checking their runs and comparing them stand in the place of
matching; who matched whom, and accumulating, are left out. Beside it stands what the stages of boxscore take, in one
process. Prints the tables of FLOOR.md.
"""

import hashlib
import os
import shutil
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from measure import cpu_seconds
from rounds import BOXSCORE, HERE, HOTCOCO, REPEATS, run

from schemas.tables import TABLES, Table
from tasks.storage import PartWriter
from tasks.storage.reading import read_parts

_START = """
from tasks.lean import lean
with lean():
    import numpy, pyarrow.compute, pyarrow.parquet, llvmlite.binding, pydantic, msgspec, cyclopts, rich.console
print(0)
"""
"""The libraries that a command of boxscore cannot do without, and nothing of its own."""
_LOAD = """
import sys, time, hotcoco
begun = time.process_time()
hotcoco.COCO(sys.argv[1]).loadRes(sys.argv[2])
print(time.process_time() - begun)
"""
_TABLES = {table.name: table for table in TABLES}
_IMPORTED = ("data_units", "categories", "ground_truth", "predictions")
"""Tables that `evaluate` writes and `reanalyze` does not."""
_NEEDED = {
    "predictions": ["prediction_key", "unit_key", "category_key", "score", "bbox_px", "area"],
    "ground_truth": ["annotation_key", "unit_key", "category_key", "bbox_px", "area", "iscrowd"],
}
"""Columns that matching boxes reads."""


class Turn(NamedTuple):
    """Seconds of one round: CPU, but for the two that say otherwise."""

    start_wall: float
    read_json: float
    draw: float
    read_tables: float
    match: float
    check_masks: float
    compare_masks: float
    write_imported: float
    write_measured: float
    digest: float
    hotcoco_wall: float


class Stage(NamedTuple):
    """What a stage of boxscore took."""

    name: str
    wall_s: float
    cpu_s: float


def parts_of(project: Path, imported: bool | None = None) -> list[Path]:
    """The part files of a project: all, or of tables that are imported, or of those that are not."""
    found = sorted(path for path in project.rglob("part-*.parquet") if "_meta" not in path.parts)
    return [path for path in found if imported in (None, path.relative_to(project).parts[0] in _IMPORTED)]


def writing_s(paths: Sequence[Path], project: Path, folder: Path) -> float:
    """CPU seconds in which tables in memory become files and their digests: by Arrow or by boxscore, who is faster."""
    spent = 0.0
    for number, path in enumerate(paths):
        table = _TABLES[path.relative_to(project).parts[0]]
        spent += min(_as_arrow(path, folder / f"{number}.parquet"), _as_boxscore(path, table, folder / str(number)))
    return spent


def _as_arrow(path: Path, place: Path) -> float:
    """Plainly, but for a dictionary of what texts repeat."""
    held = pq.ParquetFile(path).read()
    words = [field.name for field in held.schema if pa.types.is_string(field.type)]
    begun = time.process_time()
    pq.write_table(held, place, compression="NONE", use_dictionary=words, write_statistics=False)
    return time.process_time() - begun + digesting_s([place])


def _as_boxscore(path: Path, table: Table, place: Path) -> float:
    """As the store has it."""
    leaves = pq.ParquetFile(path).schema
    texts = [leaf.path for leaf in map(leaves.column, range(len(leaves))) if leaf.logical_type.type == "STRING"]
    held = read_parts([path], None, texts)
    shutil.rmtree(place, ignore_errors=True)
    begun = time.process_time()
    with PartWriter(place, 0, table) as writer:
        writer.write(held)
    return time.process_time() - begun


def reading_s(project: Path) -> float:
    """CPU seconds in which Arrow reads what matching needs."""
    spent = 0.0
    for table, columns in _NEEDED.items():
        for path in parts_of(project / table):
            begun = time.process_time()
            pq.ParquetFile(path).read(columns=columns)
            spent += time.process_time() - begun
    return spent


def drawing_s(project: Path) -> float:
    """CPU seconds in which the polygons of the ground truth become masks, kernels loaded."""
    from schemas.records import Extent
    from tasks.columns import numbers, one_chunk
    from tasks.relative import in_pixels
    from tasks.shapes.polygon import normalize

    spent = 0.0
    for path in parts_of(project / "ground_truth"):
        held = pq.ParquetFile(path).read(columns=["polygons", "mask"])
        held = held.filter(held["polygons"].is_valid()).combine_chunks()
        if not len(held):
            continue
        extent = Extent(*(numbers(one_chunk(held["mask"]).field(side)) for side in ("width", "height")))
        outlines = in_pixels(one_chunk(held["polygons"]), extent)
        normalize(outlines[:1], Extent(*(side[:1] for side in extent)))  # loads the kernels
        begun = time.process_time()
        normalize(outlines, extent)
        spent += time.process_time() - begun
    return spent


def digesting_s(paths: Sequence[Path]) -> float:
    """CPU seconds of SHA-256 over files that are in memory."""
    texts = (path.read_bytes() for path in paths)
    return sum(cpu_seconds(lambda text=text: hashlib.sha256(text)) for text in texts)  # type: ignore[misc]


def matching_s(project: Path) -> float:
    """CPU seconds of the kernels for boxes, warm."""
    _, kernels = run(sys.executable, str(HERE / "matching.py"), str(project), str(REPEATS))
    return median(kernels["cpu_s"])


def masks_s(project: Path) -> tuple[float, float]:
    """CPU seconds in which the runs of predicted masks are checked, and masks of an image compared; kernels loaded."""
    from tasks.columns import numbers, one_chunk
    from tasks.kernels.mask_iou import mask_pairs
    from tasks.kernels.rle import measure
    from tasks.match import NEAR
    from tasks.shapes.bitmask import masks_of, packed

    def sides(paths: Sequence[Path], more: Sequence[str] = ()) -> pa.Table:
        held = pa.concat_tables([pq.ParquetFile(path).read(columns=["unit_key", "mask", *more]) for path in paths])
        return held.sort_by("unit_key").combine_chunks()

    truth, checked, compared = sides(parts_of(project / "ground_truth"), ["iscrowd"]), 0.0, 0.0
    for path in parts_of(project / "predictions"):
        found = sides([path])
        units = np.unique(numbers(found["unit_key"]))
        mine = truth.filter(pc.is_in(truth["unit_key"], pa.array(units))).combine_chunks()
        ends = (np.append(np.searchsorted(numbers(side["unit_key"]), units), len(side)) for side in (found, mine))
        one, other = (
            masks_of(one_chunk(side["mask"]), indptr) for side, indptr in zip((found, mine), ends, strict=True)
        )
        crowd, runs = numbers(mine["iscrowd"]), packed(one_chunk(found["mask"]))
        measure(*packed(one_chunk(found["mask"].slice(0, 1))))  # loads the kernel, as a floor of 2 compares little
        mask_pairs(one, other, crowd, 2.0)
        checked += cpu_seconds(partial(measure, *runs))
        compared += cpu_seconds(partial(mask_pairs, one, other, crowd, NEAR))
    return checked, compared


def turn(truth: str, predictions: str, kind: str, project: Path, folder: Path) -> Turn:
    """Each part once."""
    start, _ = run(sys.executable, "-c", _START)
    _, read = run(sys.executable, "-c", _LOAD, truth, predictions)
    whole, _ = run(sys.executable, str(HERE / "peers.py"), HOTCOCO, truth, predictions, kind)
    imported, measured = (parts_of(project, which) for which in (True, False))
    check, compare = masks_s(project) if kind == "segm" else (0.0, 0.0)
    return Turn(
        start_wall=start.wall_s,
        read_json=read,
        draw=drawing_s(project),
        read_tables=reading_s(project),
        match=matching_s(project) if kind == "bbox" else 0.0,
        check_masks=check,
        compare_masks=compare,
        write_imported=writing_s(imported, project, folder),
        write_measured=writing_s(measured, project, folder),
        digest=digesting_s([Path(truth), Path(predictions)]),
        hotcoco_wall=whole.wall_s,
    )


def stages(truth: str, predictions: str, kind: str, store: Path) -> list[Stage]:
    """Wall and CPU seconds of boxscore's stages on every core, in this process; kernels are loaded as they go."""
    from schemas.parameters import EvaluateParameters
    from tasks.evaluation import evaluate_set
    from tasks.import_ground_truth import import_ground_truth
    from tasks.import_predictions import import_predictions
    from tasks.running import local_run
    from tasks.storage import Store

    asked = EvaluateParameters(
        store=store, project="p", name="s", ground_truth=Path(truth), predictions=Path(predictions)
    )
    local = local_run()

    def evaluate() -> None:
        evaluate_set(Store(store).project("p"), "s", [f"coco-{kind}"], asked.settings, local)

    works: dict[str, Callable[[], object]] = {
        "ground truth: read, draw, write": lambda: import_ground_truth(asked.of_ground_truth(), local),
        "predictions: read, write": lambda: import_predictions(asked.of_predictions(), local),
        "match, accumulate, write": evaluate,
    }
    done = []
    for name, work in works.items():
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        done.append(Stage(name, time.perf_counter() - wall, time.process_time() - cpu))
    return done


def floor_lines(command: str, parts: Mapping[str, float], middle: Turn) -> list[str]:
    """A table of CPU seconds, and what they come to."""
    cores = len(os.sched_getaffinity(0))
    least = middle.start_wall + sum(parts.values()) / cores
    rows = [f"| {name} | {cpu_s:.2f} |" for name, cpu_s in parts.items() if cpu_s]
    total = f"| all of it | {sum(parts.values()):.2f} |"
    said = (
        f"Start {middle.start_wall:.2f} s on one core, the rest evenly on {cores}: {least:.2f} s; hotcoco, which writes"
        f" nothing, took {middle.hotcoco_wall:.2f} s: **{least / middle.hotcoco_wall:.2f} x**."
    )
    return [f"| {command}, part by part | CPU s |", "|---|---|", *rows, total, "", said, ""]


def page(turns: Sequence[Turn], taken: Sequence[Stage]) -> str:
    """The tables, in Markdown."""
    middle = Turn(*(median(values) for values in zip(*turns, strict=True)))
    both = {
        "matching and accumulating, kernels alone": middle.match,
        "writing and digesting matches and numbers": middle.write_measured,
    }
    evaluate = {
        "reading both files, as hotcoco does": middle.read_json,
        "drawing the polygons of the ground truth": middle.draw,
        "checking the runs of masks": middle.check_masks,
        "comparing masks": middle.compare_masks,
        **both,
        "writing and digesting units, classes, ground truth and predictions": middle.write_imported,
        "SHA-256 of what is read": middle.digest,
    }
    again = {"reading the boxes, as Arrow does": middle.read_tables, **both}
    own = [f"| {stage.name} | {stage.wall_s:.2f} | {stage.cpu_s:.2f} |" for stage in taken]
    lines = floor_lines("`evaluate`", evaluate, middle)
    if middle.match:
        lines += floor_lines("`reanalyze`", again, middle)
    return "\n".join([*lines, "| boxscore's stages, in one process | wall s | CPU s |", "|---|---|---|", *own])


def main(truth: str, predictions: str, kind: str = "bbox", rounds: str = "3") -> int:
    """Measure and print."""
    with TemporaryDirectory(dir=HERE) as place:
        folder, files = Path(place), ("--ground-truth", truth, "--predictions", predictions)
        names = ("--project", "p", "--name", "s", "--protocol", f"coco-{kind}", "--json")
        run(BOXSCORE, "evaluate", *files, *names, "--store", str(folder / "kept"))
        (folder / "out").mkdir()
        turns = [turn(truth, predictions, kind, folder / "kept" / "p", folder / "out") for _ in range(int(rounds))]
        print(page(turns, stages(truth, predictions, kind, folder / "own")))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
