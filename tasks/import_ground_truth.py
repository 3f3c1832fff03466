"""Import ground truth: units, categories and annotations become the project's one live version."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import pyarrow as pa

from schemas.parameters import GroundTruthParameters
from schemas.records import Format, GroundTruthInput, Inputs, Run, Source
from schemas.tables import CATEGORIES, DATA_UNITS, GROUND_TRUTH, Table
from schemas.tables import CLASSIFICATIONS_GROUND_TRUTH as ANSWERS
from tasks.answers import AnnotatedAnswerKeys
from tasks.bucket_writers import BucketWriters
from tasks.catalog import GROUND_TRUTH as KIND
from tasks.catalog import Entry, catalog
from tasks.class_mapping import mapped_categories
from tasks.columns import completed
from tasks.imports import (
    Import,
    Imported,
    NamePaths,
    buckets_for,
    describe,
    holds,
    input_digests,
    part_paths,
    publish,
    refuse_other,
    reject_writer,
    unchanged,
    write_whole,
)
from tasks.ingest import format_of, open_aside, open_sources, read_ground_truth
from tasks.intake import AnswerWriters, Intake, take_in
from tasks.naming import names_of
from tasks.openlabel.class_mapping import read_class_mapping
from tasks.resolve import AnnotationKeys
from tasks.runs import RunLog
from tasks.storage import FileSource, Partition, Store, Transaction, tagged
from tasks.stored_columns import import_stages
from tasks.units import keyed_categories, keyed_units
from tasks.versions import digest


def import_ground_truth(parameters: GroundTruthParameters, run: Run) -> Imported:
    """Read a file of annotations. The same bytes again change nothing; others become the live version.

    InputError where the file cannot be read, or others are held and `replace` is not given; RejectLimitError where
    too many records are refused; the store is then as it was, but for the rejects.
    """
    job = open_ground_truth(parameters, run)
    if isinstance(job, Imported):
        return job
    with job.transaction, job.log.stage("import"):
        take_in(job.intake, job.blocks, job.names, run)
        return publish(job)


def open_ground_truth(parameters: GroundTruthParameters, run: Run) -> Import | Imported:
    """Read units and categories and make ready for the annotations; `Imported` where all of it is there already."""
    sources = open_sources(parameters.ground_truth)
    given = {name: getattr(parameters, name) for name in ("ontology", "data_units", "mapping", "class_mapping")}
    aside = open_aside(given)
    form = format_of(parameters.format, sources, ground_truth=True)
    log = RunLog("import ground-truth", parameters.model_dump(mode="json"))
    inputs = Inputs(sources, aside, _units_there(parameters), reading=parameters.reading)
    read = _mapped(read_ground_truth(form, inputs, run), aside)  # before the project is made: a fault leaves nothing
    log.inputs = list(describe(parameters.ground_truth, sources, aside, run))
    reading, stages = parameters.reading.model_dump(mode="json"), import_stages(predictions=False)
    version = digest([input_digests(log.inputs), form.name, reading, stages])
    project = Store(parameters.store).create(parameters.project)
    before = catalog(project).ground_truth
    if before is not None and holds(before, version, parameters.replace):
        return unchanged("ground truth", before.record)
    if not parameters.replace:
        refuse_other(before, log, parameters.ground_truth, f"the project {parameters.project!r}", "--project")
    transaction = project.begin(None, "import ground-truth")
    try:
        return _open(parameters, sources, form, log, version, read, before, transaction)
    except BaseException as error:
        transaction.__exit__(type(error), error, error.__traceback__)
        raise


def announced(job: Import) -> Entry:
    """The ground truth as it will be published: predictions can be resolved on its units and classes already."""
    staged = {partition.table.name: partition for partition in job.data if partition.table in (DATA_UNITS, CATEGORIES)}
    partitions = {name: Partition(of.folder, of.place, 0, of.finish()) for name, of in staged.items()}
    record = {**job.record, "stages": import_stages(predictions=False)}
    return Entry(KIND, record["name"], record["digest"], record, 0, partitions)


def _units_there(parameters: GroundTruthParameters) -> pa.Table | None:
    """The data units that the project has already, for files that do not say how large images are."""
    store = Store(parameters.store)
    if parameters.project not in store.projects():
        return None
    return _old(catalog(store.project(parameters.project)).ground_truth, DATA_UNITS)


def _mapped(read: GroundTruthInput, aside: Mapping[str, Source]) -> GroundTruthInput:
    """The input with the classes of predictions beside its own, where a class mapping is given."""
    if "class_mapping" not in aside:
        return read
    return replace(read, categories=mapped_categories(read.categories, read_class_mapping(aside["class_mapping"])))


def _old(before: Entry | None, table: Table) -> pa.Table | None:
    """What there was before; null in columns that an earlier boxscore did not store."""
    if before is None:
        return None
    rows = before.partitions[table.name].read()
    return completed({name: rows[name] for name in table.fields if name in rows.column_names}, table.schema, len(rows))


def _open(
    parameters: GroundTruthParameters,
    sources: list[FileSource],
    form: Format,
    log: RunLog,
    version: str,
    read: GroundTruthInput,
    before: Entry | None,
    transaction: Transaction,
) -> Import:
    tag = tagged("ground-truth", version)
    staged = {table.name: transaction.partition(table, tag) for table in (DATA_UNITS, CATEGORIES, GROUND_TRUTH)}
    units = keyed_units(_old(before, DATA_UNITS), read.units)
    categories = keyed_categories(_old(before, CATEGORIES), read.categories)
    write_whole(staged["data_units"], DATA_UNITS, units)
    write_whole(staged["categories"], CATEGORIES, categories)
    names = names_of(units, categories, predictions=False, reading=parameters.reading)
    buckets = buckets_for(sources)
    writers = BucketWriters(staged["ground_truth"], GROUND_TRUTH, names.units, buckets)
    begin = partial(transaction.partition, ANSWERS, tag)
    answers = AnswerWriters(begin, ANSWERS, AnnotatedAnswerKeys(), names.units, buckets)
    intake = Intake(AnnotationKeys(), writers, answers, reject_writer(transaction, None), {}, names.units.single)
    _count_units(intake, read)
    record: dict[str, Any] = {"kind": KIND, "name": "ground-truth", "digest": version, "format": form.name}
    return Import(
        what="ground truth",
        transaction=transaction,
        log=log,
        record=record,
        names=names,
        name_paths=NamePaths(
            part_paths(staged["data_units"]), part_paths(staged["categories"]), False, parameters.reading
        ),
        blocks=read.blocks,
        intake=intake,
        data=list(staged.values()),
        replaced=before.data if before is not None else [],
        reject_limit=parameters.reject_limit,
    )


def _count_units(intake: Intake, read: GroundTruthInput) -> None:
    """Images and classes are records too: those refused must be in the books."""
    intake.rejects.write(read.rejects)
    if "neg_categories" in read.units.column_names:
        intake.counts.given["federated"] = len(read.units) - read.units["neg_categories"].null_count
    taken = len(read.units) + len(read.categories)
    intake.counts.rows += taken + len(read.rejects)
    intake.counts.accepted += taken
    intake.counts.rejected += len(read.rejects)
