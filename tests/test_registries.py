"""The registries: a file and an entry each, and nothing else to touch."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from schemas.parameters import FormatName
from schemas.records import Format, Metric, Protocol, Shape
from tasks.engine import Engine
from tasks.engines import ENGINES
from tasks.formats import FORMATS
from tasks.metrics import METRICS
from tasks.protocols import PROTOCOLS
from tasks.quality.metrics import QUALITY_METRICS
from tasks.shapes import SHAPES
from tests.chain import truth_of

ROOT = Path(__file__).resolve().parents[1]
REGISTRIES: dict[str, tuple[Any, ...]] = {
    "formats": (*FORMATS.values(),),
    "shapes": (*SHAPES.values(),),
    "protocols": (*PROTOCOLS.values(),),
    "metrics": tuple(metric for metrics in METRICS.values() for metric in metrics.values()),
    "engines": (*ENGINES.values(),),
    "quality/metrics": QUALITY_METRICS,
}
RECORDS = {"formats": Format, "shapes": Shape, "protocols": Protocol, "metrics": Metric, "engines": Engine}


def _modules(folder: Path, prefix: str = "") -> set[str]:
    return {path.stem.removeprefix(prefix) for path in folder.glob(f"{prefix}*.py")} - {"__init__", "conftest"}


@pytest.mark.parametrize("name", REGISTRIES)
def test_the_explicit_tuple_holds_what_the_folder_holds(name: str) -> None:
    """A module per record, called as the record is; no name twice."""
    names = [record.name.replace("-", "_") for record in REGISTRIES[name]]
    assert len(set(names)) == len(names)
    assert set(names) == _modules(ROOT / "tasks" / name)


@pytest.mark.parametrize("name", REGISTRIES)
def test_every_record_has_a_test_file(name: str) -> None:
    """In the folder that mirrors its own."""
    assert _modules(ROOT / "tasks" / name) <= _modules(ROOT / "tests/tasks" / name, "test_")


def test_every_format_can_be_asked_for() -> None:
    """By its name, or by `auto`."""
    assert {str(name) for name in FormatName} == {"auto", *FORMATS}


def test_every_protocol_names_an_engine_and_a_shape_that_there_are() -> None:
    """An engine always, a shape where it compares one; metrics are entered under engines too."""
    assert {*(protocol.engine for protocol in PROTOCOLS.values()), *METRICS} <= {*ENGINES}
    assert {protocol.shape for protocol in PROTOCOLS.values()} - {""} <= {*SHAPES}


@pytest.mark.parametrize(("name", "kind"), RECORDS.items())
def test_modules_hold_records_of_their_registry(name: str, kind: type) -> None:
    """They are imported by name, which no type checker sees."""
    assert {type(record) for record in REGISTRIES[name]} == {kind}


_EVALUATED = """
import sys
from flows.cli import main
sys.argv = ["boxscore", "evaluate", "--ground-truth", "data/sample/ground_truth.json", "--predictions",
            "data/sample/boxes.json", "--protocol", "coco-bbox", "--store", sys.argv[1], "--json"]
assert main() == 0
print({name for name in sys.modules if name.startswith((
    "tasks.encord.label_row", "tasks.kitti", "tasks.mot", "tasks.pixels", "tasks.tracks", "tasks.questions"))})
