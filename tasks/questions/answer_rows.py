"""A bucket's answers of both sides as arrays: which question about what, which option or text, on which frames."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.judging import Array
from tasks.columns import numbers, one_chunk
from tasks.engine import Shard
from tasks.matchable import Bucket
from tasks.questions.ontology import TEXT, Questions
from tasks.questions.timeline import Spans, Timeline

COLUMNS = ("unit_key", "category_key", "text", "score", "first_frame", "last_frame", "track_id")


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
    tables = [shard.read(name, COLUMNS) for name in names]
    kept = [_judged(table, questions, bucket) for table in tables]
    rows = [table for table, _ in kept]
    texts, tracks = (distinct([table[name] for table in rows]) for name in ("text", "track_id"))
    ours, theirs = (_side(table, outside, questions, bucket, times, texts, tracks) for table, outside in kept)
    return Answers(ours, theirs, texts.to_pylist(), tracks.to_pylist())


def distinct(columns: list[pa.ChunkedArray]) -> pa.Array:
    """The texts of some columns, ascending, each once."""
    words = pc.unique(pa.concat_arrays([pc.unique(one_chunk(column)).cast(pa.string()) for column in columns]))
    words = words.drop_null()
    return words.take(pc.sort_indices(words))


def _judged(table: pa.Table, questions: Questions, bucket: Bucket) -> tuple[pa.Table, int]:
    """(the bucket's answers to live questions, how many of its others there are)."""
    unit, key = numbers(table["unit_key"]), numbers(table["category_key"])
    known = unit < len(bucket.local)
    inside = known & (bucket.local[np.where(known, unit, 0)] >= 0)
    question = questions.question_of[np.minimum(key, len(questions.question_of) - 1)]
    good = inside & (question >= 0)
    if not good.all():
        table = table.filter(pa.array(good))
    return table, int(inside.sum() - good.sum())


def _side(
    table: pa.Table, outside: int, questions: Questions, bucket: Bucket, times: Timeline, texts: pa.Array,
    tracks: pa.Array,
) -> Side:  # fmt: skip
    key = numbers(table["category_key"]).astype(np.int64)
    question = questions.question_of[key]
    written = questions.kind[question] == TEXT if len(questions.kind) else np.zeros(0, bool)
    option = np.where(written, places(table["text"], texts), questions.option_of[key])
    frames = (numbers(table[name], missing=-1).astype(np.int64) for name in ("first_frame", "last_frame"))
    spans = times.spans(bucket.local[numbers(table["unit_key"])].astype(np.int64), *frames)
    score = numbers(table["score"]) if table["score"].null_count < len(table) else np.full(len(table), np.nan)
    return Side(spans, question, option, score, places(table["track_id"], tracks), numbers(table["unit_key"]), outside)


def places(column: pa.ChunkedArray, words: pa.Array) -> Array:
    """int64[n]: where each text is among `words`; -1 where it is null, or not there."""
    if column.null_count == len(column):
        return np.full(len(column), -1, np.int64)
    return numbers(pc.index_in(one_chunk(column), words), missing=-1).astype(np.int64)
