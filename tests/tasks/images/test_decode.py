"""Decoded pixels are Pillow's; what is no sound image of its unit's size is refused before it is unpacked."""

from contextlib import suppress
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tasks.images import decode as module
from tasks.images.decode import decode
from tasks.images.faults import FaultyImageError, ImageFault
from tests.tasks.images.pictures import bomb, encoded, photo


def fault(data: bytes, width_px: int = 64, height_px: int = 48) -> tuple[ImageFault, str]:
    """Why an image is refused."""
    with pytest.raises(FaultyImageError) as caught:
        decode(data, width_px, height_px)
    return caught.value.code, caught.value.text


@pytest.mark.parametrize("size", [(64, 48), (63, 47), (1, 1), (17, 300)])
@pytest.mark.parametrize("options", [{"subsampling": k} for k in range(3)] + [{"progressive": True}, {"quality": 10}])
def test_jpeg_files_have_the_pixels_that_pillow_makes_of_them(size: tuple[int, int], options: dict[str, Any]):
    """Whatever decoder unpacks them, at any subsampling, quality and size."""
    data = encoded(photo(1, *size), "JPEG", **options)
    assert np.array_equal(decode(data, *size), pillow(data))


def pillow(data: bytes) -> np.ndarray:
    """What the definition's own way gives."""
    return np.asarray(Image.open(BytesIO(data)).convert("RGB"))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_other_kinds_of_pixels_become_red_green_and_blue(mode: str):
    """Grey, palettes and transparency, as Pillow converts them; JPEG also in grey and in CMYK."""
    image = Image.fromarray(photo(2)).convert(mode)
    assert np.array_equal(decode(encoded(image), 64, 48), pillow(encoded(image)))
    for kind in ("L", "CMYK"):
        data = encoded(Image.fromarray(photo(2)).convert(kind), "JPEG")
        assert np.array_equal(decode(data, 64, 48), pillow(data))


@pytest.mark.parametrize("kind", ["WEBP", "BMP", "TIFF"])
def test_other_formats_are_read(kind: str):
    """By Pillow."""
    data = encoded(photo(3), kind)
    assert np.array_equal(decode(data, 64, 48), pillow(data))


def test_without_the_extra_pillow_reads_jpeg(monkeypatch: pytest.MonkeyPatch):
    """The pixels are the same."""
    data = encoded(photo(4), "JPEG")
    with_it = decode(data, 64, 48)
    monkeypatch.setattr(module, "decode_jpeg", None)
    assert np.array_equal(decode(data, 64, 48), with_it)


def test_a_size_that_is_not_the_units_is_refused():
    """Unless it is unknown, or the image lies on its side and Exif says so."""
    data = encoded(photo(5))
    assert fault(data, 48, 64) == (ImageFault.OTHER_SIZE, "64 x 48 pixels; the data unit has 48 x 64")
    assert decode(data, 0, 0).shape == (48, 64, 3)
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = encoded(photo(5), "JPEG", exif=exif)
    assert decode(turned, 48, 64).shape == (48, 64, 3)
    assert fault(turned, 48, 65)[0] is ImageFault.OTHER_SIZE


def test_a_bomb_is_refused_by_its_header():
    """90 kB that hold 90 megapixels."""
    data = bomb()
    assert len(data) < 200_000
    assert fault(data, 0, 0) == (ImageFault.TOO_LARGE, "9500 x 9500 pixels; allowed are 89478485 in all")


@pytest.mark.parametrize("data", [b"", b"hello", b"GIF89a" + bytes(40), b"<svg/>"])
def test_what_begins_as_no_image_is_none(data: bytes):
    """Text, nothing, and formats that are not read."""
    assert fault(data)[0] is ImageFault.NO_IMAGE


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "BMP", "TIFF", "WEBP"])
def test_a_file_that_is_cut_off_is_broken(kind: str):
    """Half of it is not measured as if the rest were grey."""
    data = encoded(photo(6, 200, 160), kind)
    assert fault(data[: len(data) // 2], 200, 160)[0] in {ImageFault.BROKEN, ImageFault.NO_IMAGE}


def test_damage_anywhere_is_a_fault_or_an_image():
    """Whatever byte is another: pixels of the size that was asked for, or a reason; never another error."""
    rng = np.random.default_rng(8)
    for kind in ("PNG", "JPEG", "WEBP"):
        data = bytearray(encoded(photo(7), kind))
        for place in rng.integers(0, len(data), 60).tolist():
            broken = bytearray(data)
            broken[place] = int(rng.integers(256))
            with suppress(FaultyImageError):
                assert decode(bytes(broken), 64, 48).shape == (48, 64, 3)


def test_sixteen_bits_a_channel_are_not_read():
    """Nobody says what their brightness is."""
    assert fault(encoded(np.full((48, 64), 40_000, np.uint16)))[0] is ImageFault.UNSUPPORTED
