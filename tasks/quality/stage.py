"""The stage quality: a set's predictions, the ground truth, or the images as such, measured and published whole."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from schemas.records import Run
from tasks.buckets import parts_sharing
from tasks.catalog import QUALITY as KIND
from tasks.catalog import Catalog, Entry, catalog
from tasks.memory import give_back
from tasks.quality.images import Pictures, image_rows, pictures_of
from tasks.quality.measured import Faulty, Measured, Span
from tasks.quality.metric import ANNOTATION, IMAGE, PREDICTION
from tasks.quality.metrics import QUALITY_METRICS
from tasks.quality.table import IMAGE_FAULT, QUALITY
from tasks.quality.work import (
    QualityShard,
    Written,
    combined,
    joined_spans,
    metrics_of,
    partial_states,
    spans_of,
    write_bucket,
    write_only_bucket,
)
from tasks.runs import RunLog
from tasks.storage import Partition, Project, StagedPartition, Transaction, read_parts, tagged
from tasks.stored_columns import check_readable
from tasks.versions import STAGE_VERSIONS, digest

PREDICTIONS, ANNOTATIONS, IMAGES = "predictions", "annotations", "images"
"""What quality can be measured of: a set's predictions, the ground truth's annotations, images as such."""
_SIDES = {PREDICTIONS: PREDICTION, ANNOTATIONS: ANNOTATION, IMAGES: IMAGE}
_NOBODY = "ground-truth"
"""Stands where a set's name would, in the folder's name of what is of no set."""


@dataclass(slots=True)
class _Job:
    """One subject under way: opened, its shards are worked on, then it is published."""

    subject: str
    shards: list[QualityShard]
    data_units: tuple[str, ...]
    log: RunLog
    transaction: Transaction
    staged: StagedPartition
    record: dict[str, Any]
    replaced: Sequence[Partition]
    required: Sequence[Partition]
    pictures: Pictures | None


def measure_quality(
    project: Project,
    sets: Sequence[str],
    run: Run,
    ground_truth: bool = False,
    force: bool = False,
    images: Path | None = None,
) -> list[Measured]:
    """Measure sets, the ground truth where it is asked for, and the images as such: their pixels too where `images`
    is the folder that holds them.

    Where inputs and code are those of the stored rows, nothing is done, unless forced; what pixels said stays without
    the folder. InputError for an unknown set, or a project without ground truth, which holds the data units.
    """
    pictures = None if images is None else pictures_of(images)
    known = catalog(project)
    check_readable(known, *sets)
    asked = [(PREDICTIONS, known.set_named(name).name) for name in sets]
    subjects = [*asked, *([(ANNOTATIONS, None)] if ground_truth else []), (IMAGES, None)]
    done = [_measured(project, subject, name, run, force, None) for subject, name in subjects[:-1]]
    return [*done, _measured(project, IMAGES, None, run, force, pictures)]


def _measured(
    project: Project, subject: str, name: str | None, run: Run, force: bool, pictures: Pictures | None
) -> Measured:
    job = _open(project, subject, name, force, pictures)
    if isinstance(job, Measured):
        return job
    with job.transaction:
        with job.log.stage("quality"):
            written = _images(job, run) if subject == IMAGES else _objects(job, run)
        return _publish(job, written)


def stale_quality(known: Catalog, entry: Entry) -> str | None:
    """Why stored quality is not today's, or None."""
    if entry.record["metrics"] != _metrics_digest(entry.name):
        return "boxscore's own rules changed"
    if entry.name == ANNOTATIONS or entry.record.get("data_units") != _units_digest(known):
        return known.stale(entry)
    unmoved = {**entry.record, "ground_truth": known.require_ground_truth().digest}  # of which only its units are read
    return known.stale(replace(entry, record=unmoved))


def _units_digest(known: Catalog) -> str:
    """Changes with the data units."""
    return digest([file.sha256 for file in known.require_ground_truth().partitions["data_units"].files])


def _metrics_digest(subject: str) -> str:
    """Changes with the metrics there are, their columns and versions."""
    mine = (
        metrics_of(_SIDES[subject]) if subject != IMAGES else [m for m in QUALITY_METRICS if m.of_images or m.of_pixels]
    )
    return digest([[m.name, m.version, [field.name for field in m.fields]] for m in mine] + [QUALITY.fields])


def _inputs(known: Catalog, subject: str, name: str | None) -> dict[str, Partition]:
    """Tables that a subject is measured from."""
    truth = known.require_ground_truth().partitions
    wanted: dict[str, Partition] = {"data_units": truth["data_units"]}
    if subject == PREDICTIONS:
        held = known.set_named(str(name)).partitions
        wanted |= {table: held[table] for table in ("predictions", "classifications_predictions") if table in held}
    elif subject == ANNOTATIONS:
        wanted |= {table: truth[table] for table in ("ground_truth", "classifications_ground_truth") if table in truth}
    return wanted


