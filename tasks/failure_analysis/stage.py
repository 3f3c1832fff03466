"""The stage failures: a set's evaluations analysed by quality, and published whole."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from schemas.conclusions import FailureSettings
from schemas.records import Run
from schemas.tables import FAILURE_SLICES, METRIC_IMPORTANCE, METRIC_PERFORMANCE
from tasks.buckets import parts_sharing
from tasks.catalog import FAILURES as KIND
from tasks.catalog import Catalog, Entry, catalog, evaluation_mark, quality_mark
from tasks.class_mapping import measured_classes
from tasks.columns import numbers
from tasks.failure_analysis.analysis import Asked, Wanted, analyse
from tasks.failure_analysis.evaluated import matched_evaluations, rules_used
from tasks.failure_analysis.performance import Classes
from tasks.failure_analysis.source import (
    ANNOTATED_UNIT,
    ANNOTATION,
    IMAGE,
    PREDICTED_UNIT,
    PREDICTION,
    Bucket,
)
from tasks.matchable import classes_of
from tasks.quality.metrics import QUALITY_METRICS
from tasks.quality.stage import ANNOTATIONS, IMAGES, PREDICTIONS, measure_quality
from tasks.runs import RunLog
from tasks.storage import Partition, Project, tagged
from tasks.versions import STAGE_VERSIONS, digest

TABLES = (METRIC_PERFORMANCE, METRIC_IMPORTANCE, FAILURE_SLICES)
_KEPT_ROWS = 1_000_000
"""Largest set whose joined rows stay in memory between the looks: some 200 bytes a row."""
_SUBJECTS = {
    PREDICTION: (PREDICTIONS, "of_objects"),
    ANNOTATION: (ANNOTATIONS, "of_objects"),
    PREDICTED_UNIT: (PREDICTIONS, "of_units"),
    ANNOTATED_UNIT: (ANNOTATIONS, "of_units"),
    IMAGE: (IMAGES, ""),
}
"""Where the metrics of each kind of dimension are measured, and what the metric has to offer for it."""


@dataclass(frozen=True, slots=True)
class Analysed:
    """What became of one evaluation."""

    prediction_set: str
    name: str
    """The protocol, or the name its numbers stand under."""
    status: str


def find_failures(
    project: Project,
    name: str,
    protocols: Sequence[str],
    settings: FailureSettings,
    run: Run,
    force: bool = False,
    keep: bool = True,
) -> list[Analysed]:
    """Analyse a set's evaluations (none: all that match objects), measuring quality first where it is not there.

    Where inputs, settings and code are those of the stored rows, nothing is done, unless forced. `keep` lets small sets
    stay in memory between the looks: only where shards stay in this process. InputError as of `matched_evaluations`.
    """
    matched_evaluations(catalog(project), name, protocols)
    measure_quality(project, [name], run, ground_truth=True)
    known = catalog(project)
    return [
        _analysed(project, known, evaluation, settings, run, force, keep)
        for evaluation in matched_evaluations(known, name, protocols)
    ]


def _quality(known: Catalog, name: str) -> dict[str, Entry]:
    """By subject: what was measured just now."""
    return {
        PREDICTIONS: known.quality[name, PREDICTIONS],
        ANNOTATIONS: known.quality[None, ANNOTATIONS],
        IMAGES: known.quality[None, IMAGES],
    }


def _metrics(quality: Mapping[str, Entry]) -> dict[str, tuple[str, ...]]:
    """Columns of numbers, by what they are of; keys of partners are none."""
    found = {}
    for kind, (subject, offers) in _SUBJECTS.items():
        held = quality[subject].record["columns"]
        given = [metric for metric in QUALITY_METRICS if not offers or getattr(metric, offers) is not None]
        names = [field.name for metric in given for field in metric.fields if not field.name.endswith("_partner")]
        found[kind] = tuple(name for name in names if name in held)
    return found


def _buckets(
    known: Catalog, evaluation: Entry, quality: Mapping[str, Entry], settings: FailureSettings
) -> list[Bucket]:
    truth = known.require_ground_truth()
    matches = evaluation.partitions["matches"]
    buckets, metrics = len(matches.buckets), _metrics(quality)
    classes = classes_of(truth.partitions["categories"].read()).dense
    parts = {kind: quality[subject].partitions["quality"] for kind, (subject, _) in _SUBJECTS.items()}
    return [
        Bucket(
            matches=parts_sharing(matches, bucket, buckets),
            ground_truth_matches=parts_sharing(evaluation.partitions["ground_truth_matches"], bucket, buckets),
            quality={kind: parts_sharing(part, bucket, buckets) for kind, part in parts.items()},
            metrics=metrics,
            max_detections=rules_used(evaluation).max_detections[-1],
            least_score=settings.least_score,
            classes=classes,
        )
        for bucket in range(buckets)
    ]


def known_classes(known: Catalog) -> Classes:
    """The measured classes, by position."""
    rows = measured_classes(known.require_ground_truth().partitions["categories"].read())
    return Classes(numbers(rows["category_key"]).astype(np.int32), rows["name"].to_pylist())


def _record(
    known: Catalog, evaluation: Entry, quality: Mapping[str, Entry], settings: FailureSettings
) -> dict[str, Any]:
    made_of = {
        "evaluations": {evaluation.record["prediction_set"]: evaluation_mark(evaluation)},
        "quality": [quality_mark(entry) for entry in quality.values()],
        "stages": {"failures": STAGE_VERSIONS["failures"]},
        "settings": settings.model_dump(mode="json"),
    }
    return {
        "kind": KIND,
        "name": evaluation.name,
        "digest": digest(made_of),
        "prediction_set": evaluation.record["prediction_set"],
        **made_of,
    }


def _analysed(
    project: Project,
    known: Catalog,
    evaluation: Entry,
    settings: FailureSettings,
    run: Run,
    force: bool,
    keep: bool,
) -> Analysed:
    quality = _quality(known, evaluation.record["prediction_set"])
    record = _record(known, evaluation, quality, settings)
    name, before = record["prediction_set"], known.failures.get((record["prediction_set"], evaluation.name))
    if before is not None and before.record["digest"] == record["digest"] and not force:
        return Analysed(name, evaluation.name, "unchanged")
    log = RunLog(f"failures {evaluation.name}", settings.model_dump(mode="json"), prediction_set=name)
    with project.begin(None, f"failures {name} {evaluation.name}") as transaction:
        staged = {
            table.name: transaction.partition(table, tagged(name, record["digest"]), evaluation.record["rules"])
            for table in TABLES
        }
        with log.stage("failures"):
            rows = _rows(known, evaluation, quality, settings, run, keep)
        for table, pieces in rows.items():
            with staged[table].writer() as writer:
                for piece in pieces:
                    writer.write(piece)
        log.rows_in = log.rows_accepted = evaluation.partitions["matches"].rows
        log.stage_row(transaction)
        transaction.commit(
            record, replaces=[] if before is None else before.data, requires=_required(known, evaluation, quality)
        )
    return Analysed(name, evaluation.name, "completed")


def _required(known: Catalog, evaluation: Entry, quality: Mapping[str, Entry]) -> list[Partition]:
    truth = known.require_ground_truth().partitions
    matched = [evaluation.partitions[table] for table in ("matches", "ground_truth_matches")]
    return [*matched, *(entry.partitions["quality"] for entry in quality.values()), truth["categories"]]


def _rows(
    known: Catalog,
    evaluation: Entry,
    quality: Mapping[str, Entry],
    settings: FailureSettings,
    run: Run,
    keep: bool,
) -> dict[str, Iterable[pa.Table]]:
    record, rows = evaluation.record, evaluation.partitions["matches"].rows
    asked = Asked(
        buckets=_buckets(known, evaluation, quality, settings),
        metrics=_metrics(quality),
        classes=known_classes(known),
        units=known.require_ground_truth().partitions["data_units"].read(),
        labels={
            "prediction_set": record["prediction_set"],
            "protocol": evaluation.name,
            "rules": record["rules"],
        },
        keep=keep and rows <= _KEPT_ROWS,
    )
    return analyse(asked, Wanted(settings.bins, settings.samples, settings.permuted), run)
