"""Ranges of frames as detections in time: average precision of options at thresholds of temporal IoU.

An event is a run of frames over which an option of a radio or checklist is annotated, or predicted with one score, in a
video or audio; ends are inclusive. As ActivityNet's evaluation: best score first, each takes the free annotated event
it overlaps most, precision is the highest at any recall from there on, and the area under it is the AP. Equal scores
fall by data unit and frame. Predictions where nothing is annotated are false. Questions about data units alone.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from schemas.judging import Array, MeasureContext, Metric
from tasks.kernels.answer_ranges import average_precisions, joined_rows, match_ranges
from tasks.kernels.row_order import ascending
from tasks.pixels.agreement import mean
from tasks.pixels.numbers import Value, value_table
from tasks.protocols.answers import TEMPORAL
from tasks.questions.ontology import TEXT, Questions, questions_of
from tasks.questions.results import Lists, Results
from tasks.questions.spans import IN_NO_ORDER, Ranges

_NO_EVENT = "no event of it is annotated in a video or audio"
_NO_SCORE = "a prediction has no score"


class State(NamedTuple):
    """P predicted events, by option, best first; O options, T thresholds."""

    annotated: Array
    """int64[O]: events."""
    option: Array
    """int64[P]"""
    score: Array
    """float64[P]; NaN: none."""
    unit_key: Array
    """int64[P]: of the sequence's first unit, by which ties fall."""
    first: Array
    found: Array
    """bool[P, T]"""


class _Events(NamedTuple):
    """n events by group (sequence and option), falling score and first frame."""

    ranges: Ranges
    score: Array


def _events(found: Results, side: Lists, score: Array, which: Array, options: int) -> _Events:
    """Stretches that touch and have one option and one score, as one. Scores are NaN throughout, or compared."""
    entries = np.flatnonzero(which[side.stretch])
    rows, score = side.stretch[entries], score[entries]
    keys = np.stack([found.sequence[rows] * options + side.option[entries], _falling(score), found.first[rows]])
    heads, last = joined_rows(keys, found.last[rows])
    return _Events(Ranges(keys[0, heads], keys[2, heads], last), score[heads])


def _falling(score: Array) -> Array:
    """int64[n]: whole numbers that ascend as scores fall, those without one last."""
    bits = (score + 0.0).view(np.int64)  # no negative zeros
    last = np.iinfo(np.int64).max
    return np.where(np.isnan(score), last, ~np.where(bits < 0, bits ^ last, bits))


def _lowest(found: Results, which: Array) -> Array:
    """int64[highest sequence + 1]: the lowest unit_key of each sequence that has a row of `which`."""
    lowest = np.full(int(found.sequence.max(initial=0)) + 1, np.iinfo(np.int64).max)
    sequence = found.sequence[which]
    heads = np.flatnonzero(np.diff(sequence, prepend=-1))
    if len(heads):
        np.minimum.at(lowest, sequence[heads], np.minimum.reduceat(found.unit_key[which], heads))
    return lowest


def partial(found: Results, context: MeasureContext) -> State:
    """Events of a bucket: a sequence lies in one, so that they find each other there."""
    questions = questions_of(context.categories)
    kind, options = questions.kind[found.question], max(len(questions.option_key), 1)
    which = (kind != TEXT) & ~questions.of_object[found.question] & found.timed
    scores = found.score[np.repeat(kind != TEXT, np.diff(found.score_indptr))]
    ours = _events(found, found.annotated, np.zeros(len(found.annotated.option)), which, options)
    theirs = _events(found, found.predicted, scores, which, options)
    hit = match_ranges(*theirs.ranges, *ours.ranges, np.array(context.rules.iou_thresholds))
    count = np.bincount(ours.ranges.group % options, minlength=len(questions.option_key)).astype(np.int64)
    sequence, option = np.divmod(theirs.ranges.group, options)
    unit_key = _lowest(found, which)[sequence]
    return _ordered(State(count, option, theirs.score, unit_key, theirs.ranges.first, hit), IN_NO_ORDER)


def _ordered(state: State, runs: Array) -> State:
    """By option, best first; `runs` of events are in that order already."""
    order = ascending(np.stack([state.option, _falling(state.score), state.unit_key, state.first]), runs)
    return State(state.annotated, *(column[order] for column in state[1:]))


def combine(states: list[State], _context: MeasureContext) -> State:
    """Counts are added, events stand beside each other."""
    annotated, *columns = zip(*states, strict=True)
    runs = np.cumsum([0, *(len(state.option) for state in states)])
    return _ordered(State(sum(annotated), *(np.concatenate(column) for column in columns)), runs)


def _by_option(state: State, questions: Questions, thresholds: int) -> tuple[Array, Array]:
    """(float64[O, T], bool[O]: lacks a score): the AP of each option; NaN where it is undefined."""
    size = len(questions.option_key)
    bounds = np.searchsorted(state.option, np.arange(size + 1))
    values, unscored = np.full((size, thresholds), np.nan), np.zeros(size, bool)
    for o in range(size):
        rows = slice(bounds[o], bounds[o + 1])
        unscored[o] = np.isnan(state.score[rows]).any()
        if state.annotated[o] and not unscored[o]:
            values[o] = average_precisions(state.found[rows], int(state.annotated[o]))
    return values, unscored


def _overall(values: Array, state: State, unscored: Array, thresholds: tuple[float, ...]) -> Iterator[Value]:
    """Means over options with annotated events."""
    reason = _NO_SCORE if (unscored & (state.annotated > 0)).any() else _NO_EVENT
    totals = int(state.annotated.sum()), len(state.option)
    yield Value(TEMPORAL, mean(values), reason, None, None, *totals)
    for t, threshold in enumerate(thresholds):
        name = f"{TEMPORAL}{round(100 * threshold)}"
        yield Value(name, mean(values[:, t]), reason, None, None, *totals, threshold)


def finish(state: State, context: MeasureContext) -> Mapping[str, Iterable[pa.Table]]:
    """Rows of `metrics`: over all options and thresholds, over all options at each, and of each option at each."""
    questions, thresholds = questions_of(context.categories), context.rules.iou_thresholds
    values, unscored = _by_option(state, questions, len(thresholds))
    rows = list(_overall(values, state, unscored, thresholds))
    predicted = np.bincount(state.option, minlength=len(unscored)).tolist()
    for o, (key, name) in enumerate(zip(questions.option_key.tolist(), questions.option_name, strict=True)):
        reason = _NO_SCORE if unscored[o] else _NO_EVENT
        for threshold, value in zip(thresholds, values[o].tolist(), strict=True):
            there = None if np.isnan(value) else value
            totals = int(state.annotated[o]), predicted[o]
            rows.append(Value(TEMPORAL, there, reason, key, name, *totals, threshold))
    return {"metrics": [value_table(rows, context)]}


METRIC = Metric(name="answer_ranges", partial=partial, combine=combine, finish=finish, engine="answers")
