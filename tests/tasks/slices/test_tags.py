"""A user's tags: joined by what names a data unit; what is no file of tags is told."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from schemas.errors import InputError
from tasks.slices.tags import read_tags

UNITS = pa.table({"data_hash": ["a", "b", "v", "v"], "frame": pa.array([0, 0, 0, 1], pa.int32())})


def read(path: Path, columns: dict[str, Any] | pa.Table, *wanted: str) -> tuple[dict[str, list[Any]], int]:
    """(columns by unit, unknown rows) of a file that holds these columns."""
    file = path / "tags.parquet"
    pq.write_table(pa.table(columns), file)
    tags = read_tags(file, wanted, UNITS)
    return tags.table.to_pydict(), tags.unknown


def test_rows_are_joined_by_data_hash_and_by_frame_where_it_is_there(tmp_path: Path) -> None:
    """Without frames a row is about all frames; what is about no unit is counted, what is not wanted left out."""
    hashes = {"data_hash": ["v", "x", "a"], "weather": ["rain", "sun", "sun"], "more": [1, 2, 3]}
    assert read(tmp_path, hashes, "weather") == ({"weather": ["sun", None, "rain", "rain"]}, 1)
    framed = {"data_hash": ["v", "v", "v"], "frame": [1, 0, 9], "tags": [["x"], [], ["y"]]}
    assert read(tmp_path, framed, "tags") == ({"tags": [None, None, [], ["x"]]}, 1)


def test_types_of_other_writers_are_read(tmp_path: Path) -> None:
    """Large texts, dictionaries, small numbers, and lists of these."""
    table = pa.table(
        {
            "data_hash": pa.array(["a", "b"], pa.large_string()),
            "w": pa.array(["x", "y"]).dictionary_encode(),
            "n": pa.array([1, 2], pa.uint8()),
            "l": pa.array([["x"], None], pa.large_list(pa.large_string())),
            "e": pa.nulls(2),
        }
    )
    found, unknown = read(tmp_path, table, "w", "n", "l", "e")
    assert found["w"][:2] == ["x", "y"]
    assert (found["n"][:2], found["l"][:2], found["e"][:2], unknown) == ([1, 2], [["x"], None], [None, None], 0)


def test_a_file_of_no_rows_tags_nothing(tmp_path: Path) -> None:
    """All units are without a value."""
    empty = pa.table({"data_hash": pa.array([], pa.string()), "w": pa.array([], pa.string())})
    assert read(tmp_path, empty, "w") == ({"w": [None] * 4}, 0)


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"hash": ["a"]}, "'data_hash' is missing"),
        ({"data_hash": [1]}, "'data_hash' is int64; string is needed"),
        ({"data_hash": ["a"], "frame": ["0"]}, "'frame' is string; int64 is needed"),
        ({"data_hash": ["a"], "w": [{"x": 1}]}, "'w' is struct"),
        ({"data_hash": ["a"], "w": [[["x"]]]}, "'w' is list"),
        ({"data_hash": ["a", "b", "a"]}, "1 data units have several rows, such as data_hash 'a'"),
        ({"data_hash": ["a", None]}, "a row without data_hash"),
        (pa.Table.from_arrays([pa.array(["a"]), pa.array([1]), pa.array([2])], ["data_hash", "w", "w"]), "one name"),
        ({"data_hash": ["a"], "w": pa.array([2**63], pa.uint64())}, "not in range"),
    ],
)
def test_what_is_no_file_of_tags_is_told(tmp_path: Path, columns: Any, said: str) -> None:
    """Columns, types, and units that are there twice."""
    with pytest.raises(InputError, match=said):
        read(tmp_path, columns, "w")


@pytest.mark.parametrize("damage", ["cut", "noise", "text", "empty"])
def test_a_damaged_file_is_an_error_that_names_it(tmp_path: Path, damage: str) -> None:
    """It is read in a process of its own, where it can do no harm."""
    file = tmp_path / "tags.parquet"
    pq.write_table(pa.table({"data_hash": [f"{k}" for k in range(999)], "w": list(range(999))}), file)
    content = file.read_bytes()
    noise = content[:40] + bytes(b ^ 0x5A for b in content[40:-20]) + content[-20:]
    file.write_bytes({"cut": content[:-30], "noise": noise, "text": b"no parquet", "empty": b""}[damage])
    with pytest.raises(InputError) as error:
        read_tags(file, ("w",), UNITS)
    assert error.value.where == str(file)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    """By its path."""
    with pytest.raises(InputError, match="no such file"):
        read_tags(tmp_path / "none.parquet", ("w",), UNITS)
