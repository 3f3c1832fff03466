"""Made-up answers about images, a group and videos, and the same frame by frame in plain Python."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from schemas.judging import MeasureContext, Metric, Rules
from schemas.tables import (
    CATEGORY_RECORDS,
    CLASSIFICATIONS_GROUND_TRUTH,
    CLASSIFICATIONS_PREDICTIONS,
    UNIT_RECORDS,
    Table,
)
from tasks.columns import completed
from tasks.matchable import Bucket, bucket_of
from tasks.protocols.answers import PROTOCOL
from tasks.questions.judging import judged_rows
from tasks.questions.ontology import questions_of
from tasks.questions.results import Results, results_of
from tasks.questions.sequences import sequences_of
from tasks.units import UnitIndex, keyed_categories, keyed_units

QUESTIONS = {"kind": "radio", "grade": "radio", "parts": "checklist", "size": "radio", "notes": "text"}
OPTIONS = {"kind": "abcd", "grade": "xy", "parts": "pqr", "size": "sml"}
PARENTS = {"grade": "a", "size": "p"}
"""`grade` is asked where `kind` is a, `size` where `parts` has p."""
TEXTS = ["", "blurry", "blurred", "two apples", "two äpples", "🍎🍏"]
SEQUENCES = {**{f"image{k}": 1 for k in range(5)}, "group": 3, "video": 40, "clip": 12}
"""Frames of each."""

Row = dict[str, Any]
Frames = dict[tuple[str, str], dict[int, Any]]
"""By sequence and question: of each frame {option or text: score}, the score None for annotations."""


def categories() -> pa.Table:
    """A `categories` table of QUESTIONS, each a classification of its own unless it is nested, and a class `car`."""
    rows: list[Row] = [{"feature_hash": "car", "name": "car", "kind": "object"}]
    places: dict[str, int] = {}
    for name, kind in QUESTIONS.items():
        if name in PARENTS:
            parent = places[PARENTS[name]]
        else:
            parent = len(rows)
            rows.append({"feature_hash": name, "name": name, "kind": "classification"})
        owner = rows[parent]["feature_hash"]
        attribute = {"feature_hash": owner, "attribute_hash": name, "name": name, "kind": "attribute"}
        rows.append({**attribute, "answer_type": kind, "parent_row": parent})
        asked = len(rows) - 1
        for option in OPTIONS.get(name, ""):
            places[option] = len(rows)
            own = {"feature_hash": owner, "attribute_hash": name, "option_hash": option, "name": option}
            rows.append({**own, "kind": "option", "parent_row": asked})
    columns = {column: [row.get(column) for row in rows] for column in CATEGORY_RECORDS.fields}
    return keyed_categories(None, completed(columns, CATEGORY_RECORDS.schema, len(rows)))


def units() -> pa.Table:
    """A `data_units` table of SEQUENCES."""
    rows: list[Row] = []
    for name, frames in SEQUENCES.items():
        kind = {"i": "image", "g": "group image"}.get(name[0], "video frame")
        for frame in range(frames):
            unit = f"{name}-{frame}" if kind == "group image" else name
            hashes = {"source_id": unit, "data_hash": unit, "sequence_hash": name}
            rows.append({**hashes, "frame": frame, "kind": kind, "width": 100, "height": 50})
    columns = {column: [row.get(column) for row in rows] for column in UNIT_RECORDS.fields}
    columns["source_order"] = list(range(len(rows)))
    return keyed_units(None, completed(columns, UNIT_RECORDS.schema, len(rows)))


@dataclass(frozen=True, slots=True)
class Given:
    """An answer as a row: sequence, question, option or text, frames, score."""

    sequence: str
    question: str
    answer: str
    first: int
    last: int
    score: float | None = None


@dataclass(slots=True)
class Scene:
    """Rows of both sides."""

    annotated: list[Given] = field(default_factory=list)
    predicted: list[Given] = field(default_factory=list)
    units: pa.Table = field(default_factory=units)
    categories: pa.Table = field(default_factory=categories)
    rules: Rules = PROTOCOL.rules

    def table(self, rows: Sequence[Given], table: Table) -> pa.Table:
        """Rows as they are stored, with keys."""
        unit_key = {
            (row["sequence_hash"], row["frame"]): row["unit_key"]
            for row in self.units.select(["sequence_hash", "frame", "unit_key"]).to_pylist()
        }
        key = {
            (row["attribute_hash"], row["option_hash"]): row["category_key"]
            for row in self.categories.to_pylist()
            if row["attribute_hash"]
        }
        written = [QUESTIONS[row.question] == "text" for row in rows]
        columns = {
            "answer_key": list(range(len(rows))),
            "unit_key": [unit_key[row.sequence, row.first] for row in rows],
            "category_key": [
                key[row.question, None if text else row.answer] for row, text in zip(rows, written, strict=True)
            ],
            "text": [row.answer if text else None for row, text in zip(rows, written, strict=True)],
            "score": [row.score for row in rows],
            "first_frame": [row.first for row in rows],
            "last_frame": [row.last for row in rows],
        }
        if "prediction_set" in table.fields:
            columns["prediction_set"] = ["net"] * len(rows)
        return completed(columns, table.schema, len(rows))

    def rows(self, bucket: int = 0, buckets: int = 1) -> pa.Table:
        """Rows of `classification_results` of a bucket."""
        return self.judged(bucket, buckets)[0]

    def judged(self, bucket: int = 0, buckets: int = 1) -> tuple[pa.Table, dict[str, int]]:
        """The same, and the counts of the run's record."""
        tables = {
            "data_units": self.units,
            "categories": self.categories,
            "classifications_ground_truth": self.table(self.annotated, CLASSIFICATIONS_GROUND_TRUTH),
            "classifications_predictions": self.table(self.predicted, CLASSIFICATIONS_PREDICTIONS),
        }
        return judged_rows(MemoryShard(tables, self.rules, bucket, buckets))[:2]  # type: ignore[arg-type]

    def results(self, bucket: int = 0, buckets: int = 1) -> Results:
        """The same as arrays."""
        rows = self.rows(bucket, buckets)
        return results_of(rows, questions_of(self.categories), sequences_of(self.units))

    @property
    def context(self) -> MeasureContext:
        """What metrics know."""
        return MeasureContext(PROTOCOL, self.rules, self.units, self.categories, LABELS | {"similarity": "answers"})

    def measured(self, metric: Metric, buckets: int = 1) -> dict[str, list[Row]]:
        """Rows by table of one metric."""
        context = self.context
        states = [metric.partial(self.results(bucket, buckets), context) for bucket in range(buckets)]
        tables = metric.finish(metric.combine(states, context), context)
        return {name: [row for part in parts for row in part.to_pylist()] for name, parts in tables.items()}

    def values(self, metric: Metric, buckets: int = 1) -> dict[tuple[str, str | None], float | None]:
        """Value by metric and name of the class; at several thresholds a list would be needed: the last wins."""
        rows = self.measured(metric, buckets)["metrics"]
        return {(row["metric"], row["category_name"]): row["value"] for row in rows}


