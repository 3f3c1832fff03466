"""A segmentation bitmap: an 8-bit PNG in base64 becomes a mask per class, which together cover every pixel once."""

import base64
import binascii
from typing import Any, NamedTuple

import numpy as np

from schemas.rejects import Reason
from tasks.kernels.arrays import UInt8
from tasks.kernels.components import Regions, values
from tasks.masks.png import Size, grey_pixels
from tasks.masks.rows import mask_column
from tasks.openlabel.classes import Classes
from tasks.refusals import Refused, found

_EVERY_VALUE = -1
"""Background of `values`: none of the pixels is left out."""


class ClassMask(NamedTuple):
    """The pixels of one class."""

    name: str
    mask: dict[str, Any]
    """height, width and COCO's run lengths, as the column `mask` has it."""


def class_masks(entry: dict[str, Any], levels: dict[int, str], classes: Classes, size: Size) -> list[ClassMask]:
    """The classes on a bitmap of `size`, as the project calls them, in the order of their names.

    Refused where it is no PNG of that size, or has a grey level without a class: a bitmap is taken whole or not.
    """
    grey = _grey(entry, size)
    there = np.flatnonzero(np.bincount(grey.ravel(), minlength=256)).tolist()
    strange = [level for level in there if level not in levels]
    if strange:
        known = ", ".join(map(str, sorted(levels))) or "none"
        raise Refused(Reason.UNKNOWN_CATEGORY, f"grey level {strange[0]} is not in the ontology, which has {known}")
    words = [classes.word(levels[level]) for level in there]
    names = sorted(set(words))
    label = np.zeros(256, np.uint8)
    label[there] = [names.index(word) for word in words]
    masks = mask_column([_regions(label[grey])], [size]).to_pylist()
    return [ClassMask(*pair) for pair in zip(names, masks, strict=True)]


def _grey(entry: dict[str, Any], size: Size) -> UInt8:
    """Pixels u8[height, width, 1]."""
    try:
        return grey_pixels(_decoded(entry), size)
    except Refused as why:
        if why.code != Reason.BROKEN_FILE:
            raise
        raise Refused(Reason.INVALID_MASK, why.text) from why  # the file that holds the PNG is sound


def _regions(labels: UInt8) -> Regions:
    try:
        return values(labels, _EVERY_VALUE)
    except ValueError as error:
        raise Refused(Reason.INVALID_MASK, str(error)) from error


def _decoded(entry: dict[str, Any]) -> bytes:
    """The bytes in `val`."""
    for name, allowed in (("mime_type", "image/png"), ("encoding", "base64")):
        if entry.get(name, allowed) != allowed:
            raise Refused(Reason.UNSUPPORTED, f"{name} is {entry[name]!r}, allowed is {allowed!r}")
    text = entry.get("val")
    if not isinstance(text, str):
        raise Refused(Reason.WRONG_TYPE, f"val is {found(text)}, allowed is the text of a PNG in base64")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refused(Reason.INVALID_MASK, f"val is not base64: {error}") from error
