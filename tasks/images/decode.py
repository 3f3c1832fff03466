"""Bytes of an image file as pixels; its header is looked at before anything is unpacked. Only for confined processes.

Pixels are those that Pillow makes of the file. Where simplejpeg is installed it unpacks JPEG files: the same library
below, the same pixels, in a third of the time.
"""

from io import BytesIO

import numpy as np
from PIL import Image, UnidentifiedImageError

from tasks.images.faults import FaultyImageError, ImageFault
from tasks.kernels.arrays import UInt8
from tasks.masks.png import MOST_PIXELS

try:
    from simplejpeg import decode_jpeg
except ImportError:  # the extra `images` is not installed
    decode_jpeg = None

Image.MAX_IMAGE_PIXELS = None  # the header is checked here, against the unit's size too
FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF")
_EIGHT_BITS = frozenset({"1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBX", "RGBa", "La", "CMYK", "YCbCr"})
"""Pillow's words for pixels of at most 8 bits a channel."""
_ORIENTATION, _ON_ITS_SIDE = 0x0112, (5, 6, 7, 8)
"""Exif tag, and those values of it with which an image is shown turned by a quarter."""


def decode(data: bytes, width_px: int, height_px: int) -> UInt8:
    """u8[H, W, 3], RGB, as stored in the file (an Exif orientation turns nothing; no number here depends on it).

    FaultyImageError where the bytes are none of FORMATS, damaged, of more pixels than MOST_PIXELS, of more than 8 bits
    a channel, or of another size than the unit's; a size of 0 is not known.
    """
    try:
        with Image.open(BytesIO(data), formats=FORMATS) as image:
            _check(image, width_px, height_px)
            return _pixels(image, data)
    except UnidentifiedImageError:
        begins = f"begins with {data[:8]!r}" if data else "is empty"
        raise FaultyImageError(ImageFault.NO_IMAGE, f"the file {begins}; {', '.join(FORMATS)} are read") from None
    except FaultyImageError:
        raise
    except Exception as error:  # whatever a decoder raises on damaged bytes
        raise FaultyImageError(ImageFault.BROKEN, f"{type(error).__name__}: {error}") from error


def _check(image: Image.Image, width_px: int, height_px: int) -> None:
    size, known = image.size, (width_px, height_px)
    said = f"{size[0]} x {size[1]} pixels"
    if min(size) < 1 or size[0] * size[1] > MOST_PIXELS:
        raise FaultyImageError(ImageFault.TOO_LARGE, f"{said}; allowed are {MOST_PIXELS} in all")
    if 0 not in known and size != known and not (size == known[::-1] and _on_its_side(image)):
        raise FaultyImageError(ImageFault.OTHER_SIZE, f"{said}; the data unit has {width_px} x {height_px}")
    if image.mode not in _EIGHT_BITS:
        raise FaultyImageError(ImageFault.UNSUPPORTED, f"pixels of the kind {image.mode}; of 8 bits a channel are read")


def _on_its_side(image: Image.Image) -> bool:
    return image.getexif().get(_ORIENTATION) in _ON_ITS_SIDE


def _pixels(image: Image.Image, data: bytes) -> UInt8:
    if decode_jpeg is not None and image.format in {"JPEG", "MPO"} and image.mode in {"RGB", "L"}:
        try:
            return decode_jpeg(data, colorspace="RGB")
        except ValueError:
            pass  # strict with what Pillow may still read: it decides
    return np.asarray(image.convert("RGB"))
