"""The writer of prediction loops: what it takes comes back, and a file is whole or not there."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

import boxscore
from boxscore import Bitmask, BoundingBox, Format, FrameClassification, ObjectDetection, Prediction, PredictionWriter
from schemas.errors import StoreError
from schemas.prediction_file import PREDICTION_FILE
from tasks.prediction_files import writer as writing

SQUARE = [[0.2, 0.1], [0.2, 0.4], [0.3, 0.4], [0.3, 0.1]]


def made(data: Any, form: str = "bounding-box", **changes: Any) -> Prediction:
    """A prediction of an object."""
    found = ObjectDetection(format=Format(form), data=data, feature_hash="c", track_id=changes.pop("track_id", None))
    return Prediction(**{"data_hash": "u", "confidence": 0.5, "object": found, **changes})


def box(x: float = 0.1, theta: float = 0.0) -> BoundingBox:
    """A box."""
    return BoundingBox(x=x, y=0.2, w=0.3, h=0.4, theta=theta)


def written(path: Path, *items: Prediction) -> list[dict[str, Any]]:
    """The rows of the file that these leave, without what is null."""
    with PredictionWriter(path) as writer:
        for item in items:
            writer.write(item)
    table = pq.read_table(path)
    assert table.schema.equals(PREDICTION_FILE)
    return [{name: value for name, value in row.items() if value is not None} for row in table.to_pylist()]


def test_every_shape_has_its_column(tmp_path: Path) -> None:
    """And an answer its hashes."""
    answer = FrameClassification(feature_hash="f", attribute_hash="a", option_hash="o")
    rows = written(
        tmp_path / "p.parquet",
        made(box(), track_id=7, frame=3),
        made(box(theta=9)),
        made(np.eye(2, dtype=bool), "mask"),
        made(Bitmask(height=2, width=2, counts=b"04"), "bitmask"),
        made(np.array(SQUARE), "polygon"),
        made(boxscore.Polyline(points=SQUARE), "polyline"),
        made(boxscore.Keypoint(x=0.5, y=0.25), "keypoint"),
        made(boxscore.Skeleton(points=[boxscore.Keypoint(x=0.5, y=0.25, name="n", visibility=0)]), "skeleton"),
        Prediction(data_hash="v", frame=None, confidence=1, classification=answer),
    )
    points = [{"x": x, "y": y} for x, y in SQUARE]
    common = {"data_hash": "u", "frame": 0, "feature_hash": "c", "score": 0.5}
    corner = {"x": 0.1, "y": 0.2, "w": 0.3, "h": 0.4}
    point = {"x": 0.5, "y": 0.25, "visibility": 2, "name": None}
    sides = {"height": 2, "width": 2}
    assert rows == [
        {**common, "frame": 3, "track_id": "7", "shape": "bounding_box", "bbox": corner},
        {**common, "shape": "rotatable_bounding_box", "rotated_bbox": {**corner, "theta": 9.0}},
        {**common, "shape": "bitmask", "mask": {**sides, "counts": b"0120"}},
        {**common, "shape": "bitmask", "mask": {**sides, "counts": b"04"}},
        {**common, "shape": "polygon", "polygons": [[points]]},
        {**common, "shape": "polyline", "polyline": points},
        {**common, "shape": "point", "keypoints": [point]},
        {**common, "shape": "skeleton", "keypoints": [{**point, "name": "n", "visibility": 0}]},
        {"data_hash": "v", "feature_hash": "f", "attribute_hash": "a", "option_hash": "o", "score": 1.0},
    ]


def test_what_is_refused_is_not_taken(tmp_path: Path) -> None:
    """The others are: the loop may go on."""
    bad = made(box())
    bad.confidence = float("nan")
    damaged = made(Bitmask(height=2, width=2, counts=b"05"), "bitmask")
    path = tmp_path / "p.parquet"
    with PredictionWriter(path) as writer:
        for item, words in ((bad, "confidence is nan"), (damaged, "do not add up"), ({"x": 1}, "dict is written")):
            with pytest.raises(ValueError, match=words):
                writer.write(item)  # type: ignore[arg-type]
        writer.write(made(box()))
    assert pq.read_metadata(path).num_rows == 1


def test_row_groups_bound_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows end a group, and so do bytes."""
    monkeypatch.setattr(writing, "GROUP_ROWS", 10)
    path = tmp_path / "p.parquet"
    rows = written(path, *(made(box(x=k / 100)) for k in range(25)))
    assert [row["bbox"]["x"] for row in rows] == [k / 100 for k in range(25)]
    assert [pq.read_metadata(path).row_group(k).num_rows for k in range(3)] == [10, 10, 5]
    monkeypatch.setattr(writing, "GROUP_BYTES", 3_000)
    written(path, *(made(np.array(SQUARE), "polygon") for _ in range(9)))
    assert pq.read_metadata(path).row_group(0).num_rows == 3


