"""Commands that conclude: failures, label-errors."""

from collections.abc import Container
from typing import Annotated, Any

import pyarrow.compute as pc
from cyclopts import Parameter

from flows.cli.app import STORE, JsonOption, ProjectOption, StoreOption
from flows.cli.console import number_text, print_json, print_table, progress, say
from flows.cli.options import Whole
from schemas.conclusions import FailureSettings, LabelErrorSettings
from tasks.catalog import Catalog, catalog
from tasks.failure_analysis.stage import find_failures
from tasks.failure_analysis.summary import failure_summary
from tasks.label_errors.stage import find_label_errors
from tasks.label_errors.summary import candidate_summary
from tasks.running import local_run
from tasks.storage import Store

ForceOption = Annotated[
    bool, Parameter(name="--force", negative="", show_default=False, help="Work again where nothing has changed.")
]
ProtocolNames = Annotated[
    list[str] | None, Parameter(name="--protocol", help="Protocol, repeatable; all that match objects otherwise.")
]
_FAILED = {"precision": "false", "recall": "missed"}
_MOSTLY_FALSE = 0.5
_CHANCE = 0.05
"""Metrics above this p-value say no more than chance does: they are stored, and not shown to a person."""
_NOT_TELLING = ("random",)
"""There to compare with: whatever it seems to say is chance."""


def failures(
    name: Annotated[str, Parameter(name="SET")],
    /,
    *,
    project: ProjectOption,
    protocol: ProtocolNames = None,
    least_score: Annotated[float | None, Parameter(help="Leave out predictions with a lower score.")] = None,
    bins: Annotated[Whole, Parameter(help="Quantile bins of a metric, 2 to 100.")] = 10,
    samples: Annotated[Whole, Parameter(help="Objects from which importance is estimated, at most 20,000.")] = 20_000,
    permuted: Annotated[Whole, Parameter(help="Those of them that are permuted, at most 20,000.")] = 2_000,
    force: ForceOption = False,
    store: StoreOption = STORE,
    json: JsonOption = False,
) -> None:
    """Find where a set fails: the ten parts of the data that matter, with the images to open.

    Measures quality first where that is not there yet. All of it is in metric_performance, metric_importance and
    failure_slices.
    """
    settings = FailureSettings(bins=bins, least_score=least_score, samples=samples, permuted=permuted)
    place = Store(store).project(project)
    with progress(local_run(), quiet=json) as run:
        done = find_failures(place, name, protocol or [], settings, run, force)
    known = catalog(place)
    found = [failure_summary(known.failures[item.prediction_set, item.name], most=10) for item in done]
    if json:
        print_json({"project": project, "prediction_set": name, "failures": found})
        return
    for facts in found:
        _say_failures(f"{name} on {project}, {facts['protocol']}", facts, least_score, _videos(known))


def _say_failures(title: str, facts: dict[str, Any], least_score: float | None, videos: Container[str]) -> None:
    rates = [
        f"{rate} {number_text(facts[rate])} of {facts[count]:,} {of}"
        for rate, count, of in (
            ("precision", "n_predictions", "predictions"),
            ("recall", "n_ground_truth", "annotations"),
        )
    ]
    say(title, style="bold")
    say(", ".join(rates))
    if (facts["precision"] or 1) < _MOSTLY_FALSE and least_score is None:
        say("most predictions are false: --least-score leaves out those of low scores")
    if not facts["slices"]:
        say("no part of the data fails more than chance explains")
    for found in facts["slices"]:
        _say_slice(found, videos)
    if facts["n_slices"] > len(facts["slices"]):
        say(f"{facts['n_slices'] - len(facts['slices']):,} more are in the table failure_slices")
    _say_importance(facts["importance"])


def _say_slice(found: dict[str, Any], videos: Container[str]) -> None:
    rate = found["rate"]
    inside = f"{rate} {found['rate_inside']:.2f} instead of {found['rate_overall']:.2f}"
    say(f"{found['rank']:>2}. {found['words']}: {inside}")
    counts = f"{found['n_failed']:,} of {found['n_objects']:,} {_FAILED[rate]}"
    say(f"    {counts}; open {units_text(found['worst_units'], videos)}")


def _videos(known: Catalog) -> Container[str]:
    """Titles and hashes under which there are several frames."""
    rows = known.require_ground_truth().partitions["data_units"].read(["title", "data_hash", "frame"])
    later = rows.filter(pc.greater(rows["frame"], 0))
    return {*later["title"].to_pylist(), *later["data_hash"].to_pylist()}


def _called(unit: dict[str, Any]) -> str:
    return str(unit["title"] or unit["data_hash"] or f"unit {unit['unit_key']}")


