"""Commands that work: evaluate, import, reanalyze."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from flows.cli.app import STORE, JsonOption, ProjectOption, StoreOption, app, import_app
from flows.cli.console import OUT, print_json, progress
from flows.cli.numbers import numbers_of, print_numbers
from flows.cli.options import ProtocolOptions
from schemas.parameters import (
    FormatName,
    GroundTruthParameters,
    PredictionParameters,
    ProtocolSettings,
    checked_name,
)
from schemas.records import Run
from tasks.catalog import catalog
from tasks.evaluation import Evaluated, evaluate_set
from tasks.import_ground_truth import import_ground_truth
from tasks.import_predictions import import_predictions
from tasks.imports import Imported
from tasks.running import local_run
from tasks.storage import Project, Store

FormatOption = Annotated[FormatName, Parameter(name="--format", help="How the file is written.")]
LimitOption = Annotated[float, Parameter(name="--reject-limit", help="Largest share of records that may be rejected.")]
ReplaceOption = Annotated[bool, Parameter(name="--replace", negative="", help="Replace a set that holds others.")]
GroupOption = Annotated[str | None, Parameter(name="--group", help="Group the set belongs to.")]
NameOption = Annotated[str, Parameter(name="--name", help="Name of the prediction set.")]


def name_from(path: Path) -> str:
    """A name made of a file's: its stem, with what names may not hold replaced by a hyphen."""
    stem = "".join(letter if letter.isascii() and (letter.isalnum() or letter in "._-") else "-" for letter in path.stem)
    return checked_name(stem[:100] or "unnamed")


@app.command
def evaluate(
    *,
    ground_truth: Path,
    predictions: Path,
    project: Annotated[str | None, Parameter(help="Name of the project; the ground truth file's when left out.")] = None,
    name: Annotated[str | None, Parameter(help="Name of the set; the predictions file's when left out.")] = None,
    group: GroupOption = None,
    format: FormatOption = FormatName.AUTO,
    options: ProtocolOptions | None = None,
    replace: ReplaceOption = False,
    reject_limit: LimitOption = 1.0,
    store: StoreOption = STORE,
    json: JsonOption = False,
) -> None:
    """Import ground truth and predictions, match and measure: from two files to the metrics and the whole store.

    Parameters
    ----------
    ground_truth
        File with the annotations.
    predictions
        File with the predictions.
    """
    options = options or ProtocolOptions()
    settings = options.settings()
    project = checked_name(project or name_from(ground_truth))
    name = checked_name(name or name_from(predictions))
    with progress(local_run(), quiet=json) as run:
        truth = import_ground_truth(
            GroundTruthParameters(
                store=store, project=project, ground_truth=ground_truth, format=format, reject_limit=reject_limit
            ),
            run,
        )
        taken = import_predictions(
            PredictionParameters(
                store=store,
                project=project,
                predictions=predictions,
                name=name,
                group=group,
                format=format,
                replace=replace,
                reject_limit=reject_limit,
            ),
            run,
        )
        place = Store(store).project(project)
        done = evaluate_set(place, name, options.protocol or [], settings, run)
    _say(place, name, [truth, taken], done, json)


@import_app.command(name="ground-truth")
def ground_truth_command(
    path: Path,
    /,
    *,
    project: ProjectOption,
    format: FormatOption = FormatName.AUTO,
    reject_limit: LimitOption = 1.0,
    store: StoreOption = STORE,
    json: JsonOption = False,
) -> None:
    """Import a file of annotations as the project's ground truth; other bytes than before become the live version.

    Parameters
    ----------
    path
        File with the annotations.
    """
    parameters = GroundTruthParameters(
        store=store, project=project, ground_truth=path, format=format, reject_limit=reject_limit
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
        OUT.print(f"stale now: {', '.join(stale)} (boxscore reanalyze --project {project} --all)")


@import_app.command(name="predictions")
def predictions_command(
    path: Path,
    /,
    *,
    project: ProjectOption,
    name: NameOption,
    group: GroupOption = None,
    format: FormatOption = FormatName.AUTO,
    options: ProtocolOptions | None = None,
    replace: ReplaceOption = False,
    evaluate: Annotated[bool, Parameter(negative="--no-evaluate", name="", help="Match and measure too.")] = True,
    reject_limit: LimitOption = 1.0,
    store: StoreOption = STORE,
    json: JsonOption = False,
) -> None:
    """Import a file of predictions as a set of the project and, unless told not to, match and measure it.

    Parameters
    ----------
    path
        File with the predictions.
    """
    options = options or ProtocolOptions()
    settings = options.settings()
    parameters = PredictionParameters(
        store=store,
        project=project,
        predictions=path,
        name=name,
        group=group,
        format=format,
        replace=replace,
        reject_limit=reject_limit,
    )
    with progress(local_run(), quiet=json) as run:
        taken = import_predictions(parameters, run)
        place = Store(store).project(project)
        done = evaluate_set(place, name, options.protocol or [], settings, run) if evaluate else []
    _say(place, name, [taken], done, json)


@app.command
def reanalyze(
    *,
    project: ProjectOption,
    sets: Annotated[list[str] | None, Parameter(name="--set", help="Prediction set, repeatable.")] = None,
    all: Annotated[bool, Parameter(name="--all", negative="", help="All sets (as when none is named).")] = False,
    options: ProtocolOptions | None = None,
    force: Annotated[bool, Parameter(negative="", help="Work again where nothing has changed.")] = False,
    store: StoreOption = STORE,
    json: JsonOption = False,
) -> None:
    """Match and measure stored sets again: other rules, corrected ground truth; no file is read anew."""
    options = options or ProtocolOptions()
    settings = options.settings()
    place = Store(store).project(project)
    names = sorted(catalog(place).sets) if all or not sets else sets
    with progress(local_run(), quiet=json) as run:
        done = [item for name in names for item in _again(place, name, options, settings, run, force)]
    if json:
        print_json({"evaluations": [asdict(item) for item in done]})
        return
    for name in names:
        _say(place, name, [], [item for item in done if item.prediction_set == name], json=False)


def _again(
    place: Project, name: str, options: ProtocolOptions, settings: ProtocolSettings, run: Run, force: bool
) -> list[Evaluated]:
    return evaluate_set(place, name, options.protocol or [], settings, run, force)


def _say(place: Project, name: str, imports: list[Imported], done: list[Evaluated], json: bool) -> None:
    names = [item.name for item in done]
    if json:
        print_json(
            {
                "project": place.name,
                "prediction_set": name,
                "imports": [asdict(item) for item in imports],
                "evaluations": [asdict(item) for item in done],
                **numbers_of(place, name, names),
            }
        )
        return
    for item in imports:
        _say_import(item)
    for item in done:
        if item.status == "unchanged":
            OUT.print(f"{item.prediction_set}: {item.name} is up to date, nothing was done")
    if done:
        print_numbers(place, name, names)
    OUT.print(f"tables: {place.folder}")


def _say_import(item: Imported) -> None:
    if item.status == "unchanged":
        OUT.print(f"{item.what}: unchanged ({item.accepted:,} records)")
        return
    reasons = ", ".join(f"{code} {count:,}" for code, count in sorted(item.reasons.items()))
    refused = f", {item.rejected:,} rejected ({reasons})" if item.rejected else ""
    OUT.print(f"{item.what}: {item.accepted:,} records taken from {item.format}{refused}")
