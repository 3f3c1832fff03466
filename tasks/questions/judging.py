"""Judging a bucket's answers: stretches of frames over which neither side changes, and what became of each."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from schemas.judging import Array
from schemas.tables import CLASSIFICATION_RESULTS
from tasks.columns import constant, only_read
from tasks.engine import Done, JudgedUnits, Shard
from tasks.kernels import answer_rows
from tasks.kernels.answer_codes import CHECKLIST, MISSING, RIGHT, TEXT, UNANNOTATED, UNMATCHED, WRONG
from tasks.kernels.answer_stretches import Arranged, Stretches, agree, arrange, sweep
from tasks.number_rows import words
from tasks.questions.answer_rows import COLUMNS, Answers, Side, read_answers
from tasks.questions.objects import OBJECT_COLUMNS, Meetings, meetings, with_gaps
from tasks.questions.ontology import Questions, questions_of
from tasks.questions.results import OUTCOMES
from tasks.questions.spans import Ranges, shared_frames
from tasks.questions.timeline import Timeline, timeline
from tasks.units import unit_index

OBJECT_IOU = "object_iou"
"""Option: lowest IoU of the boxes of objects that are the same."""


class Subjects(NamedTuple):
    """What S stretches are about."""

    question: Array
    """int64[S]"""
    sequence: Array
    annotated_track: Array
    """int64[S]: -1: none."""
    predicted_track: Array


class Pieces(NamedTuple):
    """n answers, or what is left of them, of both sides; by group, then first frame."""

    group: Array
    """int64[n]: a number for each question about each unit, object, or pair of objects."""
    first: Array
    last: Array
    option: Array
    score: Array
    predicted: Array
    """bool[n]"""
    pairs: Array
    """int64[2, P]: annotated and predicted tracks that some group is about; -1: none."""
    questions: int
    """A group is a sequence times P, and a pair, all times this, and a question."""

    def subjects(self, places: Array) -> Subjects:
        """Of the groups of some pieces."""
        rest, question = np.divmod(self.group[places], self.questions)
        sequence, pair = np.divmod(rest, self.pairs.shape[1])
        return Subjects(question, sequence, *self.pairs[:, pair])


class _Part(NamedTuple):
    """Pieces of a side."""

    row: Array | slice
    """int64[n]: of the side; or all of them."""
    first: Array
    last: Array
    meeting: Array
    """int64[n]: of its object with another one; -1: none."""


def _split(side: Side, which: str, met: Meetings, owners: int) -> _Part:
    """A side's answers, cut where their objects meet others."""
    if not (side.track >= 0).any():
        return _Part(slice(None), side.spans.first, side.spans.last, np.broadcast_to(-1, len(side.question)))
    about = np.flatnonzero(side.track >= 0)
    owner = side.spans.sequence * owners + side.track
    ours = Ranges(met.sequence * owners + getattr(met, which), met.first, met.last)
    parts, place = with_gaps(np.unique(owner[about]), ours)
    shared = shared_frames(Ranges(owner[about], side.spans.first[about], side.spans.last[about]), parts)
    rest = np.flatnonzero(side.track < 0)
    return _Part(
        np.concatenate([rest, about[shared.left]]),
        np.concatenate([side.spans.first[rest], shared.first]),
        np.concatenate([side.spans.last[rest], shared.last]),
        np.concatenate([np.full(len(rest), -1), place[shared.right]]),
    )


def _pairs(answers: Answers, met: Meetings, annotated: _Part, predicted: _Part) -> tuple[Array, list[Array]]:
    """(int64[2, P]: tracks of P pairs, the pair of each annotated piece and of each predicted one: int64[n] or one)."""
    if not answers.tracks:
        return np.full((2, 1), -1), [np.zeros(1, np.int64)] * 2
    base = len(answers.tracks) + 1
    met_by = (np.append(met.annotated, -1)[predicted.meeting], np.append(met.predicted, -1)[annotated.meeting])
    ours = np.concatenate([answers.annotated.track[annotated.row], met_by[0]])
    theirs = np.concatenate([met_by[1], answers.predicted.track[predicted.row]])
    pairs, place = np.unique((ours + 1) * base + theirs + 1, return_inverse=True)
    return np.stack(np.divmod(pairs, base)) - 1, np.split(place, [len(annotated.first)])


