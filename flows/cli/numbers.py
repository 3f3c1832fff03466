"""A set's numbers as they are printed: by protocol, in the protocol's own words and order."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from flows.cli.console import number_text, print_table, say
from schemas.errors import InputError
from tasks.catalog import Catalog, Entry, catalog
from tasks.numbers import Told, told_numbers
from tasks.storage import Project

_COLUMNS = 5
"""Numbers of a protocol that the table of slices has room for."""


def chosen(known: Catalog, name: str, names: Sequence[str]) -> list[Entry]:
    """The evaluations of a set under these names (all when none); InputError for one that is not there."""
    entries = {entry.name: entry for entry in known.evaluations_of(known.set_named(name).name)}
    for wanted in names:
        if wanted not in entries:
            there = ", ".join(entries) or "none yet"
            hint = f"there are: {there}; boxscore reanalyze --project {known.project} --set {name} --protocol {wanted}"
            raise InputError(f"the set {name!r} has no numbers of {wanted!r}", where="--protocol", hint=hint)
    return [entries[wanted] for wanted in names] if names else list(entries.values())


def told_of(entries: Sequence[Entry], part: str | None) -> dict[str, Told]:
    """The numbers of a slice (None: of the whole) by protocol, where it has them; InputError where none has."""
    told = {entry.name: told_numbers(entry) for entry in entries}
    found = {name: parts[part] for name, parts in told.items() if part in parts}
    if part is not None and not found:
        there = list(dict.fromkeys(name for parts in told.values() for name in parts if name is not None))
        close = get_close_matches(part, there, n=1)
        said = f"there are: {', '.join(there[:20])}" if there else "boxscore reanalyze --slice-by COLUMN makes some"
        hint = f"did you mean {close[0]}?" if close else said
        raise InputError(f"there is no slice {part!r}", where="--slice", hint=hint)
    return found


def numbers_of(place: Project, name: str, names: Sequence[str], part: str | None = None) -> dict[str, Any]:
    """{"protocol", "metrics"} of one protocol, {"protocols": {NAME: metrics}} of several or none.

    Of a slice where `part` names one, which is said by "slice".
    """
    told = told_of(chosen(catalog(place), name, names), part)
    said = {} if part is None else {"slice": part}
    if len(told) == 1:
        ((protocol, numbers),) = told.items()
        return {"protocol": protocol, **said, "metrics": numbers.metrics}
    return {**said, "protocols": {protocol: numbers.metrics for protocol, numbers in told.items()}}


def slices_of(place: Project, name: str, names: Sequence[str]) -> dict[str, Any]:
    """{"slices": {PROTOCOL: {SLICE: {"n_ground_truth", "n_predictions", "metrics"}}}}."""
    return {"slices": {entry.name: _sliced(told_numbers(entry)) for entry in chosen(catalog(place), name, names)}}


def _sliced(told: Mapping[str | None, Told]) -> dict[str, dict[str, Any]]:
    return {part: numbers._asdict() for part, numbers in told.items() if part is not None}


def print_slices(place: Project, name: str, names: Sequence[str]) -> None:
    """A table per protocol for a person: a row per slice, what it holds, and the first numbers of the protocol."""
    known = catalog(place)
    for entry in chosen(known, name, names):
        told = told_numbers(entry)
        metrics = list(told[None].metrics)[:_COLUMNS]
        columns = ["ground truth", "predictions", *metrics]
        rows = [
            [
                part or "(all)",
                number_text(numbers.n_ground_truth),
                number_text(numbers.n_predictions),
                *(number_text(numbers.metrics[metric]) for metric in metrics),
            ]
            for part, numbers in told.items()
        ]
        print_table(f"{name} on {known.project}, {entry.name}", ["slice", *columns], rows, right=columns)
        _say_unknown(entry)
        _say_stale(known, name, [entry])


def _say_unknown(entry: Entry) -> None:
    unknown = entry.record.get("slices", {}).get("unknown_tags", 0)
    if unknown:
        say(f"{entry.name}: {unknown:,} rows of the tags are about no data unit of the project")


def print_numbers(place: Project, name: str, names: Sequence[str], part: str | None = None) -> None:
    """A table for a person: a row per number, a column per protocol; of a slice where `part` names one."""
    known = catalog(place)
    entries = chosen(known, name, names)
    if not entries:
        say(f"{name} is not evaluated yet (boxscore reanalyze --project {known.project} --set {name})")
        return
    values = {protocol: numbers.metrics for protocol, numbers in told_of(entries, part).items()}
    metrics = list(dict.fromkeys(metric for column in values.values() for metric in column))
    rows = [
        [metric, *(number_text(column[metric]) if metric in column else "" for column in values.values())]
        for metric in metrics
    ]
    headings = list(values)
    where = f"{name} on {known.project}" + ("" if part is None else f", {part}")
    print_table(where, ["metric", *headings], rows, right=headings)
    if part is None and any("slices" in entry.record for entry in entries):
        say(f"by slices: boxscore metrics {name} --project {known.project} --slices")
    for entry in entries:
        _say_unknown(entry)
    _say_stale(known, name, entries)


def _say_stale(known: Catalog, name: str, entries: Sequence[Entry]) -> None:
    for entry in entries:
        reason = known.stale(entry)
        if reason:
            say(f"{entry.name} is stale: {reason} (boxscore reanalyze --project {known.project} --set {name})")
