"""Answers as they are stored become what is compared: which question, which option, on which frames of what."""

from typing import NamedTuple

import numpy as np

from tasks.kernels.answer_codes import TEXT
from tasks.kernels.arrays import Bool, Float64, Int32, Int64
from tasks.kernels.compile import kernel
from tasks.kernels.row_order import ascending


class Stored(NamedTuple):
    """n answers."""

    unit_key: Int64
    category_key: Int32
    first: Int32
    """int32[n]: -1 where it is not said."""
    last: Int32
    text: Int64
    """int64[n]: a place among the texts; -1: none."""


class Asked(NamedTuple):
    """What category keys mean; see `tasks.questions.ontology.Questions`."""

    kind: Int64
    question_of: Int64
    """int64[K]: that of keys beyond is the last one's."""
    option_of: Int64


class Frames(NamedTuple):
    """Units and sequences of a bucket; see `tasks.questions.timeline.Timeline`."""

    local: Int32
    """int32[highest unit_key + 1]: a unit's place; -1: it is not live, or in another bucket."""
    sequence: Int64
    frame: Int64
    timed: Bool
    end: Int64


class Placed(NamedTuple):
    """m of the answers, int64[m] each."""

    row: Int64
    sequence: Int64
    question: Int64
    option: Int64
    """Of texts their place among the texts."""
    first: Int64
    last: Int64


@kernel
def place_answers(stored: Stored, asked: Asked, frames: Frames) -> tuple[Placed, int]:
    """(the answers of live units to live questions, how many others there are of live units).

    They begin where their unit is, or where they say if it is timed, and end with the sequence at the latest. No
    answers: none.
    """
    n, m, outside = len(stored.unit_key), 0, 0
    row, sequence, question = np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.int64)
    option, first, last = np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.int64)
    for k in range(n):
        unit, key = stored.unit_key[k], stored.category_key[k]
        place = np.int64(frames.local[unit]) if unit < len(frames.local) else -1
        if place < 0:
            continue
        q = asked.question_of[key if key < len(asked.question_of) else -1]
        if q < 0:
            outside += 1
            continue
        since, until = np.int64(stored.first[k]), np.int64(stored.last[k])
        length = until - since if 0 <= since < until else 0
        begin = frames.frame[place] if not frames.timed[place] else since if since > 0 else 0
        row[m], sequence[m], question[m] = k, frames.sequence[place], q
        option[m] = stored.text[k] if asked.kind[q] == TEXT else asked.option_of[key]
        first[m], last[m] = begin, min(begin + length, frames.end[frames.sequence[place]])
        m += 1
    return Placed(row[:m], sequence[:m], question[:m], option[:m], first[:m], last[:m]), outside


class Ordered(NamedTuple):
    """n pieces of answers by group and first frame, equal ones as they were."""

    order: Int32
    group: Int64
    first: Int64
    last: Int64
    option: Int64
    score: Float64


@kernel
def ordered_pieces(group: Int64, first: Int64, last: Int64, option: Int64, score: Float64) -> Ordered:
    """Bring n pieces into the order of group and first frame, whole numbers from 0. No pieces: none."""
    n = len(group)
    most, width, keys = 0, 1, np.empty((1, n), np.int64)
    for k in range(n):
        most, width = max(most, group[k]), max(width, first[k] + 1)
    if most < (1 << 62) // width:
        for k in range(n):
            keys[0, k] = group[k] * width + first[k]
    else:
        keys = np.stack((group, first))
    order = ascending(keys, np.empty(0, np.int64))
    groups, begin, end = np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.int64)
    options, scores = np.empty(n, np.int64), np.empty(n)
    for k in range(n):
        row = np.uint32(order[k])  # which needs no look whether it counts from the end
        groups[k], begin[k], end[k], options[k], scores[k] = group[row], first[row], last[row], option[row], score[row]
    return Ordered(order, groups, begin, end, options, scores)
