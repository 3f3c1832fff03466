"""The page docs/tables.md: every table and column, written from their declarations."""

from collections.abc import Sequence

import pyarrow as pa

from schemas.fields import Field
from schemas.tables import SCHEMA_VERSION, Table

_HEAD = f"""# Tables

Written by `make docs` from their declarations; edits made here are lost. Schema version {SCHEMA_VERSION}.

Columns in **bold** make a row unique within its project. A column marked *required* is never null.
"""
_SCALARS = {
    "double": "f64",
    "float": "f32",
    "string": "text",
    "binary": "bytes",
    "timestamp[us, tz=UTC]": "UTC time, µs",
}


def short_type(type_: pa.DataType) -> str:
    """An Arrow type as a reader says it: `i64`, `f64`, `list<i64>`, `struct<x f64, y f64>`."""
    if pa.types.is_list(type_):
        return f"list<{short_type(type_.value_type)}>"
    if pa.types.is_struct(type_):
        return f"struct<{', '.join(f'{part.name} {short_type(part.type)}' for part in type_)}>"
    if pa.types.is_integer(type_):
        return str(type_).replace("uint", "u").replace("int", "i")
    return _SCALARS.get(str(type_), str(type_))


def _anchor(table: Table) -> str:
    return f"[{table.name}](#{table.name})"


def _cell(text: str) -> str:
    """Text that a Markdown table takes: a bar would end the cell."""
    return text.replace("|", "\\|")


def _column(field: Field, table: Table) -> str:
    name = f"**{field.name}**" if field.name in table.key else field.name
    need = "" if field.nullable else "*required*; "
    return f"| {name} | `{short_type(field.type)}` | {field.unit} | {need}{_cell(field.meaning)} |"


def _section(table: Table) -> str:
    columns = "\n".join(_column(field, table) for field in table.columns)
    head = (
        f"\n## {table.name}\n\nA row is {_cell(table.row)}.\n\n| column | type | unit | meaning |\n|---|---|---|---|\n"
    )
    return f"{head}{columns}\n"


def tables_page(tables: Sequence[Table]) -> str:
    """The whole page, as Markdown: what a row of each stored table is, then each with its columns."""
    rows = "\n".join(f"| {_anchor(table)} | {_cell(table.row)} |" for table in tables)
    overview = f"\n| table | a row is |\n|---|---|\n{rows}\n"
    return _HEAD + overview + "".join(map(_section, tables))
