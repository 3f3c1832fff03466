"""PNG files as arrays of pixels, looked at before anything is unpacked: a small file may claim to be huge.

Layout of the header: PNG specification, third edition, 5.2 (signature) and 11.2.1 (IHDR).
"""

import struct
import zlib
from io import BytesIO
from typing import NamedTuple

import numpy as np

from schemas.records import Source
from schemas.rejects import Reason
from tasks.kernels.arrays import UInt8
from tasks.kernels.rle import MAX_SIDE_PX
from tasks.refusals import Refused

SIGNATURE = b"\x89PNG\r\n\x1a\n"
HEADER_BYTES = 26
"""Signature, length and name of the first chunk, width, height, bit depth, colour type."""
MOST_PIXELS = 89_478_485
"""Pillow's own limit, beyond which it warns of a decompression bomb."""
LARGEST_FILE = 1 << 28
"""Bytes of the largest file taken: more than that many pixels of three bytes, not compressed."""
_GREY, _RGB = 0, 2
_COLOURS = {_GREY: "grey", _RGB: "RGB", 3: "a palette", 4: "grey with alpha", 6: "RGB with alpha"}

Size = tuple[int, int]
"""Width and height, px."""


class Header(NamedTuple):
    """What a PNG says of itself."""

    width: int
    height: int
    bits: int
    colour: int


def read_file(source: Source) -> bytes:
    """The bytes of an image file. Refused where it is larger than any label image."""
    if source.size > LARGEST_FILE:
        raise Refused(Reason.INVALID_MASK, f"a file of {source.size} bytes; allowed are {LARGEST_FILE}")
    return source.read()


def header(data: bytes) -> Header:
    """The header of a PNG, from its first HEADER_BYTES. Refused where it is none."""
    if not data.startswith(SIGNATURE):
        begins = f"begins with {data[:8]!r}" if data else "is empty"
        raise Refused(Reason.BROKEN_FILE, f"no PNG: the file {begins}")
    if len(data) < HEADER_BYTES or data[12:16] != b"IHDR":
        raise Refused(Reason.BROKEN_FILE, "no PNG: the file has no header")
    return Header(*struct.unpack(">IIBB", data[16:HEADER_BYTES]))


def grey_pixels(data: bytes, size: Size | None) -> UInt8:
    """Pixels u8[height, width, 1] of an 8-bit grey PNG. Refused where it is none, damaged, or not of `size`.

    Without `size` any up to MOST_PIXELS is taken. What is refused for its header is not unpacked.
    """
    return _pixels(data, size, _GREY)


def rgb_pixels(data: bytes, size: Size | None) -> UInt8:
    """Pixels u8[height, width, 3] of an RGB PNG of 8 bits a channel; otherwise as `grey_pixels`."""
    return _pixels(data, size, _RGB)


def check_size(found: Header, size: Size | None) -> None:
    """Refused unless the image has the size of its data unit, where that is known, and one that a mask can have."""
    said = f"an image of {found.width} x {found.height} pixels"
    if size is not None and (found.width, found.height) != size:
        raise Refused(Reason.MASK_SIZE_MISMATCH, f"{said}; the unit has {size[0]} x {size[1]}")
    if min(found.width, found.height) < 1 or max(found.width, found.height) > MAX_SIDE_PX:
        raise Refused(Reason.INVALID_MASK, f"{said}; a side is 1 to {MAX_SIDE_PX}")
    if found.width * found.height > MOST_PIXELS:
        raise Refused(Reason.INVALID_MASK, f"{said}; allowed are {MOST_PIXELS} in all")


def _pixels(data: bytes, size: Size | None, colour: int) -> UInt8:
    found = header(data)
    check_size(found, size)
    if (found.bits, found.colour) != (8, colour):
        given = _COLOURS.get(found.colour, f"colour type {found.colour}")
        raise Refused(Reason.UNSUPPORTED, f"{found.bits}-bit, {given}; expected is 8-bit, {_COLOURS[colour]}")
    return np.frombuffer(_unpacked(data), np.uint8).reshape(found.height, found.width, -1)


def _unpacked(data: bytes) -> bytes:
    from PIL import Image  # only here: commands that read no image do not pay for it

    try:
        with Image.open(BytesIO(data), formats=["PNG"]) as image:
            return image.tobytes()
    except (OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error) as error:
        raise Refused(Reason.BROKEN_FILE, f"a damaged PNG: {error}") from error
