"""A JSON array of records, block by block, on several threads, whatever its size.

Where a block may end is guessed, by the text between two records, so that blocks can be read before those in front of
them; the reading of a block says whether the guess was right. It can be wrong inside a text or a nested list; then
reading goes on from the record that was cut.
"""

import re
from collections import deque
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from schemas.errors import InputError
from schemas.records import Block, Run, Source
from schemas.rejects import Stage
from tasks.coco.batches import merged, scanned_batch, shifted, strict_batch
from tasks.coco.rules import Record, annotation, prediction
from tasks.json_text import json_text
from tasks.kernels.json_columns import OTHERS, POSITION, ROWS, SEEN, STATUS, Columns, new_columns
from tasks.kernels.json_records import AT_END, BROKEN, CUT, DEEP, RESULTS, scan_records
from tasks.kernels.json_skip import MAX_DEPTH
from tasks.refusals import Refused
from tasks.rejects import capped, rejects_table
from tasks.strict_json import Malformed, check_utf8, decode

_BLOCK_BYTES = (8 << 20, 16 << 20)
"""The least and the most: large against what a block costs beside its reading, small against memory."""
_BLOCKS = 16
"""Wanted of an array, so that all cores are busy to its end."""
LARGEST_RECORD = 256 << 20
_WINDOW_BYTES = 1 << 16
_BOUNDARY = re.compile(rb"\}([ \t\r\n]*),[ \t\r\n]*\{")