def test_nothing_written_is_a_file_of_no_rows(tmp_path: Path) -> None:
    """With all its columns."""
    assert written(tmp_path / "p.parquet") == []


def test_an_error_leaves_nothing(tmp_path: Path) -> None:
    """What was there before stays."""
    path = tmp_path / "p.parquet"
    path.write_bytes(b"before")

    def broken() -> None:
        with PredictionWriter(path) as writer:
            writer.write(made(box()))
            raise KeyError("loop")

    with pytest.raises(KeyError):
        broken()
    assert [file.name for file in tmp_path.iterdir()] == ["p.parquet"]
    assert path.read_bytes() == b"before"


def test_a_file_appears_when_it_is_whole(tmp_path: Path) -> None:
    """Not before; closing again does nothing; nothing is taken afterwards."""
    path = tmp_path / "p.parquet"
    writer = PredictionWriter(str(path))
    writer.write(made(box()))
    assert not path.exists()
    writer.close()
    writer.close()
    assert pq.read_metadata(path).num_rows == 1
    with pytest.raises(ValueError, match="the writer is closed"):
        writer.write(made(box()))


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    """When the writer is made, not when it is closed."""
    with pytest.raises(StoreError, match="cannot write"):
        PredictionWriter(tmp_path / "no" / "p.parquet")


KILLED = """
import os, sys
from boxscore import *
with PredictionWriter(sys.argv[1]) as writer:
    for k in range(100_000):
        data = BoundingBox(x=0.5, y=0.5, w=0.1, h=0.1)
        found = ObjectDetection(format=Format.BOUNDING_BOX, data=data, feature_hash="c")
        writer.write(Prediction(data_hash="u", confidence=0.5, object=found))
        if k == 40_000:
            print("half way", flush=True)
"""


def test_a_kill_leaves_nothing(tmp_path: Path) -> None:
    """kill -9 in the middle, after a row group went to the disk: no file, whole or half."""
    command = [sys.executable, "-c", KILLED, str(tmp_path / "p.parquet")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"half way\n"
        os.kill(process.pid, signal.SIGKILL)
    assert [file.name for file in tmp_path.iterdir() if not file.name.startswith(".")] == []
    if hasattr(os, "O_TMPFILE"):
        assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_million_boxes_fit_in_bounded_memory(tmp_path: Path) -> None:
    """The process grows no further after the first row groups."""
    code = """
import resource, sys
from boxscore import *
peaks = []
with PredictionWriter(sys.argv[1]) as writer:
    for k in range(1_000_000):
        data = BoundingBox(x=k % 997 / 1000, y=0.5, w=0.1, h=0.1)
        found = ObjectDetection(format=Format.BOUNDING_BOX, data=data, feature_hash="c")
        writer.write(Prediction(data_hash=f"unit-{k // 8}", confidence=k / 1e6, object=found))
        if k % 200_000 == 199_999:
            peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
print(peaks[0], peaks[-1])
"""
    path = tmp_path / "p.parquet"
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    early_mb, late_mb = map(int, done.stdout.split())
    assert pq.read_metadata(path).num_rows == 1_000_000
    assert late_mb < early_mb + 64