def _pieces(answers: Answers, met: Meetings, questions: int) -> Pieces:
    """Answers of both sides side by side."""
    owners, sides = max(len(answers.tracks), 1), (answers.annotated, answers.predicted)
    parts = _split(sides[0], "annotated", met, owners), _split(sides[1], "predicted", met, owners)
    pairs, pair = _pairs(answers, met, *parts)
    ours, theirs = (
        answer_rows.Side(
            side.spans.sequence[part.row],
            place,
            side.question[part.row],
            part.first,
            part.last,
            side.option[part.row],
            only_read(side.score[part.row]),
        )
        for side, part, place in zip(sides, parts, pair, strict=True)
    )
    found = answer_rows.ordered_pieces(ours, theirs, pairs.shape[1], questions)
    return Pieces(found.group, found.first, found.last, found.option, found.score, found.predicted, pairs, questions)


class Compared(NamedTuple):
    """S stretches, of which either side has a list of pieces."""

    stretches: Stretches
    subjects: Subjects
    sides: Arranged
    outcome: Array
    text: tuple[Array, Array]
    """int64[S]: annotated and predicted text; -1: none."""
    similarity: Array


def _first(indptr: Array, values: Array) -> Array:
    """int64[S]: the first value of each list; -1 where it is empty."""
    there = np.diff(indptr) > 0
    heads = np.full(len(there), -1, np.int64)
    heads[there] = values[indptr[:-1][there]]
    return heads


def compare(pieces: Pieces, questions: Questions, texts: list[str]) -> Compared:
    """Lay both sides over one another. Nothing in: no stretches."""
    stretches = sweep(pieces.group, pieces.first, pieces.last)
    sides = arrange(stretches.indptr, stretches.row, pieces.predicted, pieces.option, pieces.score)
    subjects = pieces.subjects(stretches.row[stretches.indptr[:-1]])
    annotated, predicted = (pieces.option.take(rows) for rows in (sides.annotated_row, sides.predicted_row))
    found = agree(sides.annotated_indptr, annotated, sides.predicted_indptr, predicted)
    kind = questions.kind[subjects.question]
    ours, theirs = np.diff(sides.annotated_indptr), np.diff(sides.predicted_indptr)
    alike = np.where(kind == CHECKLIST, (found.common == ours) & (found.common == theirs), found.place == 0)
    outcome = np.where(alike, RIGHT, WRONG)
    outcome[theirs == 0] = MISSING
    outcome[ours == 0] = UNANNOTATED
    outcome[(subjects.annotated_track >= 0) != (subjects.predicted_track >= 0)] = UNMATCHED
    ours_text, theirs_text = (
        np.where(kind == TEXT, _first(*column), -1)
        for column in ((sides.annotated_indptr, annotated), (sides.predicted_indptr, predicted))
    )
    similarity = _similarity(ours_text, theirs_text, texts)
    return Compared(stretches, subjects, sides, outcome, (ours_text, theirs_text), similarity)


def _similarity(annotated: Array, predicted: Array, texts: list[str]) -> Array:
    """float64[S]: 1 - edit distance / length of the longer text, in code points; NaN where a side has none."""
    values = np.full(len(annotated), np.nan)
    both = np.flatnonzero((annotated >= 0) & (predicted >= 0))
    if not len(both):
        return values
    from rapidfuzz.distance import Levenshtein  # here: a start without texts need not wait for it, 58 ms
    from rapidfuzz.process import cpdist

    pairs, place = np.unique(annotated[both] * len(texts) + predicted[both], return_inverse=True)
    ours, theirs = ([texts[k] for k in side.tolist()] for side in np.divmod(pairs, len(texts)))
    values[both] = cpdist(ours, theirs, scorer=Levenshtein.normalized_similarity, dtype=np.float64)[place]
    return values


