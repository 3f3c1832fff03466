"""What a person reads of a run, without a server."""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from flows.report_texts import (
    Place,
    artifact_key,
    classes_line,
    evaluation_line,
    import_line,
    reject_rows,
    report_page,
)
from tasks.curve_picture import Line
from tasks.imports import Imported

ALLOWED = re.compile(r"[a-z0-9-]+")
NAMES = [
    ("a", "b"),
    ("A", "b"),
    ("a", "B"),
    ("a-b", "c"),
    ("a", "b-c"),
    ("a.b", "c"),
    ("a_b", "c"),
    ("..." * 9, "-" * 90),
]


def taken(reasons: Mapping[str, int], status: str = "completed") -> Imported:
    """An import of 1,000 records of which some were rejected."""
    rejected = sum(reasons.values())
    return Imported("boxes", status, "coco", 1000, 1000 - rejected, rejected, reasons)


@pytest.mark.parametrize("names", NAMES, ids=str)
def test_a_key_is_one_that_prefect_takes(names: tuple[str, str]) -> None:
    """Lower-case letters, digits and hyphens, whatever names hold, and the same each time."""
    assert ALLOWED.fullmatch(artifact_key("metrics", *names))
    assert artifact_key("metrics", *names) == artifact_key("metrics", *names)


def test_no_two_sets_share_a_key() -> None:
    """Names that differ by case or by where a hyphen stands have histories of their own."""
    assert len({artifact_key("metrics", *names) for names in NAMES}) == len(NAMES)


def test_a_plain_key_reads_as_its_names() -> None:
    """Nothing is added where nothing has to be told apart."""
    assert artifact_key("metrics", "sample", "boxes", "coco-bbox") == "metrics-sample-boxes-coco-bbox"


def test_an_import_says_what_was_rejected_and_how_long_it_took() -> None:
    """Counts by reason, in one line."""
    line = import_line(
        taken({"invalid_box": 30, "no_geometry": 2}), "boxes of street", {"ingest": 0.25, "resolve": 2.0}
    )
    assert line == (
        "boxes of street: 968 records taken from coco, 32 rejected (invalid_box 30, no_geometry 2); "
        "ingest 0.2 s, resolve 2.0 s"
    )


def test_an_import_of_known_files_says_so() -> None:
    """Nothing was read, so no time is given."""
    assert "already (1,000 records)" in import_line(taken({}, "unchanged"), "boxes of street", {})


def test_reasons_are_ranked_with_their_share() -> None:
    """The most frequent first."""
    assert reject_rows(taken({"no_geometry": 2, "invalid_box": 30})) == [
        {"reason": "invalid_box", "records": 30, "share": 0.03},
        {"reason": "no_geometry", "records": 2, "share": 0.002},
    ]


def test_a_clean_import_has_a_row_that_says_so() -> None:
    """An empty table would look like a fault."""
    assert [row["records"] for row in reject_rows(taken({}))] == [0]


EVALUATED: list[tuple[dict[str, Any] | None, str]] = [
    (None, "p: AP 0.5000, n 12, F1 undefined"),
    ({"AP": 0.4, "n": 12, "F1": None}, "p: AP 0.5000 (was 0.4000), n 12, F1 undefined"),
    ({"AP": 0.500000001}, "p: AP 0.5000, n 12, F1 undefined"),
]


@pytest.mark.parametrize(("before", "line"), EVALUATED)
def test_an_evaluation_quotes_three_numbers_and_what_changed(before: dict[str, Any] | None, line: str) -> None:
    """To four decimals; a change that cannot be seen in them is none."""
    assert evaluation_line("p", "completed", {"AP": 0.5, "n": 12, "F1": None, "AR": 0.1}, before) == line


def test_one_class_is_not_compared() -> None:
    """The best would be the worst."""
    rows = [{"class": "car", "AP": 0.9}, {"class": "dog", "AP": 0.1}]
    assert classes_line("p", rows) == "p: best class car (0.9), worst dog (0.1)"
    assert classes_line("p", rows[:1]) is None


def test_a_page_shows_curves_and_where_the_rows_are() -> None:
    """The picture is in the page itself; without curves there is none."""
    curve = Line("threshold 0.5", np.array([0.0, 1.0]), np.array([1.0, 0.0]))
    places = {"metrics": Place("/s/p/metrics/version=a", 1234)}
    page = report_page("a on p", "AP 0.5", [curve], "/s/p", places)
    assert "](data:image/svg+xml;base64," in page
    assert "| [metrics](file:///s/p/metrics/version=a) | 1,234 |" in page
    assert "data:" not in report_page("a on p", "AP 0.5", [], "/s/p", places)
