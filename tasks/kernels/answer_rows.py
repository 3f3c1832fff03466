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


class Side(NamedTuple):
    """n pieces of answers of one side."""

    sequence: Int64
    pair: Int64
    """int64[n], or one for all of them: which objects they are about."""
    question: Int64
    first: Int64
    """int64[n], below 2^31, as the last frames are."""
    last: Int64
    option: Int64
    score: Float64


class Ordered(NamedTuple):
    """n pieces of answers by group and first frame, equal ones as they were, annotated ones first."""

    predicted: Bool
    group: Int64
    """int64[n]: a number for each question about each pair of each sequence."""
    first: Int64
    last: Int64
    option: Int64
    score: Float64


_LOW = (1 << 32) - 1


@kernel
def _put(side: Side, pairs: int, questions: int, where: Int64, what: Int64) -> tuple[int, int]:
    """Write (group, frames) and (option, score) of each piece; return the highest group and first frame."""
    bits, highest, latest = side.score.view(np.int64), 0, 0
    for k in range(len(side.first)):
        pair = side.pair[k if len(side.pair) > 1 else 0]
        group = (side.sequence[k] * pairs + pair) * questions + side.question[k]
        highest, latest = max(highest, group), max(latest, side.first[k])
        where[k, 0], where[k, 1] = group, side.first[k] << 32 | side.last[k]
        what[k, 0], what[k, 1] = side.option[k], bits[k]
    return highest, latest


@kernel
def ordered_pieces(annotated: Side, predicted: Side, pairs: int, questions: int) -> Ordered:
    """Bring the pieces of both sides into the order of group and first frame; there are so many pairs and questions.

    What is said of a piece is gathered in two places of memory instead of five. No pieces: none.
    """
    ours, n = len(annotated.first), len(annotated.first) + len(predicted.first)
    where, what, keys = np.empty((n, 2), np.int64), np.empty((n, 2), np.int64), np.empty((1, n), np.int64)
    most, latest = _put(annotated, pairs, questions, where[:ours], what[:ours])
    others, later = _put(predicted, pairs, questions, where[ours:], what[ours:])
    most, width = max(most, others), max(latest, later) + 1
    if most < (1 << 62) // width:
        for k in range(n):
            keys[0, k] = where[k, 0] * width + (where[k, 1] >> 32)
    else:
        keys = np.stack((where[:, 0], where[:, 1] >> 32))
    order = ascending(keys, np.empty(0, np.int64))
    found, groups, begin, end = (
        np.empty(n, np.bool_),
        np.empty(n, np.int64),
        np.empty(n, np.int64),
        np.empty(n, np.int64),
    )
    options, scores = np.empty(n, np.int64), np.empty(n)
    bits = scores.view(np.int64)
    for k in range(n):
        row = np.uint32(order[k])  # which needs no look whether it counts from the end
        found[k], groups[k], frames = row >= ours, where[row, 0], where[row, 1]
        begin[k], end[k], options[k], bits[k] = frames >> 32, frames & _LOW, what[row, 0], what[row, 1]
    return Ordered(found, groups, begin, end, options, scores)
