"""Commands that work: evaluate, import, reanalyze."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from flows.cli.again import say_evaluations
from flows.cli.app import STORE, JsonOption, ProjectOption, StoreOption
from flows.cli.console import print_json, progress, say
from flows.cli.numbers import numbers_of
from flows.cli.options import (
    MappedPredictionOptions,
    MappedTruthOptions,
    PredictionFileOptions,
    ProtocolOptions,
    ReadingOptions,
    TruthFileOptions,
)
from flows.cli.quality_lines import quality_facts, say_quality
from schemas.errors import InputError
from schemas.names import name_of_file
from schemas.parameters import (
    EvaluateParameters,
    FormatName,
    GroundTruthParameters,
    PredictionParameters,
    StoreParameters,
)
from schemas.records import Run
from tasks.both_sides import import_both
from tasks.catalog import catalog
from tasks.evaluation import Evaluated, evaluate_set
from tasks.import_ground_truth import import_ground_truth
from tasks.import_predictions import check_call, import_predictions
from tasks.imports import Imported
from tasks.ingest import named_in
from tasks.quality.measured import Measured
from tasks.running import local_run
from tasks.storage import Project, Store

FormatOption = Annotated[FormatName, Parameter(name="--format", help="How the file is written.")]
LimitOption = Annotated[float, Parameter(name="--reject-limit", help="Largest share of records that may be rejected.")]
ReplaceOption = Annotated[
    bool,
    Parameter(
        name="--replace", negative="", show_default=False, help="Replace a set that holds others, or is damaged."
    ),
]
ReplaceBothOption = Annotated[
    bool,
    Parameter(
        name="--replace",
        negative="",
        show_default=False,
        help="Replace ground truth and set where they hold others, or are damaged.",
    ),
]
GroupOption = Annotated[str | None, Parameter(name="--group", help="Group the set belongs to.")]
NameOption = Annotated[
    str | None,
    Parameter(name="--name", help="Name of the prediction set; the prediction branch's or the file's when left out."),
]
QualityOption = Annotated[
    bool, Parameter(name="--quality", negative="", show_default=False, help="Measure the quality metrics too.")
]
AddOption = Annotated[
    bool, Parameter(name="--add", negative="", show_default=False, help="Add further files to a set of this name.")
]


def name_from(path: Path) -> str:
    """A name made of a file's stem or a whole directory's, what names may not hold as hyphens; else `unnamed`."""
    return name_of_file(path.name if path.is_dir() else path.stem)


def set_name(path: Path, format: FormatName) -> str:
    """The name the predictions give themselves (a prediction branch), else one made of the file's."""
    return named_in(path, format) or name_from(path)


def evaluate(
    *,
    ground_truth: Path,
    predictions: Path,
    project: Annotated[
        str | None, Parameter(help="Name of the project; the ground truth file's when left out.")
    ] = None,
    name: Annotated[str | None, Parameter(help="Name of the set; the predictions file's when left out.")] = None,
    group: GroupOption = None,
    format: FormatOption = FormatName.AUTO,
    beside_truth: TruthFileOptions | None = None,
    beside: PredictionFileOptions | None = None,
    reading: ReadingOptions | None = None,
    options: ProtocolOptions | None = None,
    replace: ReplaceBothOption = False,
    quality: QualityOption = False,
    reject_limit: LimitOption = 1.0,
    store: StoreOption = STORE,
    json: JsonOption = False,
) -> None:
    """Import ground truth and predictions, match and measure: from two files to the metrics and the whole store.

    Parameters
    ----------
    ground_truth
        File, directory or quoted glob with the annotations.
    predictions
        File, directory or quoted glob with the predictions.
    """
    options = options or ProtocolOptions()
    files = asdict(beside_truth or TruthFileOptions()) | asdict(beside or PredictionFileOptions())
    parameters = EvaluateParameters(
        store=store,
        project=name_from(ground_truth) if project is None else project,
        ground_truth=ground_truth,
        predictions=predictions,
        name=set_name(predictions, format) if name is None else name,
        group=group,
        format=format,
        **files,
        reading=(reading or ReadingOptions()).reading(),
        protocols=options.protocols(),
        settings=options.settings(),
        replace=replace,
        quality=quality,
        reject_limit=reject_limit,
    )
    check_call(parameters)
    with progress(local_run(), quiet=json) as run:
        taken = import_both(parameters, run)
        done = _evaluated(parameters, run)
        measured = _quality(parameters, run)
    _say(_place(parameters), parameters.name, taken, done, measured, json)


