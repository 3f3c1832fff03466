"""docs/tables.md says what the declarations say."""

from pathlib import Path

import pyarrow as pa
import pytest

from schemas.fields import BOX, MASK
from schemas.tables import Table
from schemas.tables_page import short_type, tables_page
from tasks.tables import TABLES

PAGE = Path(__file__).resolve().parents[2] / "docs" / "tables.md"


def test_the_committed_page_is_current() -> None:
    """docs/tables.md is what the declarations give now; `make docs` writes it."""
    assert PAGE.read_text(encoding="utf-8") == tables_page(TABLES)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_column_is_on_the_page(table: Table) -> None:
    """A table's section names each of its columns, in order, with its meaning."""
    section = tables_page(TABLES).split(f"\n## {table.name}\n")[1].split("\n## ")[0]
    rows = [line.split(" | ") for line in section.splitlines() if line.startswith("| ") and "`" in line]
    assert [row[0].strip("|* ") for row in rows] == list(table.fields)
    assert all(field.meaning in row[-1] for field, row in zip(table.columns, rows, strict=True))


@pytest.mark.parametrize(
    ("type_", "text"),
    [
        (pa.int64(), "i64"),
        (pa.int8(), "i8"),
        (pa.uint32(), "u32"),
        (pa.float64(), "f64"),
        (pa.list_(pa.string()), "list<text>"),
        (BOX, "struct<x f64, y f64, w f64, h f64>"),
        (MASK, "struct<height i32, width i32, counts bytes>"),
    ],
)
def test_types_are_said_shortly(type_: pa.DataType, text: str) -> None:
    """Arrow types stand on the page in short words."""
    assert short_type(type_) == text