class Region(NamedTuple):
    """The elements of an array in a file: from the byte after its bracket to the end of the file or past the other."""

    start: int
    stop: int
    depth: int
    """Brackets open inside the array."""

    @property
    def block_bytes(self) -> int:
        """About how many bytes a block takes."""
        least, most = _BLOCK_BYTES
        return min(max(least, (self.stop - self.start) // _BLOCKS), most)


class Shard(NamedTuple):
    """Bytes of a region; `last` where nothing follows."""

    start: int
    stop: int
    last: bool


class Parsed(NamedTuple):
    """A shard after reading, with rows counted from its beginning; `fault` where it is no JSON."""

    rows: int
    records: pa.RecordBatch | None
    rejects: pa.Table | None
    status: int
    at: int
    """Byte in the file, where the status has one."""
    fault: InputError | None = None


@dataclass(slots=True)
class Reader:
    """Reads shards of one array. Safe to use from several threads at once."""

    source: Source
    region: Region
    kind: int
    """`json_records.RESULTS` or ANNOTATIONS."""
    strict: bool = False
    """Take no record by the compiled reader: for comparing the two."""
    scratch: deque[Columns] = field(default_factory=deque)

    def parse(self, shard: Shard) -> Parsed:
        """Read a shard; nothing is raised for what its text holds, since its beginning may be guessed wrongly."""
        if shard.stop - shard.start > 3 * LARGEST_RECORD:  # no comma for so long
            return Parsed(0, None, None, BROKEN, shard.start, self.too_large(shard.start))
        padded, text = json_text(self.source, shard.start, shard.stop)
        try:
            check_utf8(text)
            columns = self._columns(len(text))
            scan_records(padded, len(text), self.kind, self.strict, self.region.depth, columns)
            parsed = self._taken(text, shard, columns)
            self.scratch.append(columns)
            return parsed
        except Malformed as malformed:
            fault = malformed.at(self.source.name, shard.start)
            return Parsed(0, None, None, BROKEN, shard.start, fault)

    def too_large(self, position: int) -> InputError:
        """The error for the record that begins at `position`."""
        message = f"a record of more than {LARGEST_RECORD >> 20} MB, or a text without its closing quote"
        return InputError(message, where=f"{self.source.name}, byte {position}")

    def _columns(self, size: int) -> Columns:
        """Scratch for `size` bytes, used again where it is large enough."""
        try:
            columns = self.scratch.pop()
        except IndexError:
            return new_columns(max(size, min(self.region.stop - self.region.start, self.region.block_bytes * 5 // 4)))
        return columns if columns.ids.size >= size else new_columns(size)

    def _taken(self, text: memoryview, shard: Shard, columns: Columns) -> Parsed:
        """What a scan left in `columns`, and what the strict reader says to the rest."""
        cursor = columns.cursor
        others = columns.other[: cursor[OTHERS]]
        positions = np.arange(cursor[SEEN])
        if len(others):
            positions = np.delete(positions, others[:, 0])
        assert len(positions) == cursor[ROWS]
        records = scanned_batch(columns, text, self.source.name, positions)
        rows, kept, rejects = self._judge(text, others.tolist())
        if rows:
            records = merged(records, strict_batch(rows, self.source.name, kept))
        fault = self._fault(text, shard, int(cursor[STATUS]), int(cursor[POSITION]))
        at = shard.start + int(cursor[POSITION])
        return Parsed(int(cursor[SEEN]), records, rejects, int(cursor[STATUS]), at, fault)

    def _judge(self, text: memoryview, others: list[list[int]]) -> tuple[list[Record], list[int], pa.Table]:
        """(records taken, their positions, rejects) of the elements that the scan left alone."""
        rule = prediction if self.kind == RESULTS else annotation
        rows, kept, refused = [], [], []
        for position, start, end in others:
            try:
                rows.append(rule(_decoded(text, start, end)))
                kept.append(position)
            except Refused as why:
                refused.append((position, why.code, why.text, capped(str(text[start:end], "utf-8"))))
        names = [self.source.name] * len(refused)
        columns = [list(column) for column in zip(*refused, strict=True)] or [[]] * 4
        return rows, kept, rejects_table(Stage.INGEST, names, *columns)

    def _fault(self, text: memoryview, shard: Shard, status: int, position: int) -> InputError | None:
        """Why the file cannot be read beyond `position` of the shard, if so."""
        if status == DEEP:
            return Malformed(f"brackets nested deeper than {MAX_DEPTH}", position).at(self.source.name, shard.start)
        if status == BROKEN:
            sign = str(text[position : position + 1], "utf-8", "replace")
            message = f"not JSON: {sign!r} where a record, a comma or the end of the list must stand"
            return Malformed(message, position).at(self.source.name, shard.start)
        if shard.last and status in {AT_END, CUT}:
            return _cut_off(text, position).at(self.source.name, shard.start)
        return None


def _decoded(text: memoryview, start: int, end: int) -> Any:
    try:
        return decode(text[start:end])
    except Malformed as malformed:
        raise Malformed(malformed.message, start + malformed.offset, malformed.hint) from malformed


def _cut_off(text: memoryview, position: int) -> Malformed:
    """Why the last shard ends at `position`: it is broken there, or simply ends."""
    try:
        decode(text[position:])
    except Malformed as malformed:
        offset = position + malformed.offset
        if offset < len(text) - len(b"Infinity") and "unterminated" not in malformed.message:
            return Malformed(malformed.message, offset)
    return Malformed("the file is cut off: its list of records has no end", len(text), "was it written to the end?")


def _boundary(source: Source, start: int, stop: int) -> int | None:
    """The first comma from `start` on that seems to stand between two records."""
    for at in range(start, stop, _WINDOW_BYTES):
        window = source.read(at, min(at + 2 * _WINDOW_BYTES, stop))
        found = _BOUNDARY.search(window)
        if found:
            return at + found.end(1)
        comma = window.find(b",")
        if at > start and comma >= 0:
            return at + comma  # no records here, it seems: the list may hold anything
    return None


def shards(source: Source, start: int, stop: int, size: int) -> Iterator[Shard]:
    """Bytes `start` to `stop` in shards of about `size`; the comma between two of them belongs to neither."""
    while stop - start > size * 5 // 4:
        cut = _boundary(source, start + size, stop)
        if cut is None:
            break
        yield Shard(start, cut, last=False)
        start = cut + 1
    yield Shard(start, stop, last=True)


def _after(source: Source, position: int, stop: int) -> int | None:
    """The first byte from `position` on that is not white space."""
    for at in range(position, stop, _WINDOW_BYTES):
        window = source.read(at, min(at + _WINDOW_BYTES, stop))
        rest = window.lstrip(b" \t\r\n")
        if rest:
            return at + len(window) - len(rest)
    return None


def _close(results: Iterator[Parsed]) -> None:
    """Stop what is still under way."""
    if isinstance(results, Generator):
        results.close()


def read_blocks(reader: Reader, run: Run, size: int | None = None) -> Iterator[Block]:
    """The records of the reader's region, block by block, in file order. InputError where the file is no JSON.

    `size` is about how many bytes a block takes; None: as many as suit the region. An empty array gives no block.
    """
    source, (start, stop, _) = reader.source, reader.region
    size = size or reader.region.block_bytes
    rows, last = 0, None
    while last is None or last.status == CUT:
        results = run(reader.parse, shards(source, start, stop, size), label=f"read {source.name}")
        try:
            for last in results:
                if last.fault:
                    raise last.fault
                if last.rows:
                    yield Block(last.rows, shifted(last.records, rows), _moved(last.rejects, rows))
                rows += last.rows
                if last.status != AT_END:
                    break
        finally:
            _close(results)
        assert last is not None, "there is a last shard, whatever the region"
        if last.status == CUT and not last.rows:
            if size > LARGEST_RECORD:
                raise reader.too_large(last.at)
            size *= 2
        start = last.at
    _check_end(source, last.at + 1, stop)


def _check_end(source: Source, position: int, stop: int) -> None:
    """Refuse what follows the end of the array."""
    more = _after(source, position, stop)
    if more is not None:
        message = "not JSON: the list of records has ended, but the text goes on"
        raise InputError(message, where=f"{source.name}, byte {more}")


def _moved(rejects: pa.Table, rows: int) -> pa.Table:
    """Rejects with `rows` added to every `source_row`."""
    if rows == 0 or not len(rejects):
        return rejects
    at = rejects.schema.get_field_index("source_row")
    moved = pa.array(rejects.column(at).to_numpy() + rows)
    return rejects.set_column(at, rejects.schema.field(at), moved)
