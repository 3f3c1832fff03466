"""Tables that are read once a process."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from schemas.errors import StoreError
from tasks.storage.whole_tables import forget_whole, read_whole


def test_a_table_is_read_once_until_its_file_changes(tmp_path: Path) -> None:
    """And again once it is forgotten, or other columns are asked for."""
    path = tmp_path / "part-00000.parquet"
    pq.write_table(pa.table({"a": [1], "b": [2]}), path)
    first = read_whole([str(path)])
    assert read_whole([str(path)]) is first
    assert read_whole([str(path)], ["a"]).column_names == ["a"]
    pq.write_table(pa.table({"a": [1, 2, 3], "b": [2, 3, 4]}), path)
    assert len(read_whole([str(path)])) == 3
    forget_whole()
    assert read_whole([str(path)]).equals(pq.read_table(path))


def test_a_file_that_is_gone_is_not_remembered(tmp_path: Path) -> None:
    """Reading it says so."""
    path = tmp_path / "part-00000.parquet"
    pq.write_table(pa.table({"a": [1]}), path)
    read_whole([str(path)])
    path.unlink()
    with pytest.raises(StoreError):
        read_whole([str(path)])
