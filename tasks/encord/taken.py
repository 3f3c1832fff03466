"""What came of the label rows of a stretch of a file: records, answers and rejects, numbered as they came."""

import json
from typing import Any

import pyarrow as pa

from schemas.records import Block
from schemas.rejects import Stage
from schemas.tables import ANSWER_RECORDS
from tasks.columns import completed
from tasks.encord.answers import Answer
from tasks.encord.record_columns import Identity, RecordColumns
from tasks.encord.shapes import Geometry
from tasks.refusals import Refused
from tasks.rejects import capped, rejects_table

LARGEST_BLOCK = 50_000
LARGEST_BLOCK_BYTES = 64 << 20
"""Of masks: everything else is small beside its text."""


class Taken:
    """Rows in = records + answers + rejects; a row is one object on one frame, or one answer."""

    def __init__(self, file: str) -> None:
        """Nothing yet of `file`."""
        self.file, self.rows = file, 0
        self._done: list[Block] = []
        self._start()

    def _start(self) -> None:
        self._first = self.rows
        self._records = RecordColumns(self.file)
        self._answers: list[tuple[int, Answer]] = []
        self._refused: list[tuple[int, str, str, str]] = []

    def record(self, where: tuple[str, int], category: str, track: str | None, score: float | None,
               geometry: Geometry) -> None:  # fmt: skip
        """Take an object, on (unit, frame)."""
        self._records.add(Identity(self.rows, *where, category, track, score), geometry)
        self._count()

    def answer(self, answer: Answer) -> None:
        """Take an answer."""
        self._answers.append((self.rows, answer))
        self._count()

    def refuse(self, record: Any, why: Refused) -> None:
        """Write down why `record`, of the row's values, is not taken."""
        self.refuse_text(json.dumps(record), why)

    def refuse_text(self, text: str, why: Refused) -> None:
        """Write down why what stands in the file as `text` is not taken."""
        self._refused.append((self.rows, why.code, why.text, capped(text)))
        self._count()

    def _count(self) -> None:
        self.rows += 1
        if self.rows - self._first >= LARGEST_BLOCK or self._records.mask_bytes >= LARGEST_BLOCK_BYTES:
            self._close()

    def _close(self) -> None:
        if self.rows > self._first:
            refused = [list(column) for column in zip(*self._refused, strict=True)] or [[]] * 4
            rejects = rejects_table(Stage.INGEST, [self.file] * len(self._refused), *refused)
            records = self._records.batch()
            self._done.append(Block(self.rows - self._first, records, rejects, self._answer_batch()))
        self._start()

    def _answer_batch(self) -> pa.RecordBatch:
        count = len(self._answers)
        columns: dict[str, Any] = {"source_file": [self.file] * count, "source_row": [row for row, _ in self._answers]}
        columns |= dict(zip(Answer._fields, zip(*(answer for _, answer in self._answers), strict=True), strict=False))
        if not count:
            return pa.RecordBatch.from_pylist([], schema=ANSWER_RECORDS.schema)
        return completed(columns, ANSWER_RECORDS.schema, count).combine_chunks().to_batches()[0]

    def blocks(self) -> list[Block]:
        """All that was taken and refused, in blocks; none where there was nothing."""
        self._close()
        return self._done
