"""The records of a JSON array in COCO's words, from a block of text straight into columns.

A record is taken here only when everything in it is ordinary; whatever else stands in the array is noted with its
place, for the strict reader in Python to take or to refuse. So nothing is accepted here that is refused there.
"""

import numpy as np
import numpy.typing as npt

from tasks.kernels.compile import kernel
from tasks.kernels.decimal import number
from tasks.kernels.json_brackets import TOO_DEEP, value_end
from tasks.kernels.json_bytes import Text, byte, copy_bytes, pointer
from tasks.kernels.json_columns import (
    AREA_AT,
    BOX_AT,
    CATEGORY_AT,
    COUNT_AT,
    COUNTS_AT,
    GIVEN_AT,
    IDS_AT,
    N_NUMBERS,
    N_WHOLE,
    OTHERS,
    PARTS_AT,
    POINTS_AT,
    POSITION,
    ROWS,
    SCORE_AT,
    SEEN,
    SIZE_AT,
    STATUS,
    UNCLEAN,
    UNIT_AT,
    Columns,
    Targets,
    targets,
)
from tasks.kernels.json_geometry import box, keypoints, mask, polygons, whole
from tasks.kernels.json_keys import (
    AREA,
    BOX,
    CATEGORY,
    CROWD,
    GEOMETRY,
    GROUP,
    ID,
    IGNORE,
    IS_CROWD,
    IS_GROUP,
    IS_IGNORED,
    IS_MASK,
    KEYPOINTS,
    NUM_KEYPOINTS,
    OTHER,
    SCORE,
    SEGMENTATION,
    UNIT,
    next_key,
)
from tasks.kernels.json_names import clear_names, identifier, name_code
from tasks.kernels.json_skip import (
    CLOSE_LIST,
    CLOSE_OBJECT,
    COMMA,
    NOT_CLEAN,
    OPEN_LIST,
    OPEN_OBJECT,
    clean_value,
    is_null,
    literal,
    space,
)

RESULTS, ANNOTATIONS, ELEMENTS = 0, 1, 2
"""What is read: predictions, annotations, or nothing but where the elements of the array are."""

AT_END, CLOSED, BROKEN, CUT, DEEP = 0, 1, 2, 3, 4
"""How a block ended: after its last element, at the array's bracket, at what is no JSON, inside an element, or at
brackets too deep."""

# what a file of results says beside the score counts for nothing: the official tools overwrite it
_MARKS = 1 << CROWD | 1 << IGNORE | 1 << GROUP
_SKIPPED = np.array([1 << ID | 1 << AREA | _MARKS | 1 << NUM_KEYPOINTS, 1 << SCORE], dtype=np.int64)
_NEEDED = np.array([1 << UNIT | 1 << CATEGORY | 1 << SCORE, 1 << UNIT | 1 << CATEGORY], dtype=np.int64)


@kernel
def _flag(text: Text, position: int) -> tuple[int, int]:
    """(value, next position) of 0, 1, false or true."""
    length = literal(text, position)
    if length:
        return 1 if length == 4 else 0, position + length
    value, position = whole(text, position)
    return value, position if value <= 1 else NOT_CLEAN


@kernel
def _small_field(text: Text, position: int, key: int, row: int, columns: Targets) -> int:
    """What annotations have beside their geometry; returns the next position."""
    at = row * N_WHOLE
    if key == ID:
        start, end, position = identifier(text, position)
        if position >= 0:
            begin = int(columns.whole[at + IDS_AT])
            copy_bytes(text, start, columns.ids, begin, end - start)
            columns.whole[at + N_WHOLE + IDS_AT] = np.int32(begin + end - start)
    elif key == AREA:
        columns.number[row * N_NUMBERS + AREA_AT], position = number(text, position)
    elif key == NUM_KEYPOINTS:
        value, position = whole(text, position)
        columns.whole[at + COUNT_AT] = np.int32(value)
    else:
        value, position = _flag(text, position)
        mark = IS_CROWD if key == CROWD else IS_GROUP if key == GROUP else IS_IGNORED
        columns.whole[at + GIVEN_AT] |= np.int32(value << mark)
    return position


@kernel
def _long_field(text: Text, position: int, key: int, row: int, columns: Targets, results: bool) -> int:
    """Segmentation and keypoints; returns the next position."""
    whole_row, at = columns.whole, row * N_WHOLE
    if key == KEYPOINTS:
        begin = int(whole_row[at + POINTS_AT])
        x, y, seen = columns.point_x, columns.point_y, columns.visibility
        position, end = keypoints(text, position, x, y, seen, begin, results)
        whole_row[at + N_WHOLE + POINTS_AT] = np.int32(end)
    elif byte(text, position) == OPEN_LIST:
        begin = int(whole_row[at + PARTS_AT])
        position, end = polygons(text, position, columns.vertex_x, columns.vertex_y, columns.part, begin)
        whole_row[at + N_WHOLE + PARTS_AT] = np.int32(end)
    elif byte(text, position) == OPEN_OBJECT:
        begin = int(whole_row[at + COUNTS_AT])
        position, end = mask(text, position, whole_row, at + SIZE_AT, columns.runs, columns.counts, begin)
        whole_row[at + N_WHOLE + COUNTS_AT] = np.int32(end)
        whole_row[at + GIVEN_AT] |= np.int32(1 << IS_MASK)
    else:
        return NOT_CLEAN
    return position


@kernel
def _absent(text: Text, position: int, key: int) -> int:
    """The end of the null or [] that says that `key` is not given; NOT_CLEAN where there is something."""
    if is_null(text, position):
        return position + 4
    listed = key in (BOX, KEYPOINTS, SEGMENTATION)
    if listed and byte(text, position) == OPEN_LIST:
        end = space(text, position + 1)
        if byte(text, end) == CLOSE_LIST:
            return end + 1
    return NOT_CLEAN


