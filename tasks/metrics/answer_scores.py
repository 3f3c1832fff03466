"""Numbers over the scores of answers: ROC-AUC, average precision, Brier score, calibration, top-k accuracy.

Each option is told from the rest of its question on the frames on which that is annotated; an option that is not given
has the score 0. ROC-AUC and average precision as scikit-learn's `roc_auc_score` (one against the rest) and
`average_precision_score`; Brier (1950): squared distance summed over options, mean over frames. Calibration of the best
option of radio questions: bins (l, r] of equal width; Guo et al. (2017). A question whose predictions lack a score, or
have one outside [0, 1], has none of these.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial as partial_of
from itertools import chain
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from schemas.judging import Array, MeasureContext, Metric
from tasks.columns import only_read
from tasks.kernels.answer_codes import CHECKLIST, RADIO, TEXT
from tasks.kernels.answer_sums import score_sums
from tasks.pixels.agreement import mean
from tasks.pixels.numbers import Value, defined, value_table
from tasks.protocols.answers import BINS, TOP_K
from tasks.questions.ontology import Questions, questions_of
from tasks.questions.results import Results
from tasks.questions.tallies import Tally, tallied, together
from tasks.running import local_run

_NO_SCORES = "a prediction has no score between 0 and 1"
_ONE_SIDED = "it is annotated on no frame that counts, or on all"
_NOTHING = "the question is annotated on no frame"


class State(NamedTuple):
    """Frames; Q questions, O options."""

    unscored: Array
    """int64[Q]: frames with a prediction that has no score between 0 and 1."""
    frames: Array
    """int64[Q]: on which it is annotated."""
    positive: Array
    """int64[O]: on which it is annotated."""
    near: Array
    """int64[Q]: on which the annotated option is among the best k."""
    options: tuple[Tally, ...]
    """Of each bucket, frames by option and its score; those on which it is annotated."""
    confidence: tuple[Tally, ...]
    """Likewise by question and score of the best option, of radio questions; those on which that is right."""


def partial(found: Results, context: MeasureContext) -> State:
    """Frames of a bucket."""
    questions, agreement = questions_of(context.categories), found.agreement
    sums = score_sums(
        questions.kind, found.question, found.outcome, found.frames, found.annotated.given, found.predicted.given,
        only_read(found.score), found.score_indptr, agreement.hit, agreement.place,
        int(dict(context.rules.options)[TOP_K][0]), len(questions.option_key),
    )  # fmt: skip
    tallies = (tallied(*sums.options),), (tallied(*sums.best),)
    return State(sums.unscored, sums.frames, sums.positive, sums.near, *tallies)


def combine(states: list[State], _context: MeasureContext) -> State:
    """Sums of integers; tallies are put together option by option, so that all of them are in memory once."""
    *arrays, options, confidence = zip(*states, strict=True)
    unscored, frames, positive, near = (np.sum(parts, axis=0) for parts in arrays)
    return State(
        unscored, frames, positive, near, *(tuple(chain.from_iterable(each)) for each in (options, confidence))
    )


class _Ranked(NamedTuple):
    """An option's frames by its score, highest first, those on which it is not given last, with 0."""

    score: Array
    positive: Array
    """int64[n]"""
    negative: Array


def _ranked(given: Tally, positive: int, frames: int) -> _Ranked:
    rest = np.array([[frames - given.frames[0].sum()], [positive - given.frames[1].sum()]])
    value, counts = np.append(0.0, given.value), np.hstack([rest, given.frames])
    if len(given.value) and given.value[0] == 0:
        value, counts = given.value, given.frames.copy()
        counts[:, :1] += rest
    return _Ranked(value[::-1], counts[1][::-1], (counts[0] - counts[1])[::-1])


def _roc_auc(ranked: _Ranked) -> float:
    """Share of pairs of a positive and a negative frame in which the positive ranks higher; ties are half."""
    positives, negatives = int(ranked.positive.sum()), int(ranked.negative.sum())
    if not positives or not negatives:
        return math.nan
    below = negatives - np.cumsum(ranked.negative)
    twice = int((ranked.positive * (2 * below + ranked.negative)).sum())
    return twice / (2 * positives * negatives)


def _average_precision(ranked: _Ranked) -> float:
    """Sum of the steps of recall, each times the precision there."""
    positives = int(ranked.positive.sum())
    if not positives:
        return math.nan
    true = np.cumsum(ranked.positive)
    precision = true / np.maximum(true + np.cumsum(ranked.negative), 1)
    return float((ranked.positive * precision).sum()) / positives


def _squares(ranked: _Ranked) -> float:
    """Squared distance of the score from 1 where the option is annotated, from 0 elsewhere, over frames."""
    return float((ranked.positive * (1 - ranked.score) ** 2 + ranked.negative * ranked.score**2).sum())


def _calibration(confidence: Sequence[Tally], bins: int) -> tuple[float, float]:
    """(ECE, MCE): mean and largest gap of accuracy and confidence over bins; NaN without frames."""
    frames = np.hstack([np.empty((2, 0), np.int64), *(each.frames for each in confidence)])
    value, total = np.concatenate([np.empty(0), *(each.value for each in confidence)]), int(frames[0].sum())
    if not total:
        return math.nan, math.nan
    place = np.searchsorted(np.linspace(0, 1, bins + 1)[1:], value)
    count, right = (np.bincount(place, weights=each, minlength=bins) for each in frames)
    sure = np.bincount(place, weights=value * frames[0], minlength=bins)
    gap = np.abs(right - sure)
    return float(gap.sum() / total), float((gap[count > 0] / count[count > 0]).max())


