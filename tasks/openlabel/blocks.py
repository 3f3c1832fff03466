"""OpenLABEL files as blocks of records, several files at once, each read by itself."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pyarrow as pa

from schemas.errors import InputError
from schemas.records import Block, Run, Source
from schemas.rejects import Reason, Stage
from schemas.tables import RECORDS
from tasks.columns import completed
from tasks.openlabel.classes import Classes
from tasks.openlabel.document import read_document
from tasks.openlabel.places import Places
from tasks.openlabel.records import Refusal, Row, rows_of, scene_of
from tasks.refusals import Refused
from tasks.rejects import rejects_table

BLOCK_ROWS = 50_000


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads files of one side. Safe to use from several threads at once."""

    places: Places
    classes: Classes
    predictions: bool

    def read(self, source: Source) -> list[Block]:
        """The records of a file; InputError where it is no OpenLABEL, or of no scene of the project."""
        document = read_document(source)
        try:
            rows = list(rows_of(scene_of(document, self.places, self.classes, self.predictions)))
        except Refused as why:
            hint = (
                "scenes are named by sceneUuid, metadata.uuid, metadata.tag or the file's name, as the manifest has it"
            )
            raise InputError(why.text, where=source.name, hint=hint) from why
        return [
            _block(source.name, start, rows[start : start + BLOCK_ROWS]) for start in range(0, len(rows), BLOCK_ROWS)
        ]


def read_blocks(sources: Sequence[Source], reader: Reader, run: Run) -> Iterator[Block]:
    """The blocks of all files, in their order. Of several files a broken one is a reject; alone it is an error."""
    for blocks in run(partial(_read_one, reader=reader, alone=len(sources) == 1), sources, label="read"):
        yield from blocks


def _read_one(source: Source, reader: Reader, alone: bool) -> list[Block]:
    try:
        return reader.read(source)
    except InputError as error:
        if alone:
            raise
        return [refused_file(source, error)]


def refused_file(source: Source, error: InputError) -> Block:
    """The block of a file that is refused as a whole."""
    rejects = rejects_table(Stage.INGEST, [source.name], [None], [Reason.BROKEN_FILE], [error.message], [""])
    return Block(1, _batch(source.name, [], []), rejects)


def _block(file: str, start: int, rows: Sequence[Row | Refusal]) -> Block:
    """Rows `start` and following of a file."""
    taken = [(start + k, row) for k, row in enumerate(rows) if isinstance(row, dict)]
    refused = [(start + k, row) for k, row in enumerate(rows) if isinstance(row, Refusal)]
    rejects = rejects_table(
        Stage.INGEST,
        [file] * len(refused),
        [position for position, _ in refused],
        [why.code for _, why in refused],
        [why.text for _, why in refused],
        [why.record for _, why in refused],
    )
    return Block(len(rows), _batch(file, [position for position, _ in taken], [row for _, row in taken]), rejects)


def _batch(file: str, positions: list[int], rows: list[Row]) -> pa.RecordBatch:
    """The rows as a batch of RECORDS."""
    said = {name for row in rows for name in row}
    columns: dict[str, list[Any]] = {name: [row.get(name) for row in rows] for name in said}
    columns |= {"source_file": [file] * len(rows), "source_row": positions, "coordinates": ["pixel"] * len(rows)}
    table = completed(columns, RECORDS.schema, len(rows)).combine_chunks()
    arrays = [column.chunk(0) if column.num_chunks else pa.nulls(0, column.type) for column in table.columns]
    return pa.RecordBatch.from_arrays(arrays, schema=RECORDS.schema)