@kernel
def _field(text: Text, position: int, key: int, row: int, columns: Targets, kind: int) -> tuple[int, bool]:
    """(next position, whether `key` is given) for a value that is neither identifier nor skipped."""
    if key == SCORE:
        columns.number[row * N_NUMBERS + SCORE_AT], position = number(text, position)
        return position, True
    absent = _absent(text, position, key)
    if absent >= 0:
        return absent, False
    if key == BOX:
        return box(text, position, columns.number, row * N_NUMBERS + BOX_AT), True
    if key in (SEGMENTATION, KEYPOINTS):
        return _long_field(text, position, key, row, columns, kind == RESULTS), True
    return _small_field(text, position, key, row, columns), True


@kernel
def _start_row(row: int, columns: Targets) -> None:
    at = row * N_WHOLE
    columns.whole[at + GIVEN_AT] = 0
    for k in (PARTS_AT, POINTS_AT, COUNTS_AT, IDS_AT):
        columns.whole[at + N_WHOLE + k] = columns.whole[at + k]


@kernel
def _finish_row(
    text: Text, row: int, columns: Targets, given: int, kind: int, unit: tuple[int, int], category: tuple[int, int]
) -> bool:
    """Whether the record has what a record must have; its unit and category are then looked up."""
    if given & _NEEDED[kind] != _NEEDED[kind] or given & GEOMETRY == 0:
        return False
    at = row * N_WHOLE
    columns.whole[at + GIVEN_AT] |= np.int32(given)
    code = name_code(text, unit[0], unit[1], columns.unit_slots, columns.unit_spans)
    columns.whole[at + UNIT_AT] = np.int32(code)
    code = name_code(text, category[0], category[1], columns.category_slots, columns.category_spans)
    columns.whole[at + CATEGORY_AT] = np.int32(code)
    return True


@kernel
def _record(text: Text, position: int, row: int, columns: Targets, kind: int, depth: int) -> int:
    """The position after the object at `position`, read into `row`, or NOT_CLEAN."""
    seen, given, held = 0, 0, 0
    unit = category = (0, 0)
    _start_row(row, columns)
    while True:
        key, position = next_key(text, space(text, position + 1), seen, columns.keys, held)
        if position < 0:
            return NOT_CLEAN
        seen |= 1 << key
        is_given = True
        if key == UNIT:
            start, end, position = identifier(text, position)
            unit = (start, end)
        elif key == CATEGORY:
            start, end, position = identifier(text, position)
            category = (start, end)
        elif key == OTHER or _SKIPPED[kind] & (1 << key):
            held += key == OTHER
            is_given = False
            position = clean_value(text, position, depth + 1, columns.keys, held)
        else:
            position, is_given = _field(text, position, key, row, columns, kind)
        if position < 0:
            return NOT_CLEAN
        given |= 1 << key if is_given else 0
        position = space(text, position)
        if byte(text, position) == COMMA:
            continue
        if byte(text, position) != CLOSE_OBJECT:
            return NOT_CLEAN
        return position + 1 if _finish_row(text, row, columns, given, kind, unit, category) else NOT_CLEAN


@kernel
def _note(columns: Targets, seen: int, start: int, end: int) -> None:
    at = 3 * columns.cursor[OTHERS]
    columns.other[at], columns.other[at + 1], columns.other[at + 2] = seen, start, end
    columns.cursor[OTHERS] += 1


@kernel
def _clear(columns: Targets) -> None:
    clear_names(columns.unit_slots, columns.unit_spans)
    clear_names(columns.category_slots, columns.category_spans)
    for k in range(UNCLEAN + 1):
        columns.cursor[k] = 0
    for k in (PARTS_AT, POINTS_AT, COUNTS_AT, IDS_AT):
        columns.whole[k] = 0
    columns.part[0] = 0


@kernel
def _stop(columns: Targets, status: int, position: int, seen: int, rows: int) -> None:
    cursor = columns.cursor
    cursor[STATUS], cursor[POSITION], cursor[SEEN], cursor[ROWS] = status, position, seen, rows


@kernel
def scan_records(block: npt.NDArray[np.uint8], end: int, kind: int, strict: bool, depth: int, into: Columns) -> None:
    """Read the elements of an array, inside `depth` open brackets, of which the first begins the block.

    The first `end` bytes of `block` are valid UTF-8 and followed by PADDING NUL bytes. What was read is in `into` and
    its `cursor`; where the block ended otherwise than AT_END or CLOSED, POSITION is where the element began, or what
    stands in the place of a comma. `strict` notes every element and takes none.
    """
    text, columns = pointer(block), targets(into)
    seen, rows = 0, 0
    _clear(columns)
    position = space(text, 0)
    while True:
        after = NOT_CLEAN
        if byte(text, position) == OPEN_OBJECT and not strict:
            after = _record(text, position, rows, columns, kind, depth)
        if after >= 0:
            rows += 1
        else:
            after = value_end(text, position, end, depth, columns.state)
            if after <= position:
                status = DEEP if after == TOO_DEEP else (BROKEN if after == position < end else CUT)
                return _stop(columns, status, position, seen, rows)
            _note(columns, seen, position, after)
            if kind == ELEMENTS and clean_value(text, position, depth, columns.keys, 0) != after:
                columns.cursor[UNCLEAN] += 1
        seen += 1
        position = space(text, after)
        if position >= end:
            return _stop(columns, AT_END, end, seen, rows)
        if byte(text, position) != COMMA:
            return _stop(columns, CLOSED if byte(text, position) == CLOSE_LIST else BROKEN, position, seen, rows)
        position = space(text, position + 1)
