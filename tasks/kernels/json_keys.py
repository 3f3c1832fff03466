"""The keys of COCO's records."""

import numpy as np

from tasks.kernels.compile import kernel
from tasks.kernels.json_bytes import Text, byte, word
from tasks.kernels.json_skip import COLON, NOT_CLEAN, QUOTE, Numbers, new_key, plain_string, space

UNIT, CATEGORY, ID, SCORE, BOX, AREA, CROWD, IGNORE, NUM_KEYPOINTS, KEYPOINTS, SEGMENTATION, GROUP, OTHER = range(13)
"""Bit k of a row's bits says that the record gives key k, and not as null or []."""
IS_CROWD, IS_IGNORED, IS_GROUP, IS_MASK = 13, 14, 15, 16
"""Further bits: the values of CROWD, IGNORE and GROUP, and whether SEGMENTATION is a mask."""

GEOMETRY = 1 << BOX | 1 << KEYPOINTS | 1 << SEGMENTATION

_LENGTHS = np.array([8, 11, 2, 5, 4, 4, 7, 6, 13, 9, 12, 11], dtype=np.int64)


def _word(text: bytes) -> np.uint64:
    return np.uint64(int.from_bytes(text, "little"))


_IMAGE_ID, _CATEGORY, _ID_AFTER, _ID = (_word(text) for text in (b"image_id", b"category", b'_id"', b'id"'))
_SCORE, _BBOX, _AREA, _ISCROWD, _IGNORE = (_word(t) for t in (b'score"', b'bbox"', b'area"', b'iscrowd"', b'ignore"'))
_SEGMENTA, _TION, _KEYPOINT, _S = (_word(text) for text in (b"segmenta", b'tion"', b"keypoint", b's"'))
_NUM_KEYP, _OINTS = _word(b"num_keyp"), _word(b'oints"')
_IS_GROUP, _OF = _word(b"is_group"), _word(b'_of"')
_TWO, _THREE, _FOUR, _FIVE, _SIX, _SEVEN = (np.uint64((1 << 8 * count) - 1) for count in range(2, 8))


@kernel
def _known_key(text: Text, position: int) -> int:
    """Which key begins at `position`; OTHER for those that mean nothing here."""
    first = word(text, position)
    if first == _IMAGE_ID:
        return UNIT if byte(text, position + 8) == QUOTE else OTHER
    if first == _CATEGORY:
        return CATEGORY if word(text, position + 8) & _FOUR == _ID_AFTER else OTHER
    if first & _FIVE == _BBOX:
        return BOX
    if first & _SIX == _SCORE:
        return SCORE
    if first & _THREE == _ID:
        return ID
    if first == _SEGMENTA:
        return SEGMENTATION if word(text, position + 8) & _FIVE == _TION else OTHER
    if first & _FIVE == _AREA:
        return AREA
    if first == _ISCROWD:
        return CROWD
    if first == _KEYPOINT:
        return KEYPOINTS if word(text, position + 8) & _TWO == _S else OTHER
    if first == _NUM_KEYP:
        return NUM_KEYPOINTS if word(text, position + 8) & _SIX == _OINTS else OTHER
    if first == _IS_GROUP:
        return GROUP if word(text, position + 8) & _FOUR == _OF else OTHER
    return IGNORE if first & _SEVEN == _IGNORE else OTHER


@kernel
def next_key(text: Text, position: int, seen: int, keys: Numbers, held: int) -> tuple[int, int]:
    """(key, position of its value) for the quote at `position`; NOT_CLEAN where the record has the key already.

    Bit k of `seen` says that key k was there; keys of no meaning are `held` in `keys` (`json_skip.new_key`).
    """
    if byte(text, position) != QUOTE:
        return OTHER, NOT_CLEAN
    position += 1
    key = _known_key(text, position)
    end = position
    if key == OTHER:
        end = plain_string(text, position)
        if end < 0 or not new_key(text, position, end, keys, 0, held):
            return key, NOT_CLEAN
    else:
        end = position + _LENGTHS[key]
        if seen & (1 << key):
            return key, NOT_CLEAN
    position = space(text, end + 1)
    return key, space(text, position + 1) if byte(text, position) == COLON else NOT_CLEAN