def _unit_text(unit: dict[str, Any], videos: Container[str]) -> str:
    name = _called(unit)
    return f"{name} frame {unit['frame']}" if name in videos else name


def units_text(units: list[dict[str, Any]], videos: Container[str]) -> str:
    """What to open, with failures; frames of a video that follow each other in one go."""
    words = []
    for name in dict.fromkeys(map(_called, units)):
        for run in _runs([unit for unit in units if _called(unit) == name]):
            first, last = run[0]["frame"], run[-1]["frame"]
            text = _unit_text(run[0], videos) if first == last else f"{name} frames {first} to {last}"
            words.append(f"{text} ({sum(unit['n_failed'] for unit in run):,})")
    return ", ".join(words)


def _runs(units: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Units of one name by frames that follow each other, those with most failures first."""
    runs: list[list[dict[str, Any]]] = []
    for unit in sorted(units, key=lambda unit: unit["frame"] or 0):
        if runs and unit["frame"] and unit["frame"] == (runs[-1][-1]["frame"] or 0) + 1:
            runs[-1].append(unit)
        else:
            runs.append([unit])
    return sorted(runs, key=lambda run: -sum(unit["n_failed"] for unit in run))


def _say_importance(metrics: list[dict[str, Any]]) -> None:
    telling = [
        row
        for row in metrics
        if row["metric"] not in _NOT_TELLING and row["p_value"] is not None and row["p_value"] <= _CHANCE
    ]
    refused = {row["null_reason"] for row in metrics if row["null_reason"]}
    if telling:
        columns = ["mutual information", "p", "correlation", "samples"]
        rows = [[row["metric"], row["metric_of"], *_importance_cells(row)] for row in telling]
        print_table("what IoU x TP depends on", ["metric", "of", *columns], rows, right=columns)
    elif refused:
        say(f"importance of metrics: {sorted(refused)[0]}")


def _importance_cells(row: dict[str, Any]) -> list[str]:
    information, linear = (number_text(row[name]) for name in ("mutual_information", "correlation"))
    return [information, f"{row['p_value']:.3f}", linear, f"{row['n_samples']:,}"]


def label_errors(
    *sets: Annotated[str, Parameter(name="SET")],
    project: ProjectOption,
    protocol: ProtocolNames = None,
    kind: Annotated[list[str] | None, Parameter(help="Show candidates of this kind alone, repeatable.")] = None,
    show: Annotated[Whole, Parameter(help="How many candidates are printed.")] = 20,
    least: Annotated[float, Parameter(help="Leave out candidates of a lower score, 0 to 1.")] = 0.1,
    most: Annotated[Whole, Parameter(help="How many candidates of a kind are kept.")] = 10_000,
    force: ForceOption = False,
    store: StoreOption = STORE,
    json: JsonOption = False,
) -> None:
    """Find labels that look wrong: missing, spurious, doubled, of another class, or elsewhere.

    Sets bear witness together, all that are evaluated when none is named. All of it is in label_error_candidates.
    """
    settings = LabelErrorSettings(least=least, most=most)
    place = Store(store).project(project)
    with progress(local_run(), quiet=json) as run:
        done = find_label_errors(place, sets, protocol or [], settings, run, force)
    known = catalog(place)
    found = [candidate_summary(known.label_errors[item.name], kind or [], show) for item in done]
    if json:
        print_json({"project": project, "label_errors": found})
        return
    for facts in found:
        _say_candidates(f"{', '.join(facts['sets'])} on {project}, {facts['protocol']}", facts, _videos(known))


def _say_candidates(title: str, facts: dict[str, Any], videos: Container[str]) -> None:
    say(title, style="bold")
    counts = ", ".join(f"{kind} {count:,}" for kind, count in facts["counts"].items())
    say(f"candidates: {counts}" if counts else "no label looks wrong")
    if not facts["candidates"]:
        return
    rows = [_candidate_cells(row, videos) for row in facts["candidates"]]
    columns = ["rank", "score", "kind", "image", "annotated", "predicted", "overlap", "sets agreeing"]
    if len(facts["sets"]) == 1:  # which agrees with itself
        columns, rows = columns[:-1], [row[:-1] for row in rows]
    right = [name for name in ("rank", "score", "overlap", "sets agreeing") if name in columns]
    print_table("labels to look at first", columns, rows, right=right)


def _candidate_cells(row: dict[str, Any], videos: Container[str]) -> list[str]:
    classes = [row[name] or "-" for name in ("annotated_name", "predicted_name")]
    agreeing = f"{len(row['agreeing_sets'])} of {row['n_sets']}"
    first = [str(row["rank"]), f"{row['score']:.2f}", row["kind"], _unit_text(row, videos)]
    return [*first, *classes, number_text(row["overlap"]), agreeing]
