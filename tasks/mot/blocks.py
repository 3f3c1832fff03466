"""Track files as blocks of records."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from schemas.errors import InputError
from schemas.fields import BOX
from schemas.records import Block, Source
from schemas.rejects import Reason, Stage
from schemas.tables import RECORDS
from tasks.columns import completed
from tasks.file_by_file import read_file_by_file
from tasks.mot.files import INFO, Layout, sequence_of
from tasks.mot.rows import Row, read_row
from tasks.refusals import Refused
from tasks.rejects import capped, rejects_table

_LARGEST_FILE = 1 << 30
_BLOCK_LINES = 50_000


class _Line(NamedTuple):
    """A line that is not blank, and its place among those."""

    position: int
    text: bytes


def _lines(source: Source) -> list[_Line]:
    """InputError where the file is no text."""
    if source.size > _LARGEST_FILE:
        raise InputError(f"{source.size} bytes are no track file; allowed are {_LARGEST_FILE}", where=source.name)
    content = source.read().removeprefix(b"\xef\xbb\xbf")
    if not content.isascii() or b"\0" in content:
        raise InputError("no text: numbers and commas are allowed", where=source.name)
    rows = [line for line in content.splitlines() if line and not line.isspace()]
    return [_Line(position, line) for position, line in enumerate(rows)]


def _block(source: Source, lines: Sequence[_Line], sequence: str, ground_truth: bool) -> Block:
    taken: list[tuple[int, Row]] = []
    refused: list[tuple[str, int, Reason, str, str]] = []
    for position, text in lines:
        try:
            taken.append((position, read_row(text)))
        except Refused as why:
            refused.append((source.name, position, why.code, why.text, capped(text.decode())))
    faults = [list(column) for column in zip(*refused, strict=True)] or [[]] * 5
    return Block(len(lines), _records(source.name, taken, sequence, ground_truth), rejects_table(Stage.INGEST, *faults))


def _records(name: str, taken: Sequence[tuple[int, Row]], sequence: str, ground_truth: bool) -> pa.RecordBatch:
    rows, count = [row for _, row in taken], len(taken)
    sides = np.array([row.box for row in rows], float).reshape(-1, 4)
    columns: dict[str, Any] = {
        "source_file": [name] * count,
        "source_row": [position for position, _ in taken],
        "source_unit": [sequence] * count,
        "source_category": [row.category for row in rows],
        "frame": [row.frame for row in rows],
        "track_id": [row.track for row in rows],
        "coordinates": ["pixel"] * count,
        "shape": ["bounding_box"] * count,
        "bbox": pa.StructArray.from_arrays([pa.array(side) for side in sides.T.copy()], fields=list(BOX)),
    }
    if ground_truth:
        columns["ignore"] = [row.confidence == 0 for row in rows]
    else:
        columns["score"] = [row.confidence for row in rows]
    table = completed(columns, RECORDS.schema, count).combine_chunks()
    return pa.RecordBatch.from_arrays([one.combine_chunks() for one in table.columns], schema=RECORDS.schema)


def _no_tracks(source: Source) -> Iterator[Block]:
    raise InputError(f"neither a track file (.txt) nor {INFO}", where=source.name)


def read_blocks(files: Layout, known: set[str], ground_truth: bool) -> Iterator[Block]:
    """The boxes of all track files, in the order of the files; then a reject for each file that is none."""

    def read(source: Source) -> Iterator[Block]:
        if source in files.others:
            yield from _no_tracks(source)
        lines, sequence = _lines(source), sequence_of(source.name, known)
        for first in range(0, len(lines), _BLOCK_LINES):
            yield _block(source, lines[first : first + _BLOCK_LINES], sequence, ground_truth)

    return read_file_by_file([*files.tracks, *files.others], read)
