"""A bucket as metrics see it: sequences in order, objects by unit, columns when they are asked for."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from schemas.tables import DATA_UNITS, PREDICTIONS
from tasks.columns import completed
from tasks.quality.bucket import Bucket

Inputs = dict[str, tuple[str, ...]]
UNITS = {
    "unit_key": [1, 2, 3, 4, 5, 6],
    "sequence_hash": ["film", "photo", "film", "group", "film", "group"],
    "kind": ["video frame", "image", "video frame", "group image", "video frame", "group image"],
    "frame": [2, 0, 0, 1, 1, 0],
    "width": [10, 20, 10, 30, 10, 31],
    "height": [5, 6, 5, 7, 5, 8],
    "source_order": [0, 1, 2, 3, 4, 5],
    "retired": [False] * 6,
}
FOUND = {
    "prediction_key": [9, 8, 7, 6, 5, 4, 3],
    "unit_key": [1, 3, 3, 5, 2, 4, 6],
    "category_key": [1, 1, 2, 1, 3, 1, 1],
    "score": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7],
    "track_id": ["a", "b", "a", None, "a", "a", "c"],
    "shape": ["bounding_box", "polygon", None, "bounding_box", "point", "bitmask", "bounding_box"],
}


def written(folder: Path, retired: tuple[int, ...] = ()) -> Inputs:
    """Part files of the units and predictions above."""
    units = completed({**UNITS, "retired": [key in retired for key in UNITS["unit_key"]]}, DATA_UNITS.schema, 6)
    paths = {"data_units": units, "predictions": completed(FOUND, PREDICTIONS.schema, 7)}
    for name, rows in paths.items():
        pq.write_table(rows, folder / f"{name}.parquet")
    return {name: (str(folder / f"{name}.parquet"),) for name in paths}


@pytest.fixture
def bucket(tmp_path: Path) -> Bucket:
    """All of it in one bucket."""
    return Bucket("prediction", 0, 1, written(tmp_path))


def sequences(bucket: Bucket) -> list[list[int]]:
    """Keys of the units of each sequence."""
    ends = bucket.units.sequence_indptr
    return [bucket.units.key[start:stop].tolist() for start, stop in pairwise(ends)]


def test_units_stand_by_sequence_and_frame(bucket: Bucket):
    """A video's frames and a group's images in their order; an image is a sequence by itself."""
    assert sorted(sequences(bucket)) == [[2], [3, 5, 1], [6, 4]]
    assert bucket.units.single[bucket.place[2]]
    assert bucket.units.single.sum() == 1
    assert bucket.units.width_px[bucket.place[[3, 6]]].tolist() == [10, 31]
    assert [bucket.sequence[bucket.place[key]] for key in (3, 5, 1)] == [bucket.sequence[bucket.place[1]]] * 3


def test_objects_stand_by_unit_and_key(bucket: Bucket):
    """Whatever the order of the file; every column goes along."""
    objects = bucket.objects
    for unit, key in enumerate(bucket.units.key.tolist()):
        rows = slice(*objects.indptr[unit : unit + 2])
        want = sorted(p for p, u in zip(FOUND["prediction_key"], FOUND["unit_key"], strict=True) if u == key)
        assert objects.key[rows].tolist() == want
        assert (objects.unit[rows] == unit).all()
    scores = dict(zip(FOUND["prediction_key"], FOUND["score"], strict=True))
    assert objects.score.tolist() == [scores[key] for key in objects.key.tolist()]
    assert bucket.column("score").to_pylist() == objects.score.tolist()
    assert bucket.is_shape("point", "bitmask")[np.isin(objects.key, [5, 4])].all()
    assert (objects.shape < 0).sum() == 1


def test_a_track_is_one_within_its_sequence(bucket: Bucket):
    """`a` of the film is one on two frames, and not the `a` of the group or of the photo; null is no track."""
    track = dict(zip(bucket.objects.key.tolist(), bucket.objects.track.tolist(), strict=True))
    assert track[9] == track[7]
    assert len({track[key] for key in (9, 8, 5, 4, 3)}) == 5
    assert track[6] == -1


def test_buckets_share_out_sequences(tmp_path: Path):
    """Each unit and each object is in one of them, and a sequence is never split."""
    inputs = written(tmp_path)
    parts = [Bucket("prediction", number, 8, inputs) for number in range(8)]
    whole = Bucket("prediction", 0, 1, inputs)
    assert sorted(key for part in parts for key in part.objects.key) == sorted(whole.objects.key)
    assert sorted(each for part in parts for each in sequences(part)) == sorted(sequences(whole))


def test_what_is_retired_is_not_there(tmp_path: Path):
    """Neither the unit nor what was predicted on it."""
    bucket = Bucket("prediction", 0, 1, written(tmp_path, retired=(3,)))
    assert 3 not in bucket.units.key
    assert not np.isin([8, 7], bucket.objects.key).any()


def test_a_column_that_a_file_does_not_have_is_null(tmp_path: Path):
    """It was written by an earlier version."""
    inputs = written(tmp_path)
    path = inputs["predictions"][0]
    pq.write_table(pq.read_table(path).drop_columns(["mask"]), path)
    assert Bucket("prediction", 0, 1, inputs).column("mask").null_count == 7


def test_what_several_need_is_made_once(bucket: Bucket):
    """The second that asks gets what the first had made."""
    assert bucket.once(list_of_keys) is bucket.once(list_of_keys)


def list_of_keys(bucket: Bucket) -> list[int]:
    """Something of a bucket."""
    return [int(key) for key in bucket.objects.key]


def test_a_side_that_was_never_written_is_empty(tmp_path: Path):
    """No predictions, no answers: units alone."""
    bucket = Bucket("prediction", 0, 1, {"data_units": written(tmp_path)["data_units"]})
    assert bucket.objects.indptr.tolist() == [0] * 7
    assert len(bucket.answers) == 0
    assert bucket.column("mask").type == pa.struct(
        [("height", pa.int32()), ("width", pa.int32()), ("counts", pa.binary())]
    )
