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
from tasks.kernels.answer_ranges import match_ranges
from tasks.pixels.agreement import mean
from tasks.pixels.numbers import Value, value_table
from tasks.protocols.answers import TEMPORAL
from tasks.questions.ontology import TEXT, Questions, questions_of
from tasks.questions.results import Lists, Results
from tasks.questions.spans import Ranges, joined

_NO_EVENT = "no event of it is annotated in a video or audio"
_NO_SCORE = "a prediction has no score"


class State(NamedTuple):
    """P predicted events; O options, T thresholds."""

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
    """n events by group (sequence and option) and first frame."""

    ranges: Ranges
    score: Array


def _events(found: Results, side: Lists, score: Array, which: Array, options: int) -> _Events:
    """Stretches that touch and have one option and one score, as one. Scores are NaN throughout, or compared."""
    entries = np.flatnonzero(which[side.stretch])
    rows = side.stretch[entries]
    values, place = np.unique(score[entries], return_inverse=True)
    group = (found.sequence[rows] * options + side.option[entries]) * max(len(values), 1) + place
    runs, _ = joined(Ranges(group, found.first[rows], found.last[rows]))
    owner = runs.group // max(len(values), 1)
    return _Events(runs._replace(group=owner), values[runs.group % max(len(values), 1)])


def partial(found: Results, context: MeasureContext) -> State:
    """Events of a bucket: a sequence lies in one, so that they find each other there."""
    questions = questions_of(context.categories)
    kind, options = questions.kind[found.question], max(len(questions.option_key), 1)
    which = (kind != TEXT) & ~questions.of_object[found.question] & found.timed
    scores = found.score[np.repeat(kind != TEXT, np.diff(found.score_indptr))]
    ours = _events(found, found.annotated, np.zeros(len(found.annotated.option)), which, options)
    theirs = _events(found, found.predicted, scores, which, options)
    truth = ours.ranges.take(ours.ranges.order())
    order = np.lexsort((theirs.ranges.last, theirs.ranges.first, -theirs.score, theirs.ranges.group))
    best = theirs.ranges.take(order)
    hit = match_ranges(*best, *truth, np.array(context.rules.iou_thresholds))
    lowest = np.full(int(found.sequence.max(initial=0)) + 1, np.iinfo(np.int64).max)
    np.minimum.at(lowest, found.sequence[which], found.unit_key[which])
    count = np.bincount(truth.group % options, minlength=len(questions.option_key)).astype(np.int64)
    return State(count, best.group % options, theirs.score[order], lowest[best.group // options], best.first, hit)


def combine(states: list[State], _context: MeasureContext) -> State:
    """Counts are added, events stand beside each other: by option, best first."""
    annotated, *columns = zip(*states, strict=True)
    option, score, unit_key, first, found = (np.concatenate(column) for column in columns)
    order = np.lexsort((first, unit_key, -score, option))
    return State(sum(annotated), *(column[order] for column in (option, score, unit_key, first, found)))


def average_precision(found: Array, annotated: int) -> Array:
    """float64[T]: area under the envelope of precision over recall; bool[P, T], best first, `annotated` at least 1."""
    true = np.cumsum(found, axis=0)
    precision = true / np.arange(1, len(found) + 1)[:, None]
    envelope = np.maximum.accumulate(precision[::-1], axis=0)[::-1]
    return (envelope * found).sum(axis=0) / annotated


def _by_option(state: State, questions: Questions, thresholds: int) -> tuple[Array, Array]:
    """(float64[O, T], bool[O]: lacks a score): the AP of each option; NaN where it is undefined."""
    size = len(questions.option_key)
    bounds = np.searchsorted(state.option, np.arange(size + 1))
    values, unscored = np.full((size, thresholds), np.nan), np.zeros(size, bool)
    for o in range(size):
        rows = slice(bounds[o], bounds[o + 1])
        unscored[o] = np.isnan(state.score[rows]).any()
        if state.annotated[o] and not unscored[o]:
            values[o] = average_precision(state.found[rows], int(state.annotated[o]))
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
