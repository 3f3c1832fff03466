"""Stretches of label files as blocks of records: many small files at once, each read by itself."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from schemas.fields import BOX
from schemas.records import Block, Run, Source
from schemas.rejects import Reason, Stage
from schemas.tables import RECORDS
from tasks.columns import completed
from tasks.file_names import FileNames, Named
from tasks.kitti.files import LARGEST_FILE, Layout, batches, file_name
from tasks.kitti.rows import DONT_CARE, Row, read_row
from tasks.refusals import Refused
from tasks.rejects import capped, rejects_table

DONT_CARE_CLASS = "DontCare"
"""`source_category` of ignored regions, which no mapping holds."""


class _Taken(NamedTuple):
    """A row with where it stood, its unit and its class."""

    file: str
    position: int
    unit: Named
    category: str
    row: Row


@dataclass(slots=True)
class _Gathered:
    """What some files came to: `refused` holds file, row, code, text and line of each that was not taken."""

    taken: list[_Taken] = field(default_factory=list)
    refused: list[tuple[str, int | None, Reason, str, str]] = field(default_factory=list)

    def refuse(self, file: str, position: int | None, why: Refused, record: str = "") -> None:
        """Note a record, or a whole file (no position), that is not taken."""
        self.refused.append((file, position, why.code, why.text, capped(record)))


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads label files. Safe to use from several threads at once."""

    names: FileNames
    mapping: Mapping[str, str] | None
    """Feature hash by class name; None: the names stand for themselves."""
    relative: bool
    predictions: bool

    def read(self, sources: list[Source]) -> Block:
        """The rows of some files, file after file; what cannot be read of one does not stop the others."""
        gathered = _Gathered()
        for source in sources:
            try:
                self._read_file(source, gathered)
            except Refused as why:
                gathered.refuse(source.name, None, why)
        return _block(gathered, self.relative, self.predictions)

    def _read_file(self, source: Source, gathered: _Gathered) -> None:
        lines = _lines(source)
        unit = self.names(source.name)
        commas = source.name.lower().endswith(".csv")
        for position, line in enumerate(lines):
            try:
                row = read_row(line, commas)
                gathered.taken.append(_Taken(source.name, position, unit, self._category(row.type), row))
            except Refused as why:
                gathered.refuse(source.name, position, why, line.decode())

    def _category(self, name: str) -> str:
        """The word by which resolve will know the class."""
        if name.lower() == DONT_CARE:
            if self.predictions:
                raise Refused(Reason.UNSUPPORTED, "DontCare marks a region of the ground truth; it cannot be predicted")
            return DONT_CARE_CLASS
        if self.mapping is None:
            return name
        if name not in self.mapping:
            known = ", ".join(list(self.mapping)[:20])
            raise Refused(Reason.UNMAPPED_CLASS, f"type is {name!r}, the mapping holds {known}")
        return self.mapping[name]


def _lines(source: Source) -> list[bytes]:
    """The lines of a file that are not blank. An empty file has none. Refused where it is no text."""
    if source.size > LARGEST_FILE:
        raise Refused(Reason.BROKEN_FILE, f"{source.size} bytes are no label file; allowed are {LARGEST_FILE}")
    content = source.read().removeprefix(b"\xef\xbb\xbf")
    try:
        content.decode()
    except UnicodeDecodeError as error:
        raise Refused(Reason.BROKEN_FILE, f"not UTF-8 at byte {error.start}") from error
    if b"\0" in content:
        raise Refused(Reason.BROKEN_FILE, f"no text: a NUL at byte {content.index(0)}")
    return [line for line in content.splitlines() if line and not line.isspace()]


def _box_3d(rows: list[Row]) -> pa.Array:
    boxes = [row.box_3d for row in rows]
    values = np.array([value for box in boxes if box is not None for value in box])
    given = np.array([box is not None for box in boxes], bool)
    offsets = np.concatenate([[0], np.cumsum(given * 7)]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(values, pa.float64()), mask=pa.array(~given))


def _block(gathered: _Gathered, relative: bool, predictions: bool) -> Block:
    taken = gathered.taken
    rows = [item.row for item in taken]
    sides = np.array([row.box for row in rows], float).reshape(-1, 4)
    dont_care = [item.category == DONT_CARE_CLASS and item.row.type.lower() == DONT_CARE for item in taken]
    columns: dict[str, Any] = {
        "source_file": [item.file for item in taken],
        "source_row": [item.position for item in taken],
        "source_unit": [item.unit.unit for item in taken],
        "source_category": [item.category for item in taken],
        "frame": [item.unit.frame for item in taken],
        "coordinates": ["relative" if relative else "pixel"] * len(taken),
        "shape": ["bounding_box"] * len(taken),
        "bbox": pa.StructArray.from_arrays([pa.array(side) for side in sides.T.copy()], fields=list(BOX)),
        "truncated": [row.truncated for row in rows],
        "occluded": [row.occluded for row in rows],
        "alpha": [row.alpha for row in rows],
        "box_3d": _box_3d(rows),
    }
    if predictions:
        columns["score"] = [1.0 if row.score is None else row.score for row in rows]
    else:
        columns |= {"ignore": dont_care, "iscrowd": dont_care}
    refused = [list(column) for column in zip(*gathered.refused, strict=True)] or [[]] * 5
    table = completed(columns, RECORDS.schema, len(taken)).combine_chunks()
    batch = pa.RecordBatch.from_arrays([one.combine_chunks() for one in table.columns], schema=RECORDS.schema)
    return Block(len(taken) + len(gathered.refused), batch, rejects_table(Stage.INGEST, *refused))


def _no_labels(sources: list[Source]) -> Block:
    """The block of files that are no label files."""
    gathered = _Gathered()
    for source in sources:
        text = f"{file_name(source)} is no label file (.txt, .csv)"
        gathered.refuse(source.name, None, Refused(Reason.UNSUPPORTED, text))
    return _block(gathered, relative=False, predictions=True)


def read_blocks(files: Layout, reader: Reader, run: Run) -> Iterator[Block]:
    """The records of all label files in the order of the files; then a reject for each that is none."""
    yield from run(reader.read, batches(files.labels), label="read label files")
    if files.others:
        yield _no_labels(files.others)