def _option_lists(indptr: Array, row: Array, pieces: Pieces, written: Array, keys: Array) -> pa.Array:
    """list<int32>[S]: category_keys of options; of questions answered in text an empty list."""
    counts = np.where(written, 0, np.diff(indptr))
    kept = row[np.repeat(~written, np.diff(indptr))]
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(keys[pieces.option[kept]].astype(np.int32)))


def result_rows(
    compared: Compared, pieces: Pieces, answers: Answers, questions: Questions, times: Timeline, labels: dict[str, str]
) -> pa.Table:
    """Rows of `classification_results`, a stretch each; repeating text as codes, as they are written."""
    (first, last, _, _), sides, subjects = compared.stretches, compared.sides, compared.subjects
    written, count = questions.kind[subjects.question] == TEXT, len(first)
    score = pa.array(pieces.score.take(sides.predicted_row), from_pandas=True)
    lists = (written, questions.option_key)
    columns = {
        **{name: constant(text, count) for name, text in labels.items()},
        "question": pa.array(questions.key[subjects.question].astype(np.int32)),
        "unit_key": pa.array(times.keys_at(subjects.sequence, first)),
        "track_id": words(subjects.annotated_track, answers.tracks),
        "predicted_track_id": words(subjects.predicted_track, answers.tracks),
        "first_frame": pa.array(first.astype(np.int32)),
        "last_frame": pa.array(last.astype(np.int32)),
        "annotated_options": _option_lists(sides.annotated_indptr, sides.annotated_row, pieces, *lists),
        "predicted_options": _option_lists(sides.predicted_indptr, sides.predicted_row, pieces, *lists),
        "answer_scores": pa.ListArray.from_arrays(pa.array(sides.predicted_indptr.astype(np.int32)), score),
        "annotated_text": words(compared.text[0], answers.texts),
        "predicted_text": words(compared.text[1], answers.texts),
        "text_similarity": pa.array(compared.similarity, from_pandas=True),
        "outcome": words(compared.outcome, OUTCOMES),
    }
    return pa.table(columns)


def _nothing() -> Meetings:
    return Meetings(*(np.empty(0, np.int64) for _ in Meetings._fields))


def columns_of(shard: Shard) -> dict[str, tuple[str, ...]]:
    """What a bucket's work reads of both sides."""
    answers = dict.fromkeys(("classifications_predictions", "classifications_ground_truth"), COLUMNS)
    return {**answers, **OBJECT_COLUMNS}


def judged_rows(shard: Shard) -> tuple[pa.Table, dict[str, int], JudgedUnits]:
    """(rows of `classification_results` of one bucket, how many answers there are, the units they are about)."""
    units, questions = shard.read("data_units"), questions_of(shard.read("categories"))
    index = unit_index(units)
    bucket = shard.bucket_of(index)
    times = timeline(units, index, bucket)
    answers = read_answers(shard, questions, bucket, times)
    iou = dict(shard.rules.options)[OBJECT_IOU][0]
    met = meetings(shard, bucket, times, answers.tracks, iou) if answers.tracks else _nothing()
    pieces = _pieces(answers, met, max(len(questions.key), 1))
    rows = result_rows(compare(pieces, questions, answers.texts), pieces, answers, questions, times, shard.labels)
    counts = {
        "predictions": len(answers.predicted.question),
        "annotations": len(answers.annotated.question),
        "predictions_outside_protocol": answers.predicted.outside,
        "annotations_outside_protocol": answers.annotated.outside,
    }
    return rows, counts, JudgedUnits(answers.predicted.unit_key, answers.annotated.unit_key)


def match_answers(shard: Shard) -> Done:
    """Compare the answers of one bucket and write what became of them."""
    rows, counts, judged = judged_rows(shard)
    return Done(counts, shard.write({CLASSIFICATION_RESULTS: rows}), rows if shard.keep else None, judged=judged)