class _Numbers(NamedTuple):
    """float64[O] each; NaN where undefined."""

    roc_auc: Array
    pr_auc: Array
    squares: Array
    confidence: list[Tally]
    """Of each question, over all buckets."""


def _numbers(state: State, questions: Questions) -> _Numbers:
    frames, run = state.frames[questions.option_question], local_run()

    def of(option: int) -> tuple[float, float, float]:
        given = together(state.options, option)
        ranked = _ranked(given, int(state.positive[option]), int(frames[option]))
        return _roc_auc(ranked), _average_precision(ranked), _squares(ranked)

    confidence = run(partial_of(together, state.confidence), range(len(questions.key)), label="questions")
    found = np.array(list(run(of, range(len(frames)), label="options"))).reshape(-1, 3)
    found[state.unscored[questions.option_question] > 0] = np.nan
    roc_auc, pr_auc, squares = found.T
    return _Numbers(roc_auc, pr_auc, squares, list(confidence))


class _Asked(NamedTuple):
    """Some questions of one kind."""

    every: Array
    """int64[n]"""
    scored: Array
    """int64[m]: those of them whose predictions have scores throughout."""
    key: int | None = None
    name: str | None = None

    def value(self, metric: str, value: float, undefined: str, frames: int) -> Value:
        """A number over them."""
        reason = _NO_SCORES if len(self.every) > len(self.scored) else undefined
        return Value(metric, defined(value), reason, self.key, self.name, frames)


def _asked(state: State, which: Array, key: int | None = None, name: str | None = None) -> _Asked:
    return _Asked(which, which[state.unscored[which] == 0], key, name)


def _mean(values: Array) -> float:
    found = mean(values)
    return math.nan if found is None else found


def _areas(asked: _Asked, state: State, questions: Questions, numbers: _Numbers) -> Iterator[Value]:
    """Means over options."""
    options, frames = np.isin(questions.option_question, asked.scored), int(state.frames[asked.scored].sum())
    yield asked.value("macro_roc_auc", _mean(numbers.roc_auc[options]), _ONE_SIDED, frames)
    yield asked.value("macro_pr_auc", _mean(numbers.pr_auc[options]), _NOTHING, frames)


def _of_radios(
    asked: _Asked, state: State, questions: Questions, numbers: _Numbers, rules: Mapping[str, tuple[float, ...]]
) -> Iterator[Value]:
    """What scores of exclusive options say."""
    options, frames = np.isin(questions.option_question, asked.scored), int(state.frames[asked.scored].sum())
    there = frames or math.nan
    yield asked.value("brier", float(numbers.squares[options].sum()) / there, _NOTHING, frames)
    tries = int(rules[TOP_K][0])
    yield asked.value(f"top_{tries}_accuracy", int(state.near[asked.scored].sum()) / there, _NOTHING, frames)
    sure = [numbers.confidence[q] for q in asked.scored.tolist()]
    for metric, value in zip(("ECE", "MCE"), _calibration(sure, int(rules[BINS][0])), strict=True):
        yield asked.value(metric, value, "the question is answered on no frame that counts", frames)


def _by_option(state: State, questions: Questions, numbers: _Numbers) -> Iterator[Value]:
    frames = state.frames[questions.option_question].tolist()
    unscored = state.unscored[questions.option_question] > 0
    for metric, values in (("roc_auc", numbers.roc_auc), ("pr_auc", numbers.pr_auc)):
        for o, (key, name) in enumerate(zip(questions.option_key.tolist(), questions.option_name, strict=True)):
            reason = _NO_SCORES if unscored[o] else _ONE_SIDED
            yield Value(metric, defined(values[o]), reason, key, name, frames[o])


def finish(state: State, context: MeasureContext) -> Mapping[str, Iterable[pa.Table]]:
    """Rows of `metrics`: over all questions about data units, of each question, and of each option."""
    questions = questions_of(context.categories)
    numbers, rules = _numbers(state, questions), dict(context.rules.options)
    common = (state, questions, numbers)
    about_units = [np.flatnonzero((questions.kind == kind) & ~questions.of_object) for kind in (RADIO, CHECKLIST)]
    radio, checklist = (_asked(state, which) for which in about_units)
    values = [*_areas(radio, *common), *_of_radios(radio, *common, rules)]
    ticked = np.isin(questions.option_question, checklist.scored)
    frames = int(state.frames[checklist.scored].sum())
    values.append(checklist.value("checklist_mAP", _mean(numbers.pr_auc[ticked]), _NOTHING, frames))
    for q, (key, name) in enumerate(zip(questions.key.tolist(), questions.name, strict=True)):
        one = _asked(state, np.arange(q, q + 1), key, name)
        if questions.kind[q] != TEXT:
            values += _areas(one, *common)
        if questions.kind[q] == RADIO:
            values += _of_radios(one, *common, rules)
    return {"metrics": [value_table([*values, *_by_option(*common)], context)]}


METRIC = Metric(name="answer_scores", partial=partial, combine=combine, finish=finish)
