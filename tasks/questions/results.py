"""Rows of `classification_results` as arrays, and the words they use."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.judging import Array
from tasks.columns import list_parts, numbers, one_chunk
from tasks.kernels.answer_codes import MISSING
from tasks.kernels.answer_stretches import Agreement, agree
from tasks.kernels.answer_sums import Given
from tasks.questions.ontology import Questions
from tasks.questions.sequences import Sequences

OUTCOMES = ("right", "wrong", "missing", "unannotated", "unmatched")
"""By their codes in `tasks.kernels.answer_codes`."""

COLUMNS = (
    "question", "unit_key", "track_id", "predicted_track_id", "first_frame", "last_frame", "annotated_options",
    "predicted_options", "answer_scores", "text_similarity", "outcome",
)  # fmt: skip


class Lists(NamedTuple):
    """Options of S stretches in CSR form."""

    indptr: Array
    """int64[S+1]"""
    option: Array
    """int64[N]: of the project."""
    stretch: Array
    """int64[N]: the stretch each entry belongs to."""

    @property
    def given(self) -> Given:
        """As kernels take them."""
        return Given(self.indptr, self.option)

    @property
    def counts(self) -> Array:
        """int64[S]"""
        return np.diff(self.indptr)

    @property
    def heads(self) -> Array:
        """int64[S]: the first option of each stretch; -1 where it has none."""
        there = self.counts > 0
        heads = np.full(len(there), -1, np.int64)
        heads[there] = self.option[self.indptr[:-1][there]]
        return heads


class Results(NamedTuple):
    """S stretches of frames."""

    question: Array
    """int64[S]"""
    unit_key: Array
    sequence: Array
    """int64[S]: a number for the video, group or image by itself."""
    timed: Array
    """bool[S]: of a video, or audio."""
    track: Array
    """int64[S]: a number for each pair of track_ids; 0 where there are none."""
    first: Array
    last: Array
    annotated: Lists
    """By ascending option."""
    predicted: Lists
    """Best first."""
    score: Array
    """float64: of each predicted option, or of the predicted text; NaN: none."""
    score_indptr: Array
    """int64[S+1]: scores of each stretch."""
    similarity: Array
    """float64[S]: of texts; NaN where there are none to compare."""
    outcome: Array
    """int64[S]: places in OUTCOMES."""
    agreement: Agreement
    """How annotated and predicted options agree."""

    @property
    def frames(self) -> Array:
        """int64[S]: how many frames each stretch holds for."""
        return self.last - self.first + 1

    @property
    def counted(self) -> Array:
        """bool[S]: annotated, and of objects that are matched."""
        return self.outcome <= MISSING


def _lists(column: pa.Array, questions: Questions) -> Lists:
    values, indptr = list_parts(column)
    stretch = np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))
    return Lists(indptr, questions.option_of[numbers(values)], stretch)


def results_of(table: pa.Table, questions: Questions, sequences: Sequences) -> Results:
    """Rows of `classification_results`, at least COLUMNS, as arrays. No rows: empty arrays."""
    unit_key = numbers(table["unit_key"])
    scores, score_indptr = list_parts(one_chunk(table["answer_scores"]))
    ours, theirs = (_lists(one_chunk(table[f"{side}_options"]), questions) for side in ("annotated", "predicted"))
    question_of = np.full(len(questions.question_of), -1, np.int64)
    question_of[questions.key] = np.arange(len(questions.key))
    return Results(
        question_of[numbers(table["question"])],
        unit_key,
        sequences.numbered(unit_key),
        sequences.timed[unit_key],
        _tracks(table),
        numbers(table["first_frame"]).astype(np.int64),
        numbers(table["last_frame"]).astype(np.int64),
        ours,
        theirs,
        numbers(scores.cast(pa.float64())) if scores.null_count < len(scores) else np.full(len(scores), np.nan),
        score_indptr,
        numbers(table["text_similarity"]),
        numbers(pc.index_in(one_chunk(table["outcome"]).cast(pa.string()), pa.array(OUTCOMES))).astype(np.int64),
        agree(ours.indptr, ours.option, theirs.indptr, theirs.option),
    )


def _tracks(table: pa.Table) -> Array:
    """int64[S]: a number for each pair of track_ids in the table."""
    codes = []
    for name in ("track_id", "predicted_track_id"):
        column = one_chunk(table[name])
        if column.null_count == len(column):
            codes.append(np.zeros(len(column), np.int64))
        else:
            encoded = column.cast(pa.string()).dictionary_encode().indices
            codes.append(numbers(encoded, missing=-1).astype(np.int64) + 1)
    return codes[0] * (int(codes[1].max(initial=0)) + 1) + codes[1]
