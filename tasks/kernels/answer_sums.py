"""Frames counted by options and questions of stretches of answers."""

from typing import NamedTuple

import numpy as np

from tasks.kernels.answer_codes import MISSING, RADIO, RIGHT, TEXT
from tasks.kernels.arrays import Bool, Float64, Int64
from tasks.kernels.compile import kernel


class Given(NamedTuple):
    """Options of S stretches, of annotations or predictions."""

    indptr: Int64
    """int64[S+1]"""
    option: Int64


class Scored(NamedTuple):
    """n rows with a score from 0 to 1, each of a group that is an option or a question."""

    group: Int64
    bits: Int64
    """int64[n]: the score's, which ascend as scores do."""
    frames: Int64
    """int64[2, n]: how many, and those of them that are right."""


class ScoreSums(NamedTuple):
    """What the scores of S stretches come to; Q questions, O options."""

    unscored: Int64
    """int64[Q]: frames with predictions that have no score from 0 to 1, for each."""
    frames: Int64
    """int64[Q]: on which it is annotated."""
    positive: Int64
    """int64[O]: on which it is annotated."""
    near: Int64
    """int64[Q]: on which the annotated option is among the best."""
    options: Scored
    best: Scored
    """The best option of radios, by question."""


@kernel
def option_sums(kind: Int64, outcome: Int64, frames: Int64, ours: Given, theirs: Given, hit: Bool, size: int) -> Int64:
    """int64[3, O]: frames of S stretches on which each of O = `size` options is right, predicted wrongly, or missed.

    `kind` int64[S] of their questions, `outcome` and `frames` int64[S], `hit` bool of each predicted option. Of radios
    the first option of a side counts, of checklists every one; only annotated stretches count. No stretches: zeros.
    """
    counts = np.zeros((3, size), np.int64)
    for s in range(len(kind)):
        if outcome[s] > MISSING or kind[s] == TEXT:
            continue
        start, stop, begin, end = ours.indptr[s], ours.indptr[s + 1], theirs.indptr[s], theirs.indptr[s + 1]
        if kind[s] == RADIO:
            right = outcome[s] == RIGHT
            if begin < end and not right:
                counts[1, theirs.option[begin]] += frames[s]
            if start < stop:
                counts[0 if right else 2, ours.option[start]] += frames[s]
            continue
        for k in range(start, stop):
            counts[2, ours.option[k]] += frames[s]
        for k in range(begin, end):
            option = theirs.option[k]
            counts[0 if hit[k] else 1, option] += frames[s]
            counts[2, option] -= frames[s] * hit[k]
    return counts


@kernel
def _room(rows: int) -> Scored:
    return Scored(np.empty(rows, np.int64), np.empty(rows, np.int64), np.empty((2, rows), np.int64))


@kernel
def _put(rows: Scored, n: int, group: int, bits: int, frames: int, right: bool) -> None:
    rows.group[n], rows.bits[n], rows.frames[0, n], rows.frames[1, n] = group, bits, frames, frames * right


@kernel
def _filled(rows: Scored, n: int) -> Scored:
    return Scored(rows.group[:n], rows.bits[:n], rows.frames[:, :n])


@kernel
def score_sums(
    kinds: Int64, question: Int64, outcome: Int64, frames: Int64, ours: Given, theirs: Given, score: Float64,
    score_indptr: Int64, hit: Bool, place: Int64, most: int, size: int,
) -> ScoreSums:  # fmt: skip
    """Sums over S stretches that count, of options; `kinds` int64[Q], `size` options, `most` best ones are near.

    `question`, `outcome`, `frames` and `place` (of the first annotated option among the predicted ones) int64[S],
    `score` float64 of each predicted option, from score_indptr int64[S+1] on. No stretches: zeros.
    """
    unscored, asked, near = np.zeros_like(kinds), np.zeros_like(kinds), np.zeros_like(kinds)
    positive, bits = np.zeros(size, np.int64), (score + 0.0).view(np.int64)  # no negative zeros
    options, best, n, m = _room(len(theirs.option)), _room(len(question)), 0, 0
    for s in range(len(question)):
        q, weight = question[s], frames[s]
        if outcome[s] > MISSING or kinds[q] == TEXT:
            continue
        asked[q] += weight
        near[q] += weight * (0 <= place[s] < most)
        for k in range(ours.indptr[s], ours.indptr[s + 1]):
            positive[ours.option[k]] += weight
        begin = theirs.indptr[s]
        for k in range(begin, theirs.indptr[s + 1]):
            at = score_indptr[s] + k - begin
            if not 0 <= score[at] <= 1:
                unscored[q] += weight
                continue
            _put(options, n, theirs.option[k], bits[at], weight, hit[k])
            n += 1
            if k == begin and kinds[q] == RADIO:
                _put(best, m, q, bits[at], weight, place[s] == 0)
                m += 1
    return ScoreSums(unscored, asked, positive, near, _filled(options, n), _filled(best, m))
