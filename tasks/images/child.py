"""What the confined process does with images: decodes one after the other, and answers with their numbers.

A message is a count, for each image its bytes' length and its unit's size, then the bytes of all; an answer a row an
image. See `tasks.confined`.
"""

import struct
from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import IO, Any, NamedTuple

import pyarrow as pa
from PIL import Image

from tasks.images.decode import FORMATS, decode
from tasks.images.faults import FaultyImageError
from tasks.quality.metric import Picture
from tasks.quality.metrics import QUALITY_METRICS

METRICS = [metric for metric in QUALITY_METRICS if metric.of_pixels is not None]
NUMBERS = tuple(field.name for metric in METRICS for field in metric.fields)
"""Columns that come of pixels."""
ANSWER = pa.schema([("fault", pa.string()), ("text", pa.string()), *((name, pa.float64()) for name in NUMBERS)])
COUNT, HEAD = struct.Struct("<I"), struct.Struct("<QII")
_LONGEST_TEXT = 200


class Asked(NamedTuple):
    """An image to be measured."""

    data: bytes
    width_px: int
    """Of its data unit; 0: not known."""
    height_px: int


def message(images: Sequence[Asked]) -> bytes:
    """Images as the process reads them."""
    heads = [HEAD.pack(len(image.data), image.width_px, image.height_px) for image in images]
    return b"".join([COUNT.pack(len(images)), *heads, *(image.data for image in images)])


def prepare() -> None:
    """Have Pillow and the kernels load what they load late, while files can still be opened."""
    for name in FORMATS:
        made = BytesIO()
        Image.new("RGB", (8, 8), "red").save(made, name)
        assert _row(Asked(made.getvalue(), 8, 8))["fault"] is None
    list(_answers([_row(Asked(b"", 8, 8))]))


def serve(requests: IO[bytes], answers: IO[bytes]) -> None:
    """Answer each message, until there are no more."""
    with pa.ipc.new_stream(answers, ANSWER) as stream:
        while head := requests.read(COUNT.size):
            heads = [HEAD.unpack(requests.read(HEAD.size)) for _ in range(COUNT.unpack(head)[0])]
            rows = [_row(Asked(requests.read(length), width, height)) for length, width, height in heads]
            for batch in _answers(rows):
                stream.write_batch(batch)
            answers.flush()


def _row(asked: Asked) -> dict[str, Any]:
    try:
        picture = Picture(decode(*asked))
    except FaultyImageError as why:
        return {"fault": str(why.code), "text": why.text[:_LONGEST_TEXT]}
    numbers: dict[str, Any] = {"fault": None}
    for metric in METRICS:
        assert metric.of_pixels is not None
        numbers |= metric.of_pixels(picture)
    return numbers


def _answers(rows: Sequence[dict[str, Any]]) -> Iterator[pa.RecordBatch]:
    yield pa.RecordBatch.from_arrays(
        [pa.array([row.get(f.name) for row in rows], f.type) for f in ANSWER], schema=ANSWER
    )
