"""Blocks between two stages: `<k>.rows.arrow` and `<k>.rejects.arrow` in the folder of the stage that made them."""

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa

from schemas.errors import BoxscoreError
from schemas.records import Block
from tasks.storage import read_scratch, scratch_files, write_scratch

_ROWS, _REJECTS = ".rows.arrow", ".rejects.arrow"


def check_books(rows: int, accepted: int, rejected: int) -> None:
    """Law 1: rows in = accepted + rejected."""
    if rows != accepted + rejected:
        raise BoxscoreError(f"{rows} rows came in, but {accepted} were accepted and {rejected} rejected")


def put_block(folder: Path, name: str, rows: pa.Table, rejects: pa.Table) -> None:
    """Write what a stage made of one block."""
    write_scratch(folder / (name + _ROWS), rows)
    write_scratch(folder / (name + _REJECTS), rejects)


def block_names(folder: Path) -> list[str]:
    """The blocks a stage left in its folder, in file order."""
    return [path.name.removesuffix(_ROWS) for path in scratch_files(folder, _ROWS)]


def block_rows(folder: Path, name: str) -> pa.Table:
    """Rows of a block."""
    return read_scratch(folder / (name + _ROWS))


def block_rejects(folder: Path, name: str) -> pa.Table:
    """What a stage rejected of a block."""
    return read_scratch(folder / (name + _REJECTS))


def ingest_blocks(blocks: Iterable[Block], folder: Path) -> int:
    """Write records and rejects block by block; rows read."""
    rows = 0
    for number, block in enumerate(blocks):
        check_books(block.rows, len(block.records), len(block.rejects))
        put_block(folder, f"{number:08d}", pa.Table.from_batches([block.records]), block.rejects)
        rows += block.rows
    return rows
