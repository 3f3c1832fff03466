"""Reading COCO text from memory, by the compiled reader and by the rules alone, for tests that compare the two."""

import json
from collections.abc import Iterator
from typing import Any

from schemas.errors import InputError
from schemas.records import Block
from tasks.coco.blocks import Reader, Region, read_blocks
from tasks.kernels.json_records import ANNOTATIONS, RESULTS
from tasks.running import serial


class Text:
    """A file that is in memory only; implements `schemas.records.Source`."""

    def __init__(self, content: bytes | str, name: str = "file.json") -> None:
        """Text is encoded as UTF-8."""
        self.content = content.encode() if isinstance(content, str) else content
        self.name = name

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.content)

    def read(self, start: int = 0, stop: int | None = None) -> bytes:
        """Bytes `start` to `stop`."""
        return self.content[start:stop]

    def read_into(self, buffer: memoryview, start: int) -> None:
        """The bytes from `start` on."""
        buffer[:] = self.read(start, start + len(buffer))


def blocks(array: bytes, results: bool, strict: bool = False, size: int = 1 << 22) -> Iterator[Block]:
    """The blocks of a JSON array, brackets included, read in blocks of about `size` bytes."""
    region = Region(1, len(array), 1 if results else 2)
    return read_blocks(Reader(Text(array), region, RESULTS if results else ANNOTATIONS, strict), serial, size)


Rows = list[dict[str, Any]]


def outcome(array: bytes, results: bool, strict: bool = False, size: int = 1 << 22) -> tuple[Rows, Rows] | str:
    """(records, rejects) of a JSON array, or what is said where it is refused."""
    records: Rows = []
    rejects: Rows = []
    try:
        for block in blocks(array, results, strict, size):
            assert block.rows == len(block.records) + len(block.rejects)
            records += block.records.to_pylist()
            rejects += block.rejects.to_pylist()
    except InputError as refused:
        return str(refused)
    return records, rejects


GROUND_TRUTH = {
    "images": [{"id": 2, "file_name": "b.jpg", "width": 640, "height": 480},
               {"id": 1, "file_name": "a.jpg", "width": 480, "height": 640}],
    "categories": [{"id": 10, "name": "dog"}, {"id": 9, "name": "cat", "supercategory": "animal"}],
    "annotations": [{"id": 0, "image_id": 1, "category_id": 9, "bbox": [1, 2, 3, 4]}],
}  # fmt: skip


def with_part(**parts: Any) -> Text:
    """GROUND_TRUTH with some of its parts replaced, or left out where None."""
    content = {name: value for name, value in (GROUND_TRUTH | parts).items() if value is not None}
    return Text(json.dumps(content))
