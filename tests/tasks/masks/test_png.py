"""PNG files as pixels: what is taken, what is refused, and that broken bytes are refused and nothing else."""

from collections.abc import Callable
from contextlib import suppress

import numpy as np
import pytest

from schemas.rejects import Reason
from tasks.masks import png as module
from tasks.masks.png import MOST_PIXELS, check_size, grey_pixels, header, read_file, rgb_pixels
from tasks.refusals import Refused
from tests.coco_text import Text
from tests.tasks.masks import png_files
from tests.tasks.masks.png_files import bomb, grey_png, png, rgb_png

IMAGE = np.arange(35, dtype=np.uint8).reshape(5, 7)


def refused(data: bytes, size: tuple[int, int] | None = None) -> Refused:
    """Why a file is not taken."""
    with pytest.raises(Refused) as why:
        grey_pixels(data, size)
    return why.value


def test_grey_pixels_are_those_of_the_file() -> None:
    """In rows, one byte each, whether the size is known or not."""
    for size in (None, (7, 5)):
        pixels = grey_pixels(grey_png(IMAGE), size)
        assert pixels.dtype == np.uint8
        assert (pixels == IMAGE[:, :, None]).all()


def test_rgb_pixels_are_three_bytes() -> None:
    """Red first."""
    ids = np.array([[1, 2 + 256 * 3, 256 * 256 * 255], [0, 7, 8]])
    pixels = rgb_pixels(rgb_png(ids), (3, 2))
    assert (pixels @ np.array([1, 256, 65536]) == ids).all()


def test_the_header_is_read_from_the_first_bytes() -> None:
    """Sides, bits and colour type."""
    assert header(grey_png(IMAGE)[: module.HEADER_BYTES]) == (7, 5, 8, 0)


@pytest.mark.parametrize(
    ("colour", "bits", "line", "said"),
    [
        (png_files.GREY, 16, 14, "16-bit, grey"),
        (png_files.GREY, 1, 1, "1-bit, grey"),
        (png_files.PALETTE, 8, 7, "8-bit, a palette"),
        (png_files.RGB, 8, 21, "8-bit, RGB"),
        (png_files.GREY_ALPHA, 8, 14, "8-bit, grey with alpha"),
        (png_files.RGB_ALPHA, 8, 28, "8-bit, RGB with alpha"),
    ],
)
def test_pixels_of_another_kind_are_refused(colour: int, bits: int, line: int, said: str) -> None:
    """Sound PNG files all of them; the text says what they hold and what is expected."""
    why = refused(png(7, 5, [bytes(line)] * 5, colour, bits))
    assert (why.code, why.text) == (Reason.UNSUPPORTED, f"{said}; expected is 8-bit, grey")


def test_grey_is_refused_where_rgb_is_expected() -> None:
    """A mask of classes is no image of ids."""
    with pytest.raises(Refused, match="expected is 8-bit, RGB"):
        rgb_pixels(grey_png(IMAGE), None)


@pytest.mark.parametrize("data", [b"", b"II*\0\x08\0\0\0", b"MM\0*", b"GIF89a", b"\xff\xd8\xff\xe0", b"hello"])
def test_a_file_of_another_format_is_refused(data: bytes) -> None:
    """Whatever its name is: the bytes decide."""
    assert refused(data).code == Reason.BROKEN_FILE


def test_an_image_of_another_size_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The header is enough: a bomb of a known unit is never opened."""
    monkeypatch.setattr(module, "_unpacked", lambda data: pytest.fail("was unpacked"))
    why = refused(bomb(3000), (640, 480))
    assert (why.code, why.text) == (
        Reason.MASK_SIZE_MISMATCH,
        "an image of 3000 x 3000 pixels; the unit has 640 x 480",
    )


def test_a_bomb_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where nobody knows the unit's size."""
    monkeypatch.setattr(module, "_unpacked", lambda data: pytest.fail("was unpacked"))
    assert refused(bomb(9460)).code == Reason.INVALID_MASK
    assert MOST_PIXELS < 9460 * 9460


@pytest.mark.parametrize(("width", "height"), [(0, 5), (5, 0), (65_537, 1), (1, 2**31)])
def test_sides_that_no_mask_has_are_refused(width: int, height: int) -> None:
    """None and too many, as run lengths have it."""
    with pytest.raises(Refused) as why:
        check_size(module.Header(width, height, 8, 0), None)
    assert why.value.code == Reason.INVALID_MASK


def test_a_huge_file_is_not_read() -> None:
    """Its size is looked at first."""

    class Huge(Text):
        size = module.LARGEST_FILE + 1

        def read(self, start: int = 0, stop: int | None = None) -> bytes:
            pytest.fail("was read")

    with pytest.raises(Refused) as why:
        read_file(Huge(b""))
    assert why.value.code == Reason.INVALID_MASK


def _cut(data: bytes, rng: np.random.Generator) -> bytes:
    return data[: rng.integers(8, len(data) - 16)]


def _flipped(data: bytes, rng: np.random.Generator) -> bytes:
    broken = bytearray(data)
    for place in rng.integers(8, len(data), 3):
        broken[place] ^= 1 << rng.integers(8)
    return bytes(broken)


def _stuffed(data: bytes, rng: np.random.Generator) -> bytes:
    place = rng.integers(8, len(data))
    return data[:place] + rng.bytes(20) + data[place:]


@pytest.mark.parametrize("breaking", [_cut, _flipped, _stuffed])
def test_broken_bytes_are_refused_or_read_and_nothing_else(
    breaking: Callable[[bytes, np.random.Generator], bytes],
) -> None:
    """No other error leaves the reader, and what is read has the size that was asked for."""
    rng, sound, taken = np.random.default_rng(0), grey_png(IMAGE), 0
    for _ in range(300):
        with suppress(Refused):
            taken += grey_pixels(breaking(sound, rng), (7, 5)).shape == (5, 7, 1)
    assert taken < 100


def test_a_bomb_of_text_is_refused() -> None:
    """A chunk of packed text may be as large unpacked as an image."""
    packed = png_files.chunk(b"zTXt", b"note\0\0" + png_files.zlib.compress(bytes(100_000_000), 9))
    data = grey_png(IMAGE)
    why = refused(data[:33] + packed + data[33:])
    assert why.code == Reason.BROKEN_FILE
