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
from tasks.kernels.answer_codes import TEXT
from tasks.kernels.answer_ranges import average_precisions, joined_rows, match_ranges
from tasks.kernels.row_order import ascending
from tasks.pixels.agreement import mean
from tasks.pixels.numbers import Value, value_table
from tasks.protocols.answers import TEMPORAL
from tasks.questions.ontology import Questions, questions_of
from tasks.questions.results import Lists, Results
from tasks.questions.spans import IN_NO_ORDER, Ranges

_UNSCORED = np.iinfo(np.int64).max
"""Stands for no score, which comes last."""
_NO_EVENT = "no event of it is annotated in a video or audio"
_NO_SCORE = "a prediction has no score"


class State(NamedTuple):
    """P predicted events, by option, best first; O options, T thresholds."""

    annotated: Array
    """int64[O]: events."""
    keys: Array
    """int64[4, P], ascending: option, falling score, unit_key of the sequence's first unit, and first frame."""
    found: Array
    """bool[P, T]"""

    @property
    def option(self) -> Array:
        """int64[P]"""
        return self.keys[0]


class _Events(NamedTuple):
    """n events by group (sequence and option), falling score and first frame."""

    ranges: Ranges
    falling: Array
    """int64[n]: score"""


def _events(found: Results, side: Lists, score: Array, which: Array, options: int) -> _Events:
    """Stretches that touch and have one option and one score, as one. Scores are NaN throughout, or compared."""
    entries = np.flatnonzero(which[side.stretch])
    rows = side.stretch.take(entries)  # `take` needs half the time of an index
    group = found.sequence.take(rows) * options + side.option.take(entries)
    keys = np.stack([group, _falling(score.take(entries)), found.first.take(rows)])
    heads, last = joined_rows(keys, found.last.take(rows))
    return _Events(Ranges(keys[0, heads], keys[2, heads], last), keys[1, heads])


def _falling(score: Array) -> Array:
    """int64[n]: whole numbers that ascend as scores fall, those without one last."""
    bits = (score + 0.0).view(np.int64)  # no negative zeros
    return np.where(np.isnan(score), _UNSCORED, ~np.where(bits < 0, bits ^ _UNSCORED, bits))


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
    keys = np.stack([option, theirs.falling, unit_key, theirs.ranges.first])
    order = ascending(keys, IN_NO_ORDER)
    return State(count, keys.take(order, axis=1), hit.take(order, axis=0))


def combine(states: list[State], _context: MeasureContext) -> State:
    """Counts are added, events stand beside each other."""
    annotated, parts, found = zip(*states, strict=True)
    keys = np.concatenate(parts, axis=1)
    order = ascending(keys, np.cumsum([0, *map(len, found)]))
    return State(sum(annotated), keys.take(order, axis=1), np.concatenate(found).take(order, axis=0))


def _by_option(state: State, questions: Questions, thresholds: int) -> tuple[Array, Array]:
    """(float64[O, T], bool[O]: lacks a score): the AP of each option; NaN where it is undefined."""
    size = len(questions.option_key)
    bounds = np.searchsorted(state.option, np.arange(size + 1))
    values, unscored = np.full((size, thresholds), np.nan), np.zeros(size, bool)
    for o in range(size):
        rows = slice(bounds[o], bounds[o + 1])
        unscored[o] = (state.keys[1, rows] == _UNSCORED).any()
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