def ground_truth_command(
    path: Path,
    /,
    *,
    project: ProjectOption,
    format: FormatOption = FormatName.AUTO,
    beside: MappedTruthOptions | None = None,
    reading: ReadingOptions | None = None,
    reject_limit: LimitOption = 1.0,
    store: StoreOption = STORE,
    json: JsonOption = False,
) -> None:
    """Import annotations as the project's ground truth; other bytes than before become the live version.

    Parameters
    ----------
    path
        File, directory or quoted glob with the annotations.
    """
    parameters = GroundTruthParameters(
        store=store,
        project=project,
        ground_truth=path,
        format=format,
        **asdict(beside or MappedTruthOptions()),
        reading=(reading or ReadingOptions()).reading(),
        reject_limit=reject_limit,
    )
    with progress(local_run(), quiet=json) as run:
        truth = import_ground_truth(parameters, run)
    if json:
        print_json({"imports": [asdict(truth)]})
        return
    _say_import(truth)
    known = catalog(Store(store).project(project))
    stale = sorted({of for (of, _), entry in known.evaluations.items() if known.stale(entry)})
    if stale:
        say(f"stale now: {', '.join(stale)} (boxscore reanalyze --project {project} --all)")


def predictions_command(
    path: Path,
    /,
    *,
    project: ProjectOption,
    name: NameOption = None,
    group: GroupOption = None,
    format: FormatOption = FormatName.AUTO,
    beside: MappedPredictionOptions | None = None,
    reading: ReadingOptions | None = None,
    options: ProtocolOptions | None = None,
    add: AddOption = False,
    replace: ReplaceOption = False,
    evaluate: Annotated[
        bool, Parameter(name="", negative="--no-evaluate", show_default=False, help="Import only.")
    ] = True,
    quality: QualityOption = False,
    reject_limit: LimitOption = 1.0,
    store: StoreOption = STORE,
    json: JsonOption = False,
) -> None:
    """Import predictions as a set of the project and, unless told not to, match and measure it.

    Parameters
    ----------
    path
        File, directory or quoted glob with the predictions.
    """
    if add and replace:
        raise InputError("--add and --replace contradict each other", where="--add", hint="leave one of them out")
    options = options or ProtocolOptions()
    name = set_name(path, format) if name is None else name
    parameters = PredictionParameters(
        store=store,
        project=project,
        predictions=path,
        name=name,
        group=group,
        format=format,
        **asdict(beside or MappedPredictionOptions()),
        reading=(reading or ReadingOptions()).reading(),
        add=add,
        protocols=options.protocols(),
        settings=options.settings(),
        replace=replace,
        evaluate=evaluate,
        quality=quality,
        reject_limit=reject_limit,
    )
    check_call(parameters)
    with progress(local_run(), quiet=json) as run:
        taken = import_predictions(parameters, run)
        done = _evaluated(parameters, run) if evaluate else []
        measured = _quality(parameters, run)
    _say(_place(parameters), name, [taken], done, measured, json)


def _place(parameters: StoreParameters) -> Project:
    return Store(parameters.store).project(parameters.project)


def _evaluated(parameters: PredictionParameters, run: Run) -> list[Evaluated]:
    return evaluate_set(_place(parameters), parameters.name, parameters.protocols, parameters.settings, run)


def _quality(parameters: PredictionParameters, run: Run) -> list[Measured]:
    """What became of the quality of the set and the ground truth, where it was asked for."""
    if not parameters.quality:
        return []
    from tasks.quality.stage import measure_quality  # whoever does not ask need not wait for it

    return measure_quality(_place(parameters), [parameters.name], run, ground_truth=True)


def _say(
    place: Project, name: str, imports: list[Imported], done: list[Evaluated], measured: list[Measured], json: bool
) -> None:
    if json:
        print_json(
            {
                "project": place.name,
                "prediction_set": name,
                "imports": [asdict(item) for item in imports],
                "evaluations": [asdict(item) for item in done],
                **({"quality": quality_facts(measured)} if measured else {}),
                **numbers_of(place, name, [item.name for item in done]),
            }
        )
        return
    for item in imports:
        _say_import(item)
    say_evaluations(place, name, done)
    say_quality(place.name, measured)
    say(f"tables: {place.location}")


def _say_import(item: Imported) -> None:
    if item.status == "unchanged":
        say(f"{item.what}: unchanged ({item.accepted:,} records)")
        return
    reasons = ", ".join(f"{code} {count:,}" for code, count in sorted(item.reasons.items()))
    refused = f", {item.rejected:,} rejected ({reasons}; see the table rejects)" if item.rejected else ""
    say(f"{item.what}: {item.accepted:,} records taken from {item.format}{refused}")
    if item.boxes_leaving_image:
        say(f"{item.what}: boxes that leave their image: {item.boxes_leaving_image:,} (see --outside)")
