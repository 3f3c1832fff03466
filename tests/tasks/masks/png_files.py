"""PNG files written byte by byte, sound and broken, so that a test says what is in them."""

import struct
import zlib
from collections.abc import Iterable

import numpy as np

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GREY, RGB, PALETTE, GREY_ALPHA, RGB_ALPHA = 0, 2, 3, 4, 6


def chunk(name: bytes, content: bytes) -> bytes:
    """A chunk with its length and checksum."""
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png(width: int, height: int, lines: Iterable[bytes], colour: int = GREY, bits: int = 8) -> bytes:
    """A PNG of these lines of pixels, none of them filtered."""
    packed = zlib.compress(b"".join(b"\0" + line for line in lines), 9)
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    palette = chunk(b"PLTE", bytes(range(48))) if colour == PALETTE else b""
    return SIGNATURE + chunk(b"IHDR", header) + palette + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def grey_png(image: np.ndarray) -> bytes:
    """An 8-bit grey PNG of an image u8[height, width]."""
    return png(image.shape[1], image.shape[0], (line.tobytes() for line in image.astype(np.uint8)))


def rgb_png(ids: np.ndarray) -> bytes:
    """An RGB PNG whose pixels are red + 256 green + 65536 blue."""
    channels = np.stack([ids & 255, ids >> 8 & 255, ids >> 16 & 255], axis=2).astype(np.uint8)
    return png(ids.shape[1], ids.shape[0], (line.tobytes() for line in channels), RGB)


def bomb(side: int) -> bytes:
    """A grey PNG of side x side pixels, all 0, a thousandth as large as it unpacks to."""
    return png(side, side, [bytes(side)] * side)
