"""Import predictions: files become a prediction set of the project."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from schemas.errors import InputError
from schemas.parameters import PredictionParameters
from schemas.records import Format, Inputs, Run
from schemas.tables import CLASSIFICATIONS_PREDICTIONS as ANSWERS
from schemas.tables import PREDICTIONS
from tasks.additions import Held, same_buckets
from tasks.answers import PredictedAnswerKeys
from tasks.bucket_writers import BucketWriters
from tasks.catalog import PREDICTION_SET as KIND
from tasks.catalog import Catalog, Entry, catalog
from tasks.class_mapping import check_same_mapping
from tasks.imports import (
    Import,
    Imported,
    NamePaths,
    buckets_for,
    describe,
    holds,
    input_digests,
    publish,
    refuse_other,
    reject_writer,
    unchanged,
)
from tasks.ingest import format_of, open_aside, open_sources, read_predictions
from tasks.intake import AnswerWriters, Intake, RejectWriter, take_in
from tasks.naming import Names, names_of
from tasks.openlabel.class_mapping import read_class_mapping
from tasks.resolve import PredictionKeys
from tasks.rules import refuse_wrong_settings
from tasks.runs import RunLog
from tasks.set_versions import names_digest, set_version
from tasks.storage import Partition, Project, StagedPartition, Store, Transaction, tagged
from tasks.stored_columns import check_readable
from tasks.units import UnitIndex

_BESIDE = ("mapping", "image_mapping", "class_mapping")


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
    """InputError where the call cannot come to anything: options, files, format, protocols or their settings are wrong.

    For whoever does something else first, which would be left behind.
    """
    if parameters.add and parameters.replace:
        raise InputError("--add and --replace contradict each other", where="--add", hint="leave one of them out")
    format_of(parameters.format, open_sources(parameters.predictions), ground_truth=False)
    open_aside({name: getattr(parameters, name) for name in _BESIDE} | {"tags": parameters.settings.tags})
    refuse_wrong_settings(parameters.protocols, parameters.settings)


@dataclass(frozen=True, slots=True)
class _Call:
    """An import that is asked for, looked into as far as needs no writing."""

    parameters: PredictionParameters
    inputs: Inputs
    form: Format
    log: RunLog
    known: Catalog
    names: Names
    kept: Entry | None
    """The set that the files are added to."""
    group: str | None
    """The one that is asked for, else that of the set there is."""
    version: str


def open_predictions(parameters: PredictionParameters, run: Run, truth: Entry | None = None) -> Import | Imported:
    """Make ready for the records of the files; `Imported` where all of it is there already.

    They are resolved on `truth`, or else on the ground truth that is live.
    """
    project = Store(parameters.store).project(parameters.project)
    known = catalog(project)
    call = _call(parameters, known if truth is None else replace(known, ground_truth=truth), run)
    before = call.known.sets.get(parameters.name)
    if before is not None and holds(before, call.version, parameters.replace):
        return unchanged(parameters.name, before.record)
    if not parameters.replace and call.kept is None:
        refuse_other(before, call.log, parameters.predictions, f"the set {parameters.name!r}", "--name")
    transaction = project.begin(None, f"import predictions {parameters.name}")
    try:
        return _open(call, project, transaction, run)
    except BaseException as error:
        transaction.__exit__(type(error), error, error.__traceback__)
        raise


def _call(parameters: PredictionParameters, known: Catalog, run: Run) -> _Call:
    sources = open_sources(parameters.predictions)
    form = format_of(parameters.format, sources, ground_truth=False)
    check_readable(known, *([parameters.name] if parameters.add and parameters.name in known.sets else []))
    tables = known.require_ground_truth().partitions
    aside = open_aside({name: getattr(parameters, name) for name in _BESIDE})
    log = RunLog("import predictions", parameters.model_dump(mode="json"), prediction_set=parameters.name)
    log.inputs = list(describe(parameters.predictions, sources, aside, run))
    before = known.sets.get(parameters.name)
    group = before.record["group"] if before is not None and parameters.group is None else parameters.group
    kept = before if parameters.add else None
    if kept is not None:
        held = input_digests(kept.record["inputs"])
        log.inputs = [*kept.record["inputs"], *(item for item in log.inputs if item["sha256"] not in held)]
    version = set_version(log.inputs, form.name, group, known.require_ground_truth(), parameters.reading)
    units, categories = tables["data_units"].read(), tables["categories"].read()
    if "class_mapping" in aside:
        check_same_mapping(categories, read_class_mapping(aside["class_mapping"]))
    inputs = Inputs(sources, aside, units, categories, parameters.reading)
    names = names_of(units, categories, predictions=True, reading=parameters.reading)
    return _Call(parameters, inputs, form, log, known, names, kept, group, version)


def _replaced(known: Catalog, name: str, kept: Entry | None) -> list[Partition]:
    """Data of the set that the new one takes the place of, and its numbers; of one that is added to they are stale, and
    wait to be carried over.
    """
    before = [known.sets[name]] if name in known.sets else []
    numbers = known.evaluations_of(name) if kept is None else []
    return [partition for entry in [*before, *numbers] for partition in entry.data]


def _open(call: _Call, project: Project, transaction: Transaction, run: Run) -> Import:
    parameters, inputs = call.parameters, call.inputs
    tag, tables = tagged(parameters.name, call.version), call.known.require_ground_truth().partitions
    names = call.names
    staged = transaction.partition(PREDICTIONS, tag)
    begin = partial(transaction.partition, ANSWERS, tag)
    rejects = reject_writer(transaction, parameters.name)
    if call.kept is None:
        number = project.next_number("prediction_set")
        intake = _intake(staged, begin, names.units, rejects, number, buckets_for(inputs.sources))
    else:
        held = Held(call.kept, names.units)
        number = held.number()
        intake = _intake(staged, begin, names.units, rejects, number, same_buckets(held, buckets_for(inputs.sources)))
        held.carry_into(intake)
    intake.constants["prediction_set"] = parameters.name
    record: dict[str, Any] = {"kind": KIND, "name": parameters.name, "digest": call.version, "format": call.form.name}
    record |= {"group": call.group, "ground_truth": call.known.require_ground_truth().digest}
    record |= {"set_number": number, "names": names_digest(call.known.require_ground_truth())}
    record |= {"reading": parameters.reading.model_dump(mode="json")}
    unit_paths, category_paths = (tuple(map(str, tables[name].paths)) for name in ("data_units", "categories"))
    return Import(
        what=parameters.name,
        transaction=transaction,
        log=call.log,
        record=record,
        names=names,
        name_paths=NamePaths(unit_paths, category_paths, True, parameters.reading),
        blocks=read_predictions(call.form, inputs, run),
        intake=intake,
        data=[staged],
        replaced=_replaced(call.known, parameters.name, call.kept),
        reject_limit=parameters.reject_limit,
    )


def _intake(
    staged: StagedPartition,
    begin: Callable[[], StagedPartition],
    units: UnitIndex,
    rejects: RejectWriter,
    number: int,
    buckets: int,
) -> Intake:
    """Where the rows of the set of this number go."""
    writers = BucketWriters(staged, PREDICTIONS, units, buckets)
    answers = AnswerWriters(begin, ANSWERS, PredictedAnswerKeys.of_set(number), units, buckets)
    return Intake(PredictionKeys(number), writers, answers, rejects, {}, units.single)
