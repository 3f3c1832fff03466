"""Numbers of many images: read here, decoded and measured in confined processes, one beside the other.

A file that ends its process takes nobody with it: the others of its message are asked for again, one by one.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from schemas.errors import InputError
from tasks.confined import Confined
from tasks.confined.limits import Limits
from tasks.images.child import ANSWER, Asked, message
from tasks.images.faults import ImageFault
from tasks.images.places import Place
from tasks.masks.png import LARGEST_FILE
from tasks.storage import FileSource

MEMORY_BYTES = 3 << 29
"""Of the largest image there may be: 4 bytes a pixel in Pillow, twice, and 3 as an array."""
_START_SECONDS, _SECONDS_AN_IMAGE = 120, 20
_ANSWER_SECONDS = 300.0
_CHILD = "tasks.images.child"
_MESSAGE_IMAGES, _MESSAGE_BYTES = 16, 8 << 20
_WITHOUT = {ImageFault.NO_FILE: "no file is called so", ImageFault.SEVERAL_FILES: "several files are called so"}


class ImageFile(NamedTuple):
    """The file that should be the image of a data unit of this size, or why there is none."""

    place: Place
    width_px: int
    height_px: int


def measure_images(files: Sequence[ImageFile]) -> pa.Table:
    """The columns of ANSWER, a row a file: its numbers, or code and text of its fault. No files: no rows.

    Memory is bounded by a message and the largest image; a file is decoded once, for all metrics.
    """
    answers: list[pa.RecordBatch] = []
    with _Decoder(len(files)) as decoder:
        for part in _parts(files):
            answers += decoder.ask(part)
    return pa.Table.from_batches(answers, schema=ANSWER).combine_chunks()


def _parts(files: Sequence[ImageFile]) -> Iterator[list[Asked | pa.RecordBatch]]:
    """Images that go into one message, in the order of the files; a row in the place of what cannot be read."""
    part: list[Asked | pa.RecordBatch] = []
    held = 0
    for file in files:
        read = _read(file)
        part.append(read)
        held += len(read.data) if isinstance(read, Asked) else 0
        if len(part) >= _MESSAGE_IMAGES or held >= _MESSAGE_BYTES:
            yield part
            part, held = [], 0
    if part:
        yield part


def _read(file: ImageFile) -> Asked | pa.RecordBatch:
    path, fault = file.place
    if path is None:
        return _refused(fault or ImageFault.NO_FILE, _WITHOUT[fault or ImageFault.NO_FILE])
    try:
        source = FileSource(Path(path), hold=False)
        if source.size > LARGEST_FILE:
            return _refused(ImageFault.TOO_LARGE, f"a file of {source.size} bytes; allowed are {LARGEST_FILE}")
        return Asked(source.read(), file.width_px, file.height_px)
    except InputError as error:
        return _refused(ImageFault.UNREADABLE, error.message)


def _refused(code: ImageFault, text: str) -> pa.RecordBatch:
    row = {"fault": str(code), "text": text}
    return pa.RecordBatch.from_arrays([pa.array([row.get(f.name)], f.type) for f in ANSWER], schema=ANSWER)


class _Decoder:
    """A confined process, and another in its place where one has ended. A context manager."""

    def __init__(self, n_images: int) -> None:
        self._limits = Limits(MEMORY_BYTES, _START_SECONDS + _SECONDS_AN_IMAGE * n_images, _ANSWER_SECONDS)
        self._stack = ExitStack()
        self._process: Confined | None = None

    def __enter__(self) -> "_Decoder":
        return self

    def __exit__(self, *error: object) -> None:
        self._end()

    def ask(self, part: Sequence[Asked | pa.RecordBatch]) -> list[pa.RecordBatch]:
        """A row for each of a part, in its order."""
        rows = iter(self._rows([each for each in part if isinstance(each, Asked)]))
        return [next(rows) if isinstance(each, Asked) else each for each in part]

    def _rows(self, images: Sequence[Asked]) -> list[pa.RecordBatch]:
        try:
            answer = self._answer(images) if images else None
        except InputError:  # one of them ended the process, and only alone it can say which
            return [self._alone(image) for image in images]
        return [] if answer is None else [answer.slice(k, 1) for k in range(len(images))]

    def _answer(self, images: Sequence[Asked]) -> pa.RecordBatch:
        """InputError where the process ended; the next message then goes to another."""
        try:
            if self._process is None:
                self._process = self._stack.enter_context(Confined(_CHILD, self._limits, "images"))
            return self._process.ask(message(images))
        except InputError:
            self._end()
            raise

    def _alone(self, image: Asked) -> pa.RecordBatch:
        try:
            return self._answer([image])
        except InputError as error:
            return _refused(ImageFault.BROKEN, error.message)

    def _end(self) -> None:
        self._process = None
        self._stack.close()
