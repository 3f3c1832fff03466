"""Nested questions: whether the child is right where the parent is, and how often both are.

On frames on which the child is annotated. The parent is right where the option that the child hangs from is answered by
both sides: chosen of a radio, ticked of a checklist.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from schemas.judging import Array, MeasureContext, Metric
from tasks.kernels.answer_codes import CHECKLIST, RIGHT
from tasks.pixels.numbers import Value, value_table
from tasks.questions.ontology import Questions, questions_of
from tasks.questions.results import Results
from tasks.questions.spans import Ranges, shared_frames
from tasks.questions.tallies import counted

_NO_CHILD = "no nested question is annotated"
_NO_PARENT = "its parent is right on no frame on which it is annotated"


class State(NamedTuple):
    """Frames; Q questions, 0 for those that are not nested."""

    annotated: Array
    """int64[Q]"""
    parent_right: Array
    """int64[Q]: of these, those on which the parent is right."""
    both_right: Array
    """int64[Q]"""


def partial(found: Results, context: MeasureContext) -> State:
    """Frames of a bucket."""
    questions = questions_of(context.categories)
    size, parent = len(questions.key), questions.parent[found.question]
    child = np.flatnonzero(found.counted & (parent >= 0))
    if not len(child):
        return State(*np.zeros((3, size), np.int64))
    annotated = counted(found.question[child], found.frames[child], size)
    subject = found.sequence * (int(found.track.max(initial=0)) + 1) + found.track
    options = len(questions.option_key)
    children = Ranges(subject[child] * options + parent[child], found.first[child], found.last[child])
    shared = shared_frames(children, _right_parents(found, subject, questions))
    row, frames = child[shared.left], shared.last - shared.first + 1
    right = found.outcome[row] == RIGHT
    return State(
        annotated,
        counted(found.question[row], frames, size),
        counted(found.question[row[right]], frames[right], size),
    )


def _right_parents(found: Results, subject: Array, questions: Questions) -> Ranges:
    """Where an option is answered by both sides, by subject and option."""
    owner, options = found.predicted.stretch, len(questions.option_key)
    place = np.arange(len(owner)) - found.predicted.indptr[owner]
    ticked = questions.kind[found.question] == CHECKLIST
    heads = found.annotated.heads[owner] == found.predicted.option
    hit = found.counted[owner] & np.where(ticked[owner], found.agreement.hit, heads & (place == 0))
    hit &= np.isin(found.predicted.option, questions.parent)
    rows, option = owner[hit], found.predicted.option[hit]
    return Ranges(subject[rows] * options + option, found.first[rows], found.last[rows])


def combine(states: list[State], _context: MeasureContext) -> State:
    """Sums of integers."""
    return State(*(sum(parts) for parts in zip(*states, strict=True)))


def _values(state: State, which: Array, key: int | None, name: str | None) -> Iterator[Value]:
    annotated, parent_right, both = (int(column[which].sum()) for column in state)
    reason = _NO_PARENT if annotated else _NO_CHILD
    yield Value("child_given_parent", both / parent_right if parent_right else None, reason, key, name, parent_right)
    yield Value("joint", both / annotated if annotated else None, _NO_CHILD, key, name, annotated)


def finish(state: State, context: MeasureContext) -> Mapping[str, Iterable[pa.Table]]:
    """Rows of `metrics`: over all nested questions about data units, and of each nested question."""
    questions = questions_of(context.categories)
    nested = questions.parent >= 0
    values = list(_values(state, np.flatnonzero(nested & ~questions.of_object), None, None))
    for q in np.flatnonzero(nested):
        values += _values(state, np.array([q]), int(questions.key[q]), questions.name[q])
    return {"metrics": [value_table(values, context)]}


METRIC = Metric(name="answer_nesting", partial=partial, combine=combine, finish=finish)
