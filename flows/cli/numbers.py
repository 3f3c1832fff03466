"""A set's numbers as they are printed: by protocol, in the protocol's own words and order."""

from collections.abc import Sequence
from typing import Any

from flows.cli.console import OUT, number_text, print_table
from schemas.errors import InputError
from tasks.catalog import Catalog, Entry, catalog
from tasks.numbers import overall_numbers
from tasks.storage import Project


def chosen(known: Catalog, name: str, names: Sequence[str]) -> list[Entry]:
    """The evaluations of a set under these names (all when none); InputError for one that is not there."""
    entries = {entry.name: entry for entry in known.evaluations_of(known.set_named(name).name)}
    for wanted in names:
        if wanted not in entries:
            there = ", ".join(entries) or "none yet"
            hint = f"there are: {there}; boxscore reanalyze --project {known.project} --set {name} --protocol {wanted}"
            raise InputError(f"the set {name!r} has no numbers of {wanted!r}", where="--protocol", hint=hint)
    return [entries[wanted] for wanted in names] if names else list(entries.values())


def numbers_of(place: Project, name: str, names: Sequence[str]) -> dict[str, Any]:
    """{"protocol", "metrics"} of one protocol, {"protocols": {NAME: metrics}} of several or none."""
    entries = chosen(catalog(place), name, names)
    metrics = {entry.name: overall_numbers(entry) for entry in entries}
    if len(metrics) == 1:
        ((protocol, values),) = metrics.items()
        return {"protocol": protocol, "metrics": values}
    return {"protocols": metrics}


def print_numbers(place: Project, name: str, names: Sequence[str]) -> None:
    """A table for a person: a row per number, a column per protocol."""
    known = catalog(place)
    entries = chosen(known, name, names)
    if not entries:
        OUT.print(f"{name} is not evaluated yet (boxscore reanalyze --project {known.project} --set {name})")
        return
    values = [overall_numbers(entry) for entry in entries]
    metrics = list(dict.fromkeys(metric for column in values for metric in column))
    rows = [
        [metric, *(number_text(column[metric]) if metric in column else "" for column in values)] for metric in metrics
    ]
    headings = [entry.name for entry in entries]
    print_table(f"{name} on {known.project}", ["metric", *headings], rows, right=headings)
    for entry in entries:
        reason = known.stale(entry)
        if reason:
            OUT.print(f"{entry.name} is stale: {reason} (boxscore reanalyze --project {known.project} --set {name})")