def _open(project: Project, subject: str, name: str | None, force: bool, pictures: Pictures | None) -> _Job | Measured:
    """Stage the table and plan the shards; `Measured` where the stored rows are those that would come out."""
    known = catalog(project)
    before = known.quality.get((name, subject))
    if before is not None and _is_current(known, before, pictures) and not force:
        return Measured(subject, name, "unchanged", *_books(before.record))
    inputs, record = _inputs(known, subject, name), _record(known, subject, name, pictures)
    log = RunLog(f"quality of {subject}", {}, prediction_set=name)
    transaction = project.begin(None, f"quality {name or _NOBODY} {subject}")
    version = tagged(name or _NOBODY, digest([record["set_digest"], record["ground_truth"], record["stages"]]))
    staged = transaction.partition(QUALITY, version, record["digest"])
    return _Job(
        subject=subject,
        shards=[] if subject == IMAGES else _shards(inputs, subject, name, staged.folder),
        data_units=tuple(map(str, inputs["data_units"].paths)),
        log=log,
        transaction=transaction,
        staged=staged,
        record=record,
        replaced=before.data if before is not None else [],
        required=list(inputs.values()),
        pictures=pictures,
    )


def _is_current(known: Catalog, before: Entry, pictures: Pictures | None) -> bool:
    """Whether stored rows are those that would come out."""
    looked_at = pictures is None or before.record.get("images") == pictures.digest
    return looked_at and stale_quality(known, before) is None


def _record(known: Catalog, subject: str, name: str | None, pictures: Pictures | None) -> dict[str, Any]:
    metrics = _metrics_digest(subject)
    images = None if pictures is None else pictures.digest
    return {
        "kind": KIND,
        "name": subject,
        "digest": tagged(subject, metrics if images is None else digest([metrics, images])),
        "images": images,
        "prediction_set": name,
        "set_digest": None if name is None else known.set_named(name).digest,
        "ground_truth": known.require_ground_truth().digest,
        "data_units": _units_digest(known),
        "stages": {"quality": STAGE_VERSIONS["quality"]},
        "metrics": metrics,
    }


def _shards(inputs: dict[str, Partition], subject: str, name: str | None, folder: Path) -> list[QualityShard]:
    split = {table: partition for table, partition in inputs.items() if table != "data_units"}
    buckets = max((len(partition.buckets) for partition in split.values()), default=1)
    units = {"data_units": tuple(map(str, inputs["data_units"].paths))}
    return [
        QualityShard(
            of=_SIDES[subject],
            prediction_set=name,
            bucket=bucket,
            buckets=buckets,
            inputs={**units, **{table: parts_sharing(part, bucket, buckets) for table, part in split.items()}},
            folder=str(folder),
        )
        for bucket in range(buckets)
    ]


def _objects(job: _Job, run: Run) -> Written:
    label = f"quality of {job.subject}"
    if len(job.shards) == 1:
        parts = list(run(write_only_bucket, job.shards, label=label))
    else:
        partials = list(run(partial_states, job.shards, label="quality states"))
        states = combined(_SIDES[job.subject], partials)
        parts = list(run(partial(write_bucket, states=states), job.shards, label=label))
    give_back()
    rows = {of: sum(part.rows[of] for part in parts) for of in parts[0].rows}
    return Written([file for part in parts for file in part.files], rows, joined_spans([part.spans for part in parts]))


def _images(job: _Job, run: Run) -> Written:
    rows, spans = 0, []
    counts, first = Counter[str](), dict[str, str]()
    with job.staged.writer() as writer:
        for piece in image_rows(read_parts(job.data_units), job.pictures, run):
            writer.write(piece.rows)
            rows += len(piece.rows)
            spans.append(spans_of(piece.rows))
            counts.update(piece.rows[IMAGE_FAULT.name].drop_null().to_pylist())
            first = piece.faulty | first
    faults = {code: Faulty(n, first[code]) for code, n in counts.most_common()}
    return Written([], {IMAGE: rows}, joined_spans(spans), faults)


def _publish(job: _Job, written: Written) -> Measured:
    """Make the rows live together; StoreError where what they were computed from was replaced meanwhile."""
    job.staged.accept(written.files)
    columns = {name: list(span) for name, span in written.spans.items() if span.n}
    faults = {code: list(faulty) for code, faulty in written.faults.items()}
    books = {"rows": written.rows, "columns": columns, "faults": faults}
    job.log.rows_in = job.log.rows_accepted = sum(written.rows.values())
    job.log.details.update(books)
    job.log.stage_row(job.transaction)
    job.transaction.commit({**job.record, **books}, replaces=job.replaced, requires=job.required)
    return Measured(job.subject, job.record["prediction_set"], "completed", *_books(books))


def _books(record: Any) -> tuple[dict[str, int], dict[str, Span], dict[str, Faulty]]:
    spans = {name: Span(*span) for name, span in record["columns"].items()}
    return dict(record["rows"]), spans, {code: Faulty(*faulty) for code, faulty in record.get("faults", {}).items()}
