"""Import predictions: files become a prediction set of the project."""

from typing import Any

from schemas.parameters import PredictionParameters
from schemas.records import Format, Inputs, Run
from schemas.tables import PREDICTIONS
from tasks.bucket_writers import BucketWriters
from tasks.catalog import PREDICTION_SET as KIND
from tasks.catalog import Catalog, catalog
from tasks.imports import (
    Import,
    Imported,
    NamePaths,
    buckets_for,
    describe,
    import_stages,
    input_digests,
    publish,
    refuse_other,
    reject_writer,
    unchanged,
)
from tasks.ingest import format_of, open_sources, read_predictions
from tasks.intake import Intake, names_of, take_in
from tasks.resolve import PredictionKeys
from tasks.rules import named_protocol, rules_of
from tasks.runs import RunLog
from tasks.storage import FileSource, Partition, Project, Store, Transaction, tagged
from tasks.versions import digest


def import_predictions(parameters: PredictionParameters, run: Run) -> Imported:
    """Read a model's predictions as the set `name`.

    The same bytes again change nothing; a name that stands for others is refused with InputError unless `replace` is
    given. RejectLimitError where too many records are refused.
    """
    job = open_predictions(parameters, run)
    if isinstance(job, Imported):
        return job
    with job.transaction, job.log.stage("import"):
        take_in(job.intake, job.blocks, job.names, run)
        return publish(job)


def check_call(parameters: PredictionParameters) -> None:
    """InputError where the call cannot come to anything: file, format, protocols or their settings are wrong.

    For whoever does something else first, which would be left behind.
    """
    format_of(parameters.format, open_sources(parameters.predictions), ground_truth=False)
    for name in parameters.protocols:
        if name != "all":
            rules_of(named_protocol(name), parameters.settings)


def open_predictions(parameters: PredictionParameters, run: Run) -> Import | Imported:
    """Make ready for the records of the files; `Imported` where all of it is there already."""
    sources = open_sources(parameters.predictions)
    form = format_of(parameters.format, sources, ground_truth=False)
    project = Store(parameters.store).project(parameters.project)
    known = catalog(project)
    truth, before = known.require_ground_truth(), known.sets.get(parameters.name)
    log = RunLog("import predictions", parameters.model_dump(mode="json"), prediction_set=parameters.name)
    log.inputs = list(describe(sources))
    names = [file.sha256 for table in ("data_units", "categories") for file in truth.partitions[table].files]
    version = digest([input_digests(log.inputs), form.name, parameters.group, names, import_stages()])
    if before is not None and before.digest == version:
        return unchanged(parameters.name, before.record)
    if not parameters.replace:
        refuse_other(before, log, parameters.predictions, f"the set {parameters.name!r}", "--name")
    transaction = project.begin(None, f"import predictions {parameters.name}")
    try:
        return _open(parameters, sources, form, log, version, known, project, transaction, run)
    except BaseException as error:
        transaction.__exit__(type(error), error, error.__traceback__)
        raise


def _replaced(known: Catalog, name: str) -> list[Partition]:
    """Data and numbers of the set that the new one takes the place of."""
    before = [known.sets[name]] if name in known.sets else []
    return [partition for entry in [*before, *known.evaluations_of(name)] for partition in entry.data]


def _open(
    parameters: PredictionParameters,
    sources: list[FileSource],
    form: Format,
    log: RunLog,
    version: str,
    known: Catalog,
    project: Project,
    transaction: Transaction,
    run: Run,
) -> Import:
    tables = known.require_ground_truth().partitions
    names = names_of(tables["data_units"].read(), tables["categories"].read(), predictions=True)
    staged = transaction.partition(PREDICTIONS, tagged(parameters.name, version))
    intake = Intake(
        PredictionKeys(project.next_number("prediction_set")),
        BucketWriters(staged, PREDICTIONS, names.units, buckets_for(sources)),
        reject_writer(transaction, parameters.name),
        {"prediction_set": parameters.name},
    )
    record: dict[str, Any] = {"kind": KIND, "name": parameters.name, "digest": version, "format": form.name}
    record |= {"group": parameters.group, "ground_truth": known.require_ground_truth().digest}
    units, categories = (tuple(map(str, tables[name].paths)) for name in ("data_units", "categories"))
    return Import(
        what=parameters.name,
        transaction=transaction,
        log=log,
        record=record,
        names=names,
        name_paths=NamePaths(units, categories, predictions=True),
        blocks=read_predictions(form, Inputs(sources), run),
        intake=intake,
        data=[staged],
        replaced=_replaced(known, parameters.name),
        reject_limit=parameters.reject_limit,
    )
