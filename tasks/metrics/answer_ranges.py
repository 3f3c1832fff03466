"""Ranges of frames as detections in time: average precision of options at thresholds of temporal IoU.

An event is a run of frames over which an option of a radio or checklist is annotated, or predicted with one score, in a
video or audio; ends are inclusive. As ActivityNet's evaluation: best score first, each takes the free annotated event
it overlaps most, precision is the highest at any recall from there on, and the area under it is the AP. Equal scores
fall by data unit and frame. Predictions where nothing is annotated are false. Questions about data units alone.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial as partial_of
from itertools import chain
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from schemas.judging import Array, MeasureContext, Metric
from tasks.columns import only_read
from tasks.kernels.answer_codes import TEXT
from tasks.kernels.answer_ranges import Options, average_precisions, chained, joined_rows, match_ranges
from tasks.kernels.answer_stretches import UNSCORED, falling_keys
from tasks.kernels.row_order import ascending
from tasks.pixels.agreement import mean
from tasks.pixels.numbers import Value, value_table
from tasks.protocols.answers import TEMPORAL
from tasks.questions.ontology import questions_of
from tasks.questions.results import Lists, Results
from tasks.questions.spans import IN_NO_ORDER, Ranges
from tasks.running import local_run

_NO_EVENT = "no event of it is annotated in a video or audio"
_NO_SCORE = "a prediction has no score"


class Predicted(NamedTuple):
    """P predicted events, by option, best first; T thresholds."""

    keys: Array
    """int64[4, P], ascending: option, falling score, unit_key of the sequence's first unit, and first frame."""
    found: Array
    """bool[P, T]"""

    def of(self, option: int) -> "Predicted":
        """Those of an option."""
        start, stop = np.searchsorted(self.keys[0], (option, option + 1))
        return Predicted(self.keys[:, start:stop], self.found[start:stop])


class State(NamedTuple):
    """Events; O options."""

    annotated: Array
    """int64[O]: how many."""
    predicted: tuple[Predicted, ...]
    """Of each bucket: they are put together option by option, so that all of them are in memory once."""


class _Events(NamedTuple):
    """n events by group (sequence and option), falling score and first frame."""

    ranges: Ranges
    falling: Array
    """int64[n]: score"""


def _events(found: Results, side: Lists, score: Array, score_indptr: Array, which: Array, options: int) -> _Events:
    """Stretches that touch and have one option and one score, as one."""
    given = Options(side.indptr, side.option, only_read(score), score_indptr)
    ranges = chained(found.sequence, found.first, found.last, which, given, options)
    keys = np.stack([ranges.group, falling_keys(ranges.score), ranges.first])
    heads, last = joined_rows(keys, ranges.last)
    return _Events(Ranges(keys[0, heads], keys[2, heads], last), keys[1, heads])


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
    ours = _events(
        found, found.annotated, np.zeros(len(found.annotated.option)), found.annotated.indptr, which, options
    )
    theirs = _events(found, found.predicted, found.score, found.score_indptr, which, options)
    hit = match_ranges(*theirs.ranges, *ours.ranges, np.array(context.rules.iou_thresholds))
    count = np.bincount(ours.ranges.group % options, minlength=len(questions.option_key)).astype(np.int64)
    sequence, option = np.divmod(theirs.ranges.group, options)
    unit_key = _lowest(found, which)[sequence]
    keys = np.stack([option, theirs.falling, unit_key, theirs.ranges.first])
    order = ascending(keys, IN_NO_ORDER)
    return State(count, (Predicted(keys.take(order, axis=1), hit.take(order, axis=0)),))


def combine(states: list[State], _context: MeasureContext) -> State:
    """Counts are added, events stand beside each other."""
    annotated, predicted = zip(*states, strict=True)
    return State(sum(annotated), tuple(chain.from_iterable(predicted)))


class _OfOption(NamedTuple):
    """What is found of an option."""

    values: Array
    """float64[T]: AP; NaN where it is undefined."""
    predicted: int
    unscored: bool
    """A prediction lacks a score."""


def _of_option(option: int, state: State, thresholds: int) -> _OfOption:
    parts = [part.of(option) for part in state.predicted]
    keys = np.concatenate([part.keys for part in parts], axis=1)
    unscored, annotated = bool((keys[1] == UNSCORED).any()), int(state.annotated[option])
    if not annotated or unscored:
        return _OfOption(np.full(thresholds, np.nan), keys.shape[1], unscored)
    order = ascending(keys, np.cumsum([0, *(len(part.found) for part in parts)]))
    found = np.concatenate([part.found for part in parts]).take(order, axis=0)
    return _OfOption(average_precisions(found, annotated), keys.shape[1], unscored)


def _overall(options: list[_OfOption], annotated: Array, thresholds: tuple[float, ...]) -> Iterator[Value]:
    """Means over options with annotated events."""
    values = np.array([option.values for option in options]).reshape(-1, len(thresholds))
    unscored = np.array([option.unscored for option in options], bool)
    reason = _NO_SCORE if (unscored & (annotated > 0)).any() else _NO_EVENT
    totals = int(annotated.sum()), sum(option.predicted for option in options)
    yield Value(TEMPORAL, mean(values), reason, None, None, *totals)
    for t, threshold in enumerate(thresholds):
        name = f"{TEMPORAL}{round(100 * threshold)}"
        yield Value(name, mean(values[:, t]), reason, None, None, *totals, threshold)


def finish(state: State, context: MeasureContext) -> Mapping[str, Iterable[pa.Table]]:
    """Rows of `metrics`: over all options and thresholds, over all options at each, and of each option at each."""
    questions, thresholds = questions_of(context.categories), context.rules.iou_thresholds
    work = partial_of(_of_option, state=state, thresholds=len(thresholds))
    options = list(local_run()(work, range(len(questions.option_key)), label="options"))
    rows = list(_overall(options, state.annotated, thresholds))
    for o, (key, name) in enumerate(zip(questions.option_key.tolist(), questions.option_name, strict=True)):
        reason = _NO_SCORE if options[o].unscored else _NO_EVENT
        for threshold, value in zip(thresholds, options[o].values.tolist(), strict=True):
            there = None if np.isnan(value) else value
            totals = int(state.annotated[o]), options[o].predicted
            rows.append(Value(TEMPORAL, there, reason, key, name, *totals, threshold))
    return {"metrics": [value_table(rows, context)]}


METRIC = Metric(name="answer_ranges", partial=partial, combine=combine, finish=finish)