"""


def test_a_run_imports_what_it_uses(tmp_path: Path) -> None:
    """Boxes in COCO's words need no other format, engine or metric: half of all modules."""
    command = [sys.executable, "-c", _EVALUATED, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "set()"


TOYS = {
    "protocols": (
        "toy_single",
        "PROTOCOL",
        '''
        from dataclasses import replace

        from tasks.protocols.coco_bbox import PROTOCOL as COCO

        RULES = replace(COCO.rules, iou_thresholds=(0.25,), area_ranges=COCO.rules.area_ranges[:1])
        PROTOCOL = replace(COCO, name="toy-single", title="One threshold", rules=RULES)
        ''',
    ),
    "metrics": (
        "toy_rows",
        "METRIC",
        '''
        import numpy as np

        from schemas.records import Metric
        from tasks.number_rows import EVERY, NumberRows, number_table
        from tasks.units import live_categories


        def finish(state, context):
            one, none = np.zeros(1, int), np.zeros((len(live_categories(context.categories)), 1), int)
            rows = NumberRows("toy_rows", np.array([float(state)]), one + EVERY, one, np.full(1, np.nan), one + 1, "")
            return {"metrics": [number_table([rows], context, none, none[:, 0])]}


        METRIC = Metric(
            name="toy_rows",
            partial=lambda shard, context: len(shard.detections.score),
            combine=lambda states, context: sum(states),
            finish=finish,
        )
        ''',
    ),
    "shapes": (
        "toy_polyline",
        "SHAPE",
        '''
        import numpy as np

        from schemas.records import Faults, Normalized, Pairs, Shape
        from tasks.columns import list_parts, struct_matrix


        def normalize(values, extent):
            vertices, offsets = list_parts(values)
            points = struct_matrix(vertices, "xy")
            low, high = (pick.reduceat(points, offsets[:-1]) for pick in (np.minimum, np.maximum))
            nothing = Faults(np.empty(0, np.int64), [], [])
            hull, area = np.hstack([low, high - low]), np.zeros(len(values))
            return Normalized({"polyline": values}, lambda: hull, lambda: area, nothing)


        def pairs(detections, annotations, floor, options):
            counts = np.diff(annotations.indptr)
            unit = np.repeat(np.arange(len(counts)), np.diff(detections.indptr))
            near = np.concatenate([np.arange(*annotations.indptr[u : u + 2]) for u in unit] or [np.arange(0)])
            indptr = np.concatenate([[0], np.cumsum(counts[unit])])
            return Pairs(indptr.astype(np.int64), near.astype(np.int32), np.ones(len(near)))


        SHAPE = Shape(
            name="toy_polyline",
            column="polyline",
            similarity="sameness",
            outlines=False,
            normalize=normalize,
            needs=("polyline",),
            given=lambda table: np.asarray(table["polyline"].is_valid()),
            pairs=pairs,
        )
        ''',
    ),
    "formats": (
        "toy_lines",
        "FORMAT",
        '''
        import pyarrow as pa

        from schemas.records import Block, Format
        from schemas.tables import RECORDS
        from tasks.rejects import SCHEMA


        def read_predictions(inputs, run):
            (source,), rows = inputs.sources, []
            for number, line in enumerate(source.read().decode().splitlines()[1:]):
                unit, category, score, *places = line.split()
                origin = {"source_file": source.name, "source_row": number, "source_unit": unit, "coordinates": "pixel"}
                points = [{"x": float(x), "y": float(y)} for x, y in zip(places[::2], places[1::2])]
                geometry = {"shape": "polyline", "polyline": points}
                rows.append({**origin, **geometry, "source_category": category, "score": float(score)})
            records = pa.RecordBatch.from_pylist(rows, schema=RECORDS.schema)
            yield Block(len(rows), records, SCHEMA.empty_table())


        FORMAT = Format("toy_lines", "Lines", lambda names, head: head.startswith(b"lines"), None, read_predictions)
        ''',
    ),
}  # fmt: skip
QUALITY_TOY = (
    "toy_sides",
    "METRIC",
    """
    import pyarrow as pa

    from schemas.fields import Field
    from tasks.quality.metric import QualityMetric


    def of_objects(bucket, state):
        return {"toy_sides": bucket.box_px[:, 2:].sum(axis=1)}


    METRIC = QualityMetric("toy_sides", (Field("toy_sides", pa.float64(), "width and height together"),), of_objects)
    """,
)
LINE_PROTOCOL = (
    "toy_line",
    "PROTOCOL",
    """
    from dataclasses import replace

    from tasks.protocols.coco_bbox import PROTOCOL as COCO

    PROTOCOL = replace(COCO, name="toy-line", title="Lines", shape="toy_polyline")
    """,
)


def _dedented(text: str) -> str:
    lines = text.strip("\n").splitlines()
    indent = len(lines[0]) - len(lines[0].lstrip())
    return "\n".join(line[indent:] for line in lines).rstrip() + "\n"


def _add(tree: Path, registry: str, module: str, record: str, text: str) -> None:
    """One file, and one entry in the folder's first tuple."""
    folder, package = tree / "tasks" / registry, f"tasks.{registry.replace('/', '.')}"
    (folder / f"{module}.py").write_text(_dedented(text))
    entries = (folder / "__init__.py").read_text()
    imports = re.sub(
        rf"^(?=from {re.escape(package)} import)", f"from {package} import {module}\n", entries, flags=re.M
    )
    places = {"] = (": f"{module}.{record}, ", '": (': f'"{module}", ', f'"{record}",': f' "{module}",'}
    place = next(place for place in places if place in imports)
    (folder / "__init__.py").write_text(imports.replace(place, place + places[place], 1))


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A throw-away copy of the program but for its kernels, which are compiled where they lie."""
    folder = tmp_path / "tree"
    for name in ("schemas", "tasks"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("kernels", "__pycache__"))
    return folder


CALL = """
import sys
from pathlib import Path

import tasks

kernels, store, truth, found, *protocols = sys.argv[1:]
tasks.__path__.append(kernels)

from schemas.parameters import GroundTruthParameters, PredictionParameters, ProtocolSettings
from tasks.evaluation import evaluate_set
from tasks.import_ground_truth import import_ground_truth
from tasks.import_predictions import import_predictions
from tasks.running import serial
from tasks.storage import Store

where = {"store": Path(store), "project": "p"}
import_ground_truth(GroundTruthParameters(**where, ground_truth=Path(truth)), serial)
import_predictions(PredictionParameters(**where, name="s", predictions=Path(found)), serial)
evaluate_set(Store(Path(store)).project("p"), "s", protocols, ProtocolSettings(), serial)
"""


def _run(tree: Path, truth: Path, found: Path, *protocols: str) -> pl.DataFrame:
    """The table metrics of a run of the copy, in a process of its own."""
    store = tree / "store"
    environment = {**os.environ, "PYTHONPATH": str(tree), "PYTHONSAFEPATH": "1"}
    command = [sys.executable, "-c", CALL, str(ROOT / "tasks"), str(store), str(truth), str(found), *protocols]
    done = subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return pl.read_parquet(f"{store}/p/metrics/**/*.parquet", hive_partitioning=False)


def test_a_protocol_and_a_metric_are_a_file_and_an_entry_each(tree: Path) -> None:
    """Both work end to end on the sample, without any other file being touched."""
    for registry in ("protocols", "metrics"):
        _add(tree, registry, *TOYS[registry])
    sample = ROOT / "data/sample"
    metrics = _run(tree, sample / "ground_truth.json", sample / "boxes.json", "toy-single")
    value = dict(metrics.filter(pl.col("category").is_null()).select("metric", "value").iter_rows())
    assert metrics["protocol"].unique().to_list() == ["toy-single"]
    assert value["toy_rows"] == len(json.loads((sample / "boxes.json").read_text()))
    assert 0 < value["AP"] < 1


def test_a_format_and_a_shape_are_a_file_and_an_entry_each(tree: Path) -> None:
    """A made-up format of lines is recognised, normalized and matched by a protocol of its own."""
    for registry in ("formats", "shapes"):
        _add(tree, registry, *TOYS[registry])
    _add(tree, "protocols", *LINE_PROTOCOL)
    truth, lines = tree / "truth.json", tree / "found.txt"
    truth.write_text(json.dumps(truth_of()))
    lines.write_text("lines\n1 1 0.5 1 2 3 4\n2 1 0.25 5 6 7 8 9 9\n")
    metrics = _run(tree, truth, lines, "toy-line")
    assert metrics["similarity"].unique().to_list() == ["sameness"]
    counts = metrics.filter(pl.col("category").is_null(), pl.col("area_range") == "all", pl.col("threshold") == 0.5)
    assert dict(counts.select("metric", "value").iter_rows())["FP"] == 2
    found = pl.read_parquet(f"{tree}/store/p/predictions/**/*.parquet", hive_partitioning=False).sort("source_row")
    assert found["bbox_px"].to_list()[1] == {"x": 5.0, "y": 6.0, "w": 4.0, "h": 3.0}


QUALITY_CALL = """
from tasks.quality.stage import measure_quality
measure_quality(Store(Path(store)).project("p"), ["s"], serial)
"""


def test_a_quality_metric_is_a_file_and_an_entry(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its column is in the table, behind the others', with a value for each prediction."""
    _add(tree, "quality/metrics", *QUALITY_TOY)
    monkeypatch.setattr(sys.modules[__name__], "CALL", CALL + QUALITY_CALL)
    sample = ROOT / "data/sample"
    _run(tree, sample / "ground_truth.json", sample / "boxes.json", "coco-bbox")
    rows = pl.read_parquet(f"{tree}/store/p/quality/**/*.parquet", hive_partitioning=False)
    found = pl.read_parquet(f"{tree}/store/p/predictions/**/*.parquet", hive_partitioning=False)
    sides = found.select(
        "prediction_key", (pl.col("bbox_px").struct["w"] + pl.col("bbox_px").struct["h"]).alias("sides")
    )
    both = rows.join(sides, on="prediction_key")
    assert len(both) == len(found)
    assert both["toy_sides"].equals(both["sides"].alias("toy_sides"))


def test_the_toys_are_programs() -> None:
    """What is added parses, and defines the record that its entry names."""
    for _, record, text in [*TOYS.values(), LINE_PROTOCOL, QUALITY_TOY]:
        names = {
            target.id
            for node in ast.parse(_dedented(text)).body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        assert record in names
