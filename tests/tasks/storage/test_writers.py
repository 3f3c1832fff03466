"""The writer of parts: bytes follow from the rows; what is read back is what was written."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from schemas.tables import MATCHES, PREDICTIONS, SCHEMA_VERSION, Table
from tasks.running import serial, threaded
from tasks.storage import PartWriter
from tasks.storage.encoding import PART_BYTES, ROW_GROUP_ROWS
from tests.tasks.storage.samples import predictions

LARGE = ROW_GROUP_ROWS * 2 + 1234


@cache
def large(rows: int = LARGE) -> pa.Table:
    """Rows with few and many distinct texts, nulls, a stretch of nulls over a row group, and integers out of order."""
    rng = np.random.default_rng(5)
    track = rng.integers(0, 9000, rows).astype(str).astype(object)
    track[rows // 100 : rows // 2 + 500] = None
    table = predictions(rows).drop_columns("unit_key")
    table = table.append_column("unit_key", pa.array(rng.integers(0, 1 << 40, rows)))
    table = table.append_column("track_id", pa.array(track, pa.string()))
    return table.append_column("source_unit", pa.array([f"image-{i // 7}.jpg" for i in range(rows)]))


def batches(table: pa.Table, sizes: Iterator[int]) -> Iterator[pa.Table]:
    """The rows in stretches of the given sizes."""
    start = 0
    while start < table.num_rows:
        size = next(sizes)
        yield table.slice(start, size)
        start += size


def coded(table: pa.Table) -> pa.Table:
    """The text columns as dictionaries that are longer than needed and in another order."""
    columns = []
    for column in table.columns:
        if column.type == pa.string():
            codes = column.combine_chunks().dictionary_encode()
            values = pa.concat_arrays([pa.array(["never used"]), codes.dictionary[::-1]])
            flipped = pa.array(
                len(values) - 1 - codes.indices.to_numpy(zero_copy_only=False).astype("f8"), from_pandas=True
            )
            column = pa.DictionaryArray.from_arrays(flipped.cast(pa.int32()), values)
        columns.append(column)
    return pa.table(columns, names=table.column_names)


def write(folder: Path, pieces: Any, table: Table = PREDICTIONS, part_bytes: int = PART_BYTES) -> list[bytes]:
    """Write pieces as bucket 0; the bytes of the parts."""
    with PartWriter(folder, 0, table, part_bytes=part_bytes) as writer:
        for piece in pieces:
            writer.write(piece)
    return [(folder / file.path).read_bytes() for file in writer.close()]


def test_bytes_depend_on_the_rows_and_not_on_the_batches(tmp_path: Path) -> None:
    """One batch, many of odd sizes, record batches, threads, dictionaries or plain text: the same file to the byte."""
    table, rng = large(), np.random.default_rng(0)
    whole = write(tmp_path / "whole", [table])
    pieces = batches(table, iter(lambda: int(rng.integers(1, 90_000)), 0))
    assert write(tmp_path / "pieces", pieces) == whole
    assert write(tmp_path / "records", table.to_batches(max_chunksize=50_001)) == whole
    assert write(tmp_path / "coded", batches(coded(table), iter(lambda: 77_777, 0))) == whole
    with PartWriter(tmp_path / "threads", 0, PREDICTIONS) as writer:
        writer.write_all(batches(table, iter(lambda: 200_001, 0)), threaded(3))
    assert [(tmp_path / "threads" / file.path).read_bytes() for file in writer.close()] == whole
    mixed = [coded(table.slice(0, 300_000)), table.slice(300_000)]
    assert write(tmp_path / "mixed", mixed) == whole


def test_writers_side_by_side_hold_and_write_smaller_row_groups(tmp_path: Path) -> None:
    """A share of the usual size each, so that many of them hold no more than a few."""
    with PartWriter(tmp_path, 0, PREDICTIONS, share=8) as writer:
        writer.write(large())
        (file,) = writer.close()
    groups = pq.ParquetFile(tmp_path / file.path).metadata
    assert {groups.row_group(k).num_rows for k in range(groups.num_row_groups - 1)} == {ROW_GROUP_ROWS // 8}


def test_row_groups_have_one_size_and_the_rows_their_order(tmp_path: Path) -> None:
    """Every row group but the last is full, and the rows come back as they came in."""
    table = large()
    write(tmp_path, [table])
    file = pq.ParquetFile(tmp_path / "bucket=b00/part-00000.parquet")
    sizes = [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)]
    assert sizes == [ROW_GROUP_ROWS, ROW_GROUP_ROWS, 1234]
    assert file.read(columns=table.column_names).cast(table.schema).equals(table)


def test_parts_roll_over_and_say_what_they_hold(tmp_path: Path) -> None:
    """A part that reaches the limit is closed; entries give rows, bytes and digest of each file."""
    table = large()
    contents = write(tmp_path, [table], part_bytes=1)
    assert [len(content) > 0 for content in contents] == [True] * 3
    with PartWriter(tmp_path / "again", 3, PREDICTIONS, part_bytes=1) as writer:
        writer.write(table)
    files = writer.close()
    assert [file.path for file in files] == [f"bucket=b03/part-{n:05d}.parquet" for n in range(3)]
    assert [file.rows for file in files] == [ROW_GROUP_ROWS, ROW_GROUP_ROWS, 1234]
    assert [file.bytes for file in files] == [len(content) for content in contents]


def test_a_bucket_without_rows_has_a_file_with_the_schema(tmp_path: Path) -> None:
    """A glob over an empty table still finds every column."""
    assert len(write(tmp_path, [])) == 1
    file = pq.read_table(tmp_path / "bucket=b00/part-00000.parquet", partitioning=None)
    assert (file.num_rows, file.column_names) == (0, list(PREDICTIONS.fields))


NESTED = {
    "polygons": [[[[{"x": 0.1, "y": 1e-300}], []], []], None, []],
    "keypoints": [[{"x": 0.5, "y": None, "visibility": 2, "name": "nose"}, None], [], None],
    "mask": [{"height": 3, "width": None, "counts": b"\x00\xff"}, None, {"height": 1, "width": 1, "counts": b""}],
    "bbox": [
        None,
        {"x": -0.0, "y": 5e-324, "w": 1 / 3, "h": float("inf")},
        {"x": None, "y": None, "w": None, "h": 1.0},
    ],
    "keypoints_px": [None, [{"x": 1.0, "y": 2.0}, None], []],
}


def test_nested_columns_and_nulls_come_back(tmp_path: Path) -> None:
    """Null, empty and filled are three things at every level."""
    schema = PREDICTIONS.schema
    table = predictions(3)
    for name, values in NESTED.items():
        table = table.append_column(name, pa.array(values, schema.field(name).type))
    write(tmp_path, [table.slice(0, 1), table.slice(1)])
    read = pq.read_table(tmp_path / "bucket=b00/part-00000.parquet", partitioning=None)
    assert {name: read.column(name).to_pylist() for name in NESTED} == NESTED
    assert read.schema.equals(schema)


def test_text_inside_lists_may_come_as_codes(tmp_path: Path) -> None:
    """Lists of dictionary-coded text are written as lists of text, in structs too."""
    code = pa.dictionary(pa.int32(), pa.string())
    outcomes = [["TP", None, "FP"], None, []]
    ranges = [[{"area_range": "small", "keys": [1, None], "outcomes": ["TP", "FP"]}], None, []]
    struct = pa.struct([("area_range", code), ("keys", pa.list_(pa.int64())), ("outcomes", pa.list_(code))])
    table = predictions(3).append_column("protocol", [["coco"] * 3]).append_column("rules", [["coco@ab12cd34"] * 3])
    table = table.append_column("outcomes", pa.array(outcomes, pa.list_(code)))
    table = table.append_column("ranges", pa.array(ranges, pa.list_(struct)))
    write(tmp_path, [table], MATCHES)
    read = pq.read_table(tmp_path / "bucket=b00/part-00000.parquet", partitioning=None)
    assert read.schema.field("outcomes").type == pa.list_(pa.string())
    assert (read.column("outcomes").to_pylist(), read.column("ranges").to_pylist()) == (outcomes, ranges)


def test_codes_are_plain_text_for_every_reader(tmp_path: Path) -> None:
    """A dictionary of the memory does not become a category of the reader."""
    pandas = pytest.importorskip("pandas", reason="needs pandas, which is not installed")
    write(tmp_path, [coded(large(1000))])
    path = tmp_path / "bucket=b00/part-00000.parquet"
    assert pq.read_schema(path).field("source_unit").type == pa.string()
    assert pl.read_parquet(path).schema["source_unit"] == pl.String
    assert not isinstance(pandas.read_parquet(path)["source_unit"].dtype, pandas.CategoricalDtype)


def test_the_footer_names_table_and_schema_version(tmp_path: Path) -> None:
    """A file that was copied away still says what it is."""
    write(tmp_path, [])
    metadata = pq.read_metadata(tmp_path / "bucket=b00/part-00000.parquet").metadata
    assert metadata[b"boxscore.table"] == b"predictions"
    assert metadata[b"boxscore.schema_version"] == str(SCHEMA_VERSION).encode()


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"colour": [["red"]]}, "colour"),
        ({"prediction_key": None}, "prediction_key"),
        ({"unit_key": [pa.array([None], pa.int64())]}, "unit_key is required"),
    ],
)
def test_columns_that_are_not_the_tables_are_refused(tmp_path: Path, columns: dict[str, Any], message: str) -> None:
    """Nothing is dropped or made up in silence."""
    table = predictions(1)
    for name, values in columns.items():
        position = table.schema.get_field_index(name)
        table = table.remove_column(position) if position >= 0 else table
        table = table.append_column(name, values) if values is not None else table
    with PartWriter(tmp_path, 0, PREDICTIONS) as writer, pytest.raises(ValueError, match=message):
        writer.write(table)


def test_buckets_are_written_side_by_side(tmp_path: Path) -> None:
    """Threads on different buckets leave the bytes that one thread leaves."""
    table = large(50_000)

    def work(bucket: int) -> bytes:
        with PartWriter(tmp_path, bucket, PREDICTIONS) as writer:
            writer.write(table)
        return (tmp_path / writer.close()[0].path).read_bytes()

    with ThreadPoolExecutor(4) as pool:
        contents = list(pool.map(work, range(8)))
    assert contents == write(tmp_path / "alone", [table]) * 8


def test_a_closed_writer_takes_no_more(tmp_path: Path) -> None:
    """Neither piece by piece nor all at once: its files are finished."""
    writer = PartWriter(tmp_path, 0, PREDICTIONS)
    files = writer.close()
    with pytest.raises(ValueError, match="the writer is closed"):
        writer.write(predictions(1))
    with pytest.raises(ValueError, match="the writer is closed"):
        writer.write_all([predictions(1)], serial)
    assert writer.close() == files
