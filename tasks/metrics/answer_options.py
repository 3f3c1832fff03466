"""Precision, recall and F1 of options, their averages, and which option of a radio was taken for which.

As scikit-learn's `precision_recall_fscore_support` over the options that either side has on frames that count; a frame
that is not predicted is a miss and no false alarm. Undefined is null; in averages it counts as 0, as in scikit-learn.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from schemas.judging import Array, MeasureContext, Metric
from schemas.tables import CONFUSION
from tasks.columns import completed
from tasks.kernels.answer_codes import CHECKLIST, RADIO, UNANNOTATED
from tasks.kernels.answer_sums import option_sums
from tasks.kernels.answer_tallies import summed
from tasks.number_rows import labels
from tasks.pixels.agreement import ratio
from tasks.pixels.numbers import Value, defined, value_table
from tasks.questions.ontology import Questions, questions_of
from tasks.questions.results import Results

_REASON = {
    "precision": "it is predicted on no frame that counts",
    "recall": "it is annotated on no frame that counts",
    "f1": "neither side has it on a frame that counts",
}
_NEITHER = "neither side has an option of it on a frame that counts"
_COUNTS = ("TP", "FP", "FN")


class State(NamedTuple):
    """Frames; O options."""

    counts: Array
    """int64[3, O]: of each of _COUNTS."""
    pairs: Array
    """int64[2, n]: annotated and predicted options of radio questions; -1: none."""
    frames: Array
    """int64[n]: of each pair."""


def _pairs(found: Results, questions: Questions) -> tuple[Array, Array]:
    which = (found.outcome <= UNANNOTATED) & (questions.kind[found.question] == RADIO)
    return _summed(np.stack([found.annotated.heads[which], found.predicted.heads[which]]), found.frames[which])


def _summed(keys: Array, frames: Array) -> tuple[Array, Array]:
    width = int(keys.max(initial=-1)) + 2
    _, codes, sums = summed(np.zeros(len(frames), np.int64), (keys[0] + 1) * width + keys[1] + 1, frames[None])
    return np.stack([codes // width - 1, codes % width - 1]), sums[0]


def partial(found: Results, context: MeasureContext) -> State:
    """Frames of a bucket."""
    questions = questions_of(context.categories)
    kind, sides = questions.kind[found.question], (found.annotated.given, found.predicted.given)
    size, hit = len(questions.option_key), found.agreement.hit
    counts = option_sums(kind, found.outcome, found.frames, *sides, hit, size)
    return State(counts, *_pairs(found, questions))


def combine(states: list[State], _context: MeasureContext) -> State:
    """Sums of integers."""
    counts, pairs, frames = zip(*states, strict=True)
    return State(sum(counts), *_summed(np.concatenate(pairs, axis=1), np.concatenate(frames)))


def _quality(counts: Array) -> dict[str, Array]:
    """float64[n] each; NaN where it is undefined."""
    true, false, missed = counts
    return {
        "precision": ratio(true, true + false),
        "recall": ratio(true, true + missed),
        "f1": ratio(2 * true, 2 * true + false + missed),
    }


def _averages(counts: Array, key: int | None, name: str | None) -> Iterator[Value]:
    """Micro, macro and weighted over some options."""
    counts = counts[:, counts.sum(axis=0) > 0]
    true, false, missed = counts
    totals = (int((true + missed).sum()), int((true + false).sum()))
    together = _quality(counts.sum(axis=1, keepdims=True))
    for word, values in _quality(counts).items():
        whole, support = np.nan_to_num(values), true + missed
        means = {
            "micro": defined(together[word][0]),
            "macro": float(whole.mean()) if len(whole) else None,
            "weighted": float(whole @ support / support.sum()) if support.any() else None,
        }
        for average, value in means.items():
            yield Value(f"{average}_{word}", value, _NEITHER, key, name, *totals)


def _by_option(counts: Array, questions: Questions) -> Iterator[Value]:
    true, false, missed = counts.tolist()
    quality = _quality(counts)
    for o, (key, name) in enumerate(zip(questions.option_key.tolist(), questions.option_name, strict=True)):
        totals = true[o] + missed[o], true[o] + false[o]
        for word, values in quality.items():
            yield Value(word, defined(values[o]), _REASON[word], key, name, *totals)
        for word, column in zip(_COUNTS, (true, false, missed), strict=True):
            yield Value(word, float(column[o]), "", key, name, *totals)


def _confusion(state: State, context: MeasureContext, questions: Questions) -> pa.Table:
    keys = np.append(questions.option_key, -1)
    columns = {
        **labels(context, len(state.frames)),
        "ground_truth_category": pa.array(keys[state.pairs[0]].astype(np.int32)),
        "predicted_category": pa.array(keys[state.pairs[1]].astype(np.int32)),
        "n": pa.array(state.frames),
    }
    return completed(columns, CONFUSION.schema, len(state.frames))


def finish(state: State, context: MeasureContext) -> Mapping[str, Iterable[pa.Table]]:
    """Rows of `metrics`: over all radio questions about data units, of each question and option; and of `confusion`."""
    questions = questions_of(context.categories)
    radio = (questions.kind == RADIO) & ~questions.of_object
    values = list(_averages(state.counts[:, radio[questions.option_question]], None, None))
    for q, (key, name) in enumerate(zip(questions.key.tolist(), questions.name, strict=True)):
        if questions.kind[q] in (RADIO, CHECKLIST):
            values += _averages(state.counts[:, questions.option_question == q], key, name)
    values += _by_option(state.counts, questions)
    return {"metrics": [value_table(values, context)], "confusion": [_confusion(state, context, questions)]}


METRIC = Metric(name="answer_options", partial=partial, combine=combine, finish=finish)
