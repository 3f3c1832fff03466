"""Files written here, read by Arrow, Polars and DuckDB: the same rows, nested as deep as any table nests them."""

from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.tables import GROUND_TRUTH, MATCHES, RUNS, STAGED, TABLES, Table
from tasks.storage import PartWriter
from tasks.storage.encoding import ROW_GROUP_BYTES


def _some(kind: pa.DataType) -> Any:
    """Values of a type, also extreme ones."""
    if pa.types.is_list(kind):
        return st.lists(_maybe(kind.value_field), max_size=4)
    if pa.types.is_struct(kind):
        return st.fixed_dictionaries({child.name: _maybe(child) for child in kind})
    if pa.types.is_floating(kind):
        return st.floats(allow_nan=False) | st.sampled_from([0.0, -0.0, 0.1])
    if pa.types.is_boolean(kind):
        return st.booleans()
    if pa.types.is_string(kind):
        return st.sampled_from(["", "a", "TP", "FN", "größer"]) | st.text(st.characters(codec="utf-8"), max_size=5)
    if pa.types.is_binary(kind):
        return st.binary(max_size=9)
    if pa.types.is_timestamp(kind):
        return st.integers(0, 2**50)
    half = 1 << (kind.bit_width - 1)
    return st.integers(-half, half - 1) | st.integers(0, 3)


def _maybe(field: pa.Field) -> Any:
    return st.none() | _some(field.type) if field.nullable else _some(field.type)


def _rows(table: Table) -> Any:
    return st.lists(st.fixed_dictionaries({field.name: _maybe(field) for field in table.schema}), max_size=12)


def _written(folder: Path, table: Table, pieces: list[pa.Table]) -> Path:
    with PartWriter(folder, 0, table) as writer:
        for piece in pieces:
            writer.write(piece)
    return folder / writer.close()[0].path


@pytest.mark.parametrize("table", [GROUND_TRUTH, MATCHES, RUNS], ids=lambda table: table.name)
@given(data=st.data())
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_rows_read_back_as_they_were(
    tmp_path_factory: pytest.TempPathFactory, table: Table, data: st.DataObject
) -> None:
    """Nulls and empty lists at every depth, in one piece or two: by Arrow and by Polars."""
    rows = data.draw(_rows(table))
    cut = data.draw(st.integers(0, len(rows)))
    pieces = [pa.Table.from_pylist(part, schema=table.schema) for part in (rows[:cut], rows[cut:])]
    path = _written(tmp_path_factory.mktemp("part"), table, pieces)
    expected = pa.concat_tables(pieces).to_pylist()
    assert pq.ParquetFile(path).read().to_pylist() == expected
    assert pl.read_parquet(path).to_arrow().to_pylist() == expected


def test_duckdb_reads_every_depth(tmp_path: Path) -> None:
    """Lists of lists of lists of points, and words in lists in structs in lists."""
    point = {"x": 0.25, "y": 0.5}
    polygons = [[[[point, point], []], []], [], None, [None], [[None, [point]]]]
    ranges = [None, [], [{"area_range": "small", "keys": [1, None], "outcomes": ["TP", None]}, None], None, None]
    for table, column, values in ((GROUND_TRUTH, "polygons", polygons), (MATCHES, "ranges", ranges)):
        required = {field.name: [7] * 5 for field in table.schema if not field.nullable}
        required = {
            name: pa.array(list(map(str, given)) if table.schema.field(name).type == pa.string() else given)
            for name, given in required.items()
        }
        rows = pa.table({**required, column: pa.array(values, table.schema.field(column).type)})
        path = _written(tmp_path / table.name, table, [rows])
        found = duckdb.connect().execute(f"select {column} from '{path}'").fetchall()
        assert [row[0] for row in found] == values


