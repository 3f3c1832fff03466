"""Import ground truth: units, categories and annotations become the project's one live version."""

from collections.abc import Sequence
from typing import NamedTuple

import pyarrow as pa

from schemas.parameters import GroundTruthParameters
from schemas.records import Format, Run
from schemas.tables import CATEGORIES, DATA_UNITS, GROUND_TRUTH
from tasks.catalog import GROUND_TRUTH as KIND
from tasks.catalog import Entry, catalog
from tasks.imports import (
    Books,
    Imported,
    buckets_for,
    describe,
    import_stages,
    recorded,
    unchanged,
    write_whole,
)
from tasks.ingest import format_of, open_sources, read_ground_truth
from tasks.intake import BucketWriters, Counts, Names, take_in
from tasks.resolve import AnnotationKeys
from tasks.runs import RunLog
from tasks.storage import FileSource, StagedPartition, Store, Transaction, tagged
from tasks.units import category_index, keyed_categories, keyed_units, unit_index
from tasks.versions import digest


class _Import(NamedTuple):
    """One import under way."""

    parameters: GroundTruthParameters
    sources: Sequence[FileSource]
    form: Format
    before: Entry | None
    digest: str
    log: RunLog


def import_ground_truth(parameters: GroundTruthParameters, run: Run) -> Imported:
    """Read a file of annotations. The same bytes again change nothing; others become the live version.

    InputError where the file cannot be read; RejectLimitError where too many records are refused; the store is then
    as it was, but for the rejects.
    """
    sources = open_sources(parameters.ground_truth)
    form = format_of(parameters.format, sources[0], ground_truth=True)
    log = RunLog("import ground-truth", parameters.model_dump(mode="json"))
    log.inputs = list(describe(sources))
    version = digest([[item["sha256"] for item in log.inputs], form.name, import_stages()])
    project = Store(parameters.store).create(parameters.project)
    before = catalog(project).ground_truth
    if before is not None and before.digest == version:
        return unchanged("ground truth", before.record)
    with project.begin(None, "import ground-truth") as transaction:
        return _publish(_Import(parameters, sources, form, before, version, log), transaction, run)


def _old(before: Entry | None, table: str) -> pa.Table | None:
    return before.partitions[table].read() if before is not None else None


def _publish(job: _Import, transaction: Transaction, run: Run) -> Imported:
    read = read_ground_truth(job.form, job.sources[0], run)
    units = keyed_units(_old(job.before, "data_units"), read.units)
    categories = keyed_categories(_old(job.before, "categories"), read.categories)
    version = tagged("ground-truth", job.digest)
    staged = {table.name: transaction.partition(table, version) for table in (DATA_UNITS, CATEGORIES, GROUND_TRUTH)}
    write_whole(staged["data_units"], DATA_UNITS, units)
    write_whole(staged["categories"], CATEGORIES, categories)
    books = Books(transaction, job.log, "ground-truth")
    books.rejects.write(read.rejects)
    names = Names(unit_index(units), category_index(categories), predictions=False)
    buckets = buckets_for(sum(source.size for source in job.sources))
    with job.log.stage("import"):
        writers = BucketWriters(staged["ground_truth"], GROUND_TRUTH, names.units, buckets)
        counts = take_in(read.blocks, names, AnnotationKeys(), writers, books.rejects, run, {})
        writers.close()
    _count_units(counts, len(read.units), len(read.rejects))
    books.close(counts, job.parameters.reject_limit, list(staged.values()))
    return _commit(job, transaction, staged, counts, books)


def _count_units(counts: Counts, units: int, refused: int) -> None:
    """Images are records too: those refused must be in the books."""
    counts.rows += units + refused
    counts.accepted += units
    counts.rejected += refused


def _commit(
    job: _Import, transaction: Transaction, staged: dict[str, StagedPartition], counts: Counts, books: Books
) -> Imported:
    reasons = books.rejects.reasons
    record = {
        "kind": KIND,
        "name": "ground-truth",
        "digest": job.digest,
        "format": job.form.name,
        "annotations": sum(file.rows for file in staged["ground_truth"].finish()),
        **recorded(counts, reasons, job.log),
    }
    old = list(job.before.partitions.values()) if job.before is not None else []
    replaced = [partition for partition in old if partition.place.table != "runs"]
    transaction.commit(record, replaces=replaced)
    return Imported("ground truth", "completed", job.form.name, counts.rows, counts.accepted, counts.rejected, reasons)