LABELS = {"prediction_set": "net", "protocol": "answers", "rules": "answers=0"}


@dataclass(frozen=True, slots=True)
class MemoryShard:
    """What `judged_rows` reads, from memory."""

    tables: dict[str, pa.Table]
    rules: Rules
    bucket: int
    buckets: int
    labels: dict[str, str] = field(default_factory=LABELS.copy)

    def read(self, table: str, columns: Sequence[str] | None = None, texts: Sequence[str] = ()) -> pa.Table:
        """A table."""
        return self.tables[table] if columns is None else self.tables[table].select(list(columns))

    def bucket_of(self, units: UnitIndex) -> Bucket:
        """Its units."""
        return bucket_of(units, self.bucket, self.buckets, self.rules.tie_order)


def _ranges(rng: np.random.Generator, frames: int) -> list[tuple[int, int]]:
    """Ranges of a sequence that share no frame, some of it left out."""
    cuts = np.unique(np.concatenate([[0, frames], rng.integers(0, frames + 1, rng.integers(0, 6))]))
    pairs = zip(cuts[:-1].tolist(), (cuts[1:] - 1).tolist(), strict=True)
    return [pair for pair in pairs if rng.random() < 0.75]


def _answers(rng: np.random.Generator, question: str, several: bool) -> list[str]:
    if QUESTIONS[question] == "text":
        return [str(rng.choice(TEXTS))]
    options = list(OPTIONS[question])
    most = len(options) if several or QUESTIONS[question] == "checklist" else 1
    return [str(option) for option in rng.permutation(options)[: rng.integers(1, most + 1)]]


def made_up(seed: int, scored: bool = True) -> Scene:
    """A scene: every question about every sequence, more or less; scores tie often."""
    rng, scene = np.random.default_rng(seed), Scene()
    for sequence, frames in SEQUENCES.items():
        for question in QUESTIONS:
            for first, last in _ranges(rng, frames):
                for answer in _answers(rng, question, False):
                    scene.annotated.append(Given(sequence, question, answer, first, last))
            for first, last in _ranges(rng, frames):
                for answer in _answers(rng, question, True):
                    score = float(np.round(rng.random(), 1)) if scored else None
                    scene.predicted.append(Given(sequence, question, answer, first, last, score))
    return scene


def by_frame(rows: Sequence[Given]) -> Frames:
    """Rows frame by frame."""
    frames: Frames = {}
    for row in rows:
        for frame in range(row.first, row.last + 1):
            frames.setdefault((row.sequence, row.question), {}).setdefault(frame, {})[row.answer] = row.score
    return frames


def samples(scene: Scene, question: str) -> list[tuple[dict[str, None], dict[str, float]]]:
    """(annotated, predicted) of every frame on which a question is annotated; predicted is empty where it is not."""
    annotated, predicted = by_frame(scene.annotated), by_frame(scene.predicted)
    return [
        (answer, predicted.get((sequence, asked), {}).get(frame, {}))
        for (sequence, asked), frames in annotated.items()
        if asked == question
        for frame, answer in frames.items()
    ]


def best(predicted: dict[str, float], question: str) -> str | None:
    """The option with the highest score, the first in the ontology of equals."""
    order = OPTIONS[question]
    return min(predicted, key=lambda option: (-predicted[option], order.index(option)), default=None)
