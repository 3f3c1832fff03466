"""On how many frames answers are right: radio, checklist, text, and attributes of objects that were found.

A frame counts where its question is annotated. Where it is not predicted it is wrong; what is predicted where nothing
is annotated is counted apart, and so is what is about objects that were not found. Subset accuracy and Hamming loss as
in scikit-learn (`accuracy_score`, `hamming_loss` of indicators); similarity of texts as rapidfuzz's
`Levenshtein.normalized_similarity`, of no text 0.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from schemas.judging import Array, MeasureContext, Metric
from tasks.kernels.answer_codes import CHECKLIST, MISSING, RADIO, RIGHT, TEXT
from tasks.pixels.numbers import Value, value_table
from tasks.questions.ontology import Questions, questions_of
from tasks.questions.results import OUTCOMES, Results
from tasks.questions.tallies import Tally, counted, tally, together

_NOT_ANNOTATED = "the question is annotated on no frame"
_ACCURACY = {RADIO: "accuracy", CHECKLIST: "subset_accuracy", TEXT: "text_exact"}


class State(NamedTuple):
    """Frames; Q questions."""

    outcomes: Array
    """int64[5, Q]: frames of each of OUTCOMES."""
    predicted: Array
    """int64[Q]: frames on which it is predicted, wherever it is."""
    differing: Array
    """int64[Q]: options that one side alone has, on frames that count, summed over frames."""
    texts: tuple[Tally, ...]
    """Of each bucket, frames by question and similarity; a text that is not there has 0."""


def partial(found: Results, context: MeasureContext) -> State:
    """Frames of a bucket."""
    questions = questions_of(context.categories)
    size, frames = len(questions.key), found.frames
    cells = counted(found.outcome * size + found.question, frames, len(OUTCOMES) * size)
    predicted = np.diff(found.score_indptr) > 0
    ours, theirs = found.annotated.counts, found.predicted.counts
    differing = np.where(found.counted, ours + theirs - 2 * found.agreement.common, 0)
    texts = found.counted & (questions.kind[found.question] == TEXT)
    right = found.outcome == RIGHT
    return State(
        cells.reshape(len(OUTCOMES), size),
        counted(found.question[predicted], frames[predicted], size),
        counted(found.question, frames * differing, size),
        (tally(found.question[texts], np.nan_to_num(found.similarity[texts]), frames[texts], right[texts]),),
    )


def combine(states: list[State], _context: MeasureContext) -> State:
    """Sums of integers."""
    outcomes, predicted, differing, texts = zip(*states, strict=True)
    return State(sum(outcomes), sum(predicted), sum(differing), tuple(chain.from_iterable(texts)))


def _share(part: float, whole: int) -> float | None:
    return part / whole if whole else None


def _similarity(texts: list[Tally]) -> float | None:
    """The mean over frames."""
    frames = sum(int(each.frames[0].sum()) for each in texts)
    products = (v * n for each in texts for v, n in zip(each.value.tolist(), each.frames[0].tolist(), strict=True))
    return _share(math.fsum(products), frames)


class _Sums(NamedTuple):
    """What some questions come to together."""

    frames: int
    right: int
    cells: int
    """Options of each question times its frames."""
    differing: int
    predicted: int


def _sums(state: State, questions: Questions, which: Array) -> _Sums:
    frames = state.outcomes[: MISSING + 1].sum(axis=0)
    cells = frames * np.diff(questions.indptr)
    columns = (frames, state.outcomes[RIGHT], cells, state.differing, state.predicted)
    return _Sums(*(int(column[which].sum()) for column in columns))


def _values(kind: int, sums: _Sums, texts: list[Tally], key: int | None, name: str | None) -> Iterator[Value]:
    """The numbers of one or several questions of a kind."""
    where = (_NOT_ANNOTATED, key, name, sums.frames, sums.predicted)
    yield Value(_ACCURACY[kind], _share(sums.right, sums.frames), *where)
    if kind == CHECKLIST:
        yield Value("hamming_loss", _share(sums.differing, sums.cells), *where)
    if kind == TEXT:
        yield Value("text_similarity", _similarity(texts), *where)


def _by_question(state: State, questions: Questions, texts: list[Tally]) -> Iterator[Value]:
    """`texts` are of each question."""
    for q, (key, name, kind) in enumerate(zip(questions.key.tolist(), questions.name, questions.kind, strict=True)):
        sums = _sums(state, questions, np.arange(q, q + 1))
        yield from _values(int(kind), sums, [texts[q]], key, name)
        for word, count in zip(OUTCOMES, state.outcomes[:, q].tolist(), strict=True):
            yield Value(f"{word}_frames", float(count), "", key, name, sums.frames, sums.predicted)


def finish(state: State, context: MeasureContext) -> Mapping[str, Iterable[pa.Table]]:
    """Rows of `metrics`: over all questions about data units, over all about objects, and of each."""
    questions = questions_of(context.categories)
    values: list[Value] = []
    texts = [together(state.texts, q) for q in range(len(questions.key))]
    for kind in _ACCURACY:
        which = (questions.kind == kind) & ~questions.of_object
        kept = [texts[q] for q in np.flatnonzero(which)]
        values += _values(kind, _sums(state, questions, which), kept, None, None)
    about = _sums(state, questions, questions.of_object)
    share = _share(about.right, about.frames)
    reason = "no attribute of an object that was found is annotated"
    values.append(Value("attribute_accuracy", share, reason, None, None, about.frames, about.predicted))
    return {"metrics": [value_table([*values, *_by_question(state, questions, texts)], context)]}


METRIC = Metric(name="answer_accuracy", partial=partial, combine=combine, finish=finish)
