"""A bucket's answers of both sides as arrays: which question about what, which option or text, on which frames."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.judging import Array
from tasks.columns import dictionary, numbers, one_chunk, only_read
from tasks.engine import Shard
from tasks.kernels.answer_rows import Asked, Frames, Stored, place_answers
from tasks.matchable import Bucket
from tasks.questions.ontology import Questions
from tasks.questions.timeline import Spans, Timeline

COLUMNS = ("unit_key", "category_key", "text", "score", "first_frame", "last_frame", "track_id")
TEXTS = ("text", "track_id")
"""Columns of text that repeats."""


class Side(NamedTuple):
    """n answers of one side that are judged."""

    spans: Spans
    question: Array
    """int64[n]"""
    option: Array
    """int64[n]: of the project; of texts a place in `Answers.texts`."""
    score: Array
    """float64[n]; NaN: none, as of annotations."""
    track: Array
    """int64[n]: a place in `Answers.tracks`; -1: about a data unit."""
    unit_key: Array
    """int64[n]"""
    outside: int
    """Answers of the bucket whose question or option is retired, or that do not fit their question."""


class Answers(NamedTuple):
    """Answers of a bucket."""

    annotated: Side
    predicted: Side
    texts: list[str]
    """Ascending, each once."""
    tracks: list[str]


def read_answers(shard: Shard, questions: Questions, bucket: Bucket, times: Timeline) -> Answers:
    """Both sides of one bucket. Where a side holds none, it is empty."""
    names = ("classifications_ground_truth", "classifications_predictions")
    tables = [shard.read(name, COLUMNS, TEXTS) for name in names]
    texts, tracks = (distinct([table[name] for table in tables]) for name in TEXTS)
    asked = Asked(questions.kind, questions.question_of, questions.option_of)
    frames = Frames(bucket.local, times.sequence, times.frame, times.timed, times.end)
    ours, theirs = (_side(table, asked, frames, texts, tracks) for table in tables)
    return Answers(ours, theirs, texts.to_pylist(), tracks.to_pylist())


def distinct(columns: list[pa.ChunkedArray]) -> pa.Array:
    """The texts of some columns, ascending, each once."""
    words = pc.unique(pa.concat_arrays([pc.unique(one_chunk(column)).cast(pa.string()) for column in columns]))
    words = words.drop_null()
    return words.take(pc.sort_indices(words))


def _side(table: pa.Table, asked: Asked, frames: Frames, texts: pa.Array, tracks: pa.Array) -> Side:
    """The bucket's answers to live questions."""
    first, last = (numbers(table[name], missing=-1) for name in ("first_frame", "last_frame"))
    columns = (numbers(table["unit_key"]), numbers(table["category_key"]), first, last, places(table["text"], texts))
    placed, outside = place_answers(Stored(*map(only_read, columns)), asked, frames)
    track, score = places(table["track_id"], tracks), table["score"]
    scores = numbers(score) if score.null_count < len(score) else np.full(len(score), np.nan)
    kept = slice(None) if len(placed.row) == len(table) else placed.row
    spans = Spans(placed.sequence, placed.first, placed.last)
    return Side(spans, placed.question, placed.option, scores[kept], track[kept], columns[0][kept], outside)


def places(column: pa.ChunkedArray, words: pa.Array) -> Array:
    """int64[n]: where each text is among `words`; -1 where it is null, or not there."""
    if column.null_count == len(column):
        return np.full(len(column), -1, np.int64)
    coded = dictionary(column)
    found = np.append(numbers(pc.index_in(coded.dictionary, words), missing=-1).astype(np.int64), -1)
    return found[numbers(coded.indices, missing=-1)]