@pytest.mark.parametrize("table", [table for table in TABLES if table not in STAGED], ids=lambda table: table.name)
def test_the_schema_is_the_tables_own(tmp_path: Path, table: Table) -> None:
    """As Arrow's own writer would have said it: names, types, nesting, what may be null, the order of bounds."""
    path = _written(tmp_path / "ours", table, [])
    pq.write_table(table.schema.empty_table(), tmp_path / "arrow.parquet")
    ours, arrow = pq.read_metadata(path), pq.read_metadata(tmp_path / "arrow.parquet")
    assert ours.schema.equals(arrow.schema)
    assert str(ours.schema).split(">", 1)[1] == str(arrow.schema).split(">", 1)[1]


def test_bounds_and_nulls_are_in_the_footer(tmp_path: Path) -> None:
    """Of numbers, of truth values, of text that is filtered by; not where a NaN is among them."""
    rows = pa.table(
        {
            "prediction_set": ["b", "a", None],
            "protocol": ["p"] * 3,
            "rules": ["r"] * 3,
            "prediction_key": [5, -3, 4],
            "unit_key": [1, 1, 1],
            "category_key": pa.array([2, 9, 4], pa.int32()),
            "score": [0.5, None, 0.25],
            "matched_similarity": [float("nan"), 1.0, 0.0],
            "best_similarity": [0.0, None, 2.0],
        }
    )
    group = pq.read_metadata(_written(tmp_path, MATCHES, [rows])).row_group(0)
    columns = {group.column(k).path_in_schema: group.column(k).statistics for k in range(group.num_columns)}
    found = {name: (of.min, of.max, of.null_count) for name, of in columns.items() if of is not None and of.has_min_max}
    assert found.pop("prediction_set") == ("a", "b", 1)
    assert found.pop("prediction_key") == (-3, 5, 0)
    assert found.pop("category_key") == (2, 9, 0)
    assert found.pop("score") == (0.25, 0.5, 1)
    assert str(found.pop("best_similarity")) == "(-0.0, 2.0, 1)"
    assert "matched_similarity" not in found
    assert columns["rank"].null_count == 3


def test_heavy_rows_end_a_row_group_by_their_bytes(tmp_path: Path) -> None:
    """Wherever the batches end: as many rows as hold no more than the limit, and one that alone holds more."""
    weights = [ROW_GROUP_BYTES // 4 - 100] * 9 + [ROW_GROUP_BYTES + 5, 0, 10]
    kind = GROUND_TRUTH.schema.field("mask").type

    def rows(sizes: list[int]) -> pa.Table:
        masks = [{"height": 1, "width": 1, "counts": bytes(size)} for size in sizes]
        keys = pa.array(range(len(sizes)), pa.int64())
        return pa.table({"annotation_key": keys, "unit_key": keys, "category_key": keys, "mask": pa.array(masks, kind)})

    expected = [4, 4, 1, 1, 2]
    for cut in (12, 5, 1):
        pieces = [rows(weights[start : start + cut]) for start in range(0, 12, cut)]
        footer = pq.read_metadata(_written(tmp_path / str(cut), GROUND_TRUTH, pieces))
        assert [footer.row_group(k).num_rows for k in range(footer.num_row_groups)] == expected


@pytest.mark.parametrize("rows", [1, 7, 8, 9, 16, 31, 1_000])
def test_a_word_that_all_rows_say_gives_the_same_bytes_however_it_is_held(tmp_path: Path, rows: int) -> None:
    """By a dictionary of it alone, whose rows are not looked at, of others too, or as text; in one piece or two."""
    required = [field for field in MATCHES.schema if not field.nullable]
    needed = {f.name: pa.array(["x" if f.type == pa.string() else 0] * rows, f.type) for f in required}
    alone = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), pa.array(["one"]))
    among = pa.DictionaryArray.from_arrays(pa.array([1] * rows, pa.int32()), pa.array(["other", "one"]))
    written = []
    for k, column in enumerate((alone, among, pa.array(["one"] * rows))):
        table = pa.table({**needed, "protocol": column})
        for cut in {0, rows // 2}:
            path = _written(tmp_path / f"{k}-{cut}", MATCHES, [table.slice(0, cut), table.slice(cut)])
            written.append(path.read_bytes())
    assert len(set(written)) == 1
    assert pq.ParquetFile(path).read()["protocol"].to_pylist() == ["one"] * rows
