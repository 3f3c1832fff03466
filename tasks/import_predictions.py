"""Import predictions: files become a prediction set of the project."""

from collections.abc import Sequence
from typing import NamedTuple

from schemas.errors import InputError
from schemas.parameters import PredictionParameters
from schemas.records import Format, Run
from schemas.tables import PREDICTIONS
from tasks.catalog import PREDICTION_SET as KIND
from tasks.catalog import Entry, catalog
from tasks.imports import Books, Imported, buckets_for, describe, import_stages, input_digests, recorded, unchanged
from tasks.ingest import format_of, open_sources, read_predictions
from tasks.intake import BucketWriters, Names, take_in
from tasks.resolve import PredictionKeys
from tasks.runs import RunLog
from tasks.storage import FileSource, Partition, Project, Store, Transaction, tagged
from tasks.units import category_index, unit_index
from tasks.versions import digest


class _Import(NamedTuple):
    """One import under way."""

    parameters: PredictionParameters
    project: Project
    sources: Sequence[FileSource]
    form: Format
    truth: Entry
    before: Entry | None
    replaced: Sequence[Partition]
    digest: str
    log: RunLog


def import_predictions(parameters: PredictionParameters, run: Run) -> Imported:
    """Read a model's predictions as the set `name`.

    The same bytes again change nothing; a name that stands for others is refused with InputError unless `replace` is
    given. RejectLimitError where too many records are refused.
    """
    sources = open_sources(parameters.predictions)
    form = format_of(parameters.format, sources[0], ground_truth=False)
    project = Store(parameters.store).project(parameters.project)
    known = catalog(project)
    truth, before = known.require_ground_truth(), known.sets.get(parameters.name)
    log = RunLog("import predictions", parameters.model_dump(mode="json"), prediction_set=parameters.name)
    log.inputs = list(describe(sources))
    names = [file.sha256 for table in ("data_units", "categories") for file in truth.partitions[table].files]
    version = digest([[item["sha256"] for item in log.inputs], form.name, names, import_stages()])
    if before is not None and before.digest == version and before.record["group"] == parameters.group:
        return unchanged(parameters.name, before.record)
    _refuse_other(parameters, before, log)
    replaced = [*before.partitions.values()] if before is not None else []
    for entry in known.evaluations_of(parameters.name):
        replaced += entry.partitions.values()
    kept = [partition for partition in replaced if partition.place.table != "runs"]
    with project.begin(None, "import predictions") as transaction:
        job = _Import(parameters, project, sources, form, truth, before, kept, version, log)
        return _publish(job, transaction, run)


def _refuse_other(parameters: PredictionParameters, before: Entry | None, log: RunLog) -> None:
    if before is None or parameters.replace:
        return
    if input_digests(before.record) != [item["sha256"] for item in log.inputs]:
        held = ", ".join(item["file"] for item in before.record["inputs"])
        raise InputError(
            f"the set {parameters.name!r} already holds other predictions ({held})",
            where=str(parameters.predictions),
            hint="--replace puts these in their place; --name gives them a name of their own",
        )


def _publish(job: _Import, transaction: Transaction, run: Run) -> Imported:
    name = job.parameters.name
    staged = transaction.partition(PREDICTIONS, tagged(name, job.digest))
    books = Books(transaction, job.log, "predictions")
    tables = job.truth.partitions
    units, categories = unit_index(tables["data_units"].read()), category_index(tables["categories"].read())
    names = Names(units, categories, predictions=True)
    keys = PredictionKeys(job.project.next_number("prediction_set"))
    buckets = buckets_for(sum(source.size for source in job.sources))
    with job.log.stage("import"):
        writers = BucketWriters(staged, PREDICTIONS, units, buckets)
        blocks = read_predictions(job.form, job.sources, run)
        counts = take_in(blocks, names, keys, writers, books.rejects, run, {"prediction_set": name})
        writers.close()
    books.close(counts, job.parameters.reject_limit, [staged])
    reasons = books.rejects.reasons
    record = {
        "kind": KIND,
        "name": name,
        "digest": job.digest,
        "group": job.parameters.group,
        "format": job.form.name,
        "ground_truth": job.truth.digest,
        "buckets": buckets,
        **recorded(counts, reasons, job.log),
    }
    transaction.commit(record, replaces=job.replaced)
    return Imported(name, "completed", job.form.name, counts.rows, counts.accepted, counts.rejected, reasons)
