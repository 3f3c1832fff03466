"""Blocks between two stages: `<k>.rows.arrow`, `<k>.rejects.arrow` and, where there are any, `<k>.answers.arrow`."""

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa

from schemas.errors import BoxscoreError
from schemas.records import Block
from tasks.storage import has_scratch, read_scratch, scratch_files, write_scratch

_ROWS, _REJECTS, _ANSWERS = ".rows.arrow", ".rejects.arrow", ".answers.arrow"


def check_books(rows: int, accepted: int, rejected: int) -> None:
    """Law 1: rows in = accepted + rejected."""
    if rows != accepted + rejected:
        raise BoxscoreError(f"{rows} rows came in, but {accepted} were accepted and {rejected} rejected")


def put_block(folder: Path, name: str, rows: pa.Table, rejects: pa.Table, answers: pa.Table | None = None) -> None:
    """Write what a stage made of one block."""
    write_scratch(folder / (name + _ROWS), rows)
    write_scratch(folder / (name + _REJECTS), rejects)
    if answers is not None:
        write_scratch(folder / (name + _ANSWERS), answers)


def block_names(folder: Path) -> list[str]:
    """The blocks a stage left in its folder, in file order."""
    return [path.name.removesuffix(_ROWS) for path in scratch_files(folder, _ROWS)]


def block_rows(folder: Path, name: str) -> pa.Table:
    """Rows of a block."""
    return read_scratch(folder / (name + _ROWS))


def block_rejects(folder: Path, name: str) -> pa.Table:
    """What a stage rejected of a block."""
    return read_scratch(folder / (name + _REJECTS))


def block_answers(folder: Path, name: str) -> pa.Table | None:
    """Answers of a block; None where it has none."""
    path = folder / (name + _ANSWERS)
    return read_scratch(path) if has_scratch(path) else None


def ingest_blocks(blocks: Iterable[Block], folder: Path) -> int:
    """Write records and rejects block by block; rows read."""
    rows = 0
    for number, block in enumerate(blocks):
        answers = None if block.answers is None else pa.Table.from_batches([block.answers])
        check_books(block.rows, len(block.records) + (0 if answers is None else len(answers)), len(block.rejects))
        put_block(folder, f"{number:08d}", pa.Table.from_batches([block.records]), block.rejects, answers)
        rows += block.rows
    return rows
