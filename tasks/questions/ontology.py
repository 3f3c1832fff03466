"""The questions of a project and their options, by position; an answer's category_key leads to both."""

from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from schemas.judging import Array
from tasks.columns import numbers
from tasks.kernels.answer_codes import TEXT

KINDS = ("radio", "checklist", "text")


class Questions(NamedTuple):
    """Q live questions in the official order, and O options: by question, then in the official order."""

    key: Array
    """int64[Q]: category_key of the attribute."""
    name: tuple[str | None, ...]
    kind: Array
    """int64[Q]: RADIO, CHECKLIST or TEXT."""
    of_object: Array
    """bool[Q]: about objects; else about data units."""
    parent: Array
    """int64[Q]: the option that it is nested under; -1: none."""
    option_key: Array
    """int64[O]: category_key."""
    option_name: tuple[str | None, ...]
    option_question: Array
    """int64[O]"""
    indptr: Array
    """int64[Q+1]: options of question q are indptr[q]:indptr[q+1]."""
    question_of: Array
    """int64[highest category_key + 2]: question that an answer of this key belongs to; -1: none. So is the last."""
    option_of: Array
    """int64[highest category_key + 2]: option of this key; -1: none, as of texts."""


def _about_objects(row: dict[str, Any], by_key: dict[int, dict[str, Any]]) -> bool:
    """Whether the root that a question hangs from is a class of objects."""
    while row["parent_key"] in by_key:
        row = by_key[row["parent_key"]]
    return row["kind"] in {"object", None}


def questions_of(categories: pa.Table) -> Questions:
    """The questions of a `categories` table. Without any, all is empty."""
    live = categories.filter(pa.array(~numbers(categories["retired"], missing=False))).sort_by("source_order")
    columns = ("category_key", "parent_key", "kind", "answer_type", "name")
    rows = live.select(columns).to_pylist()
    by_key = {row["category_key"]: row for row in rows}
    asked = [row for row in rows if row["kind"] == "attribute" and row["answer_type"] in KINDS]
    place = {row["category_key"]: q for q, row in enumerate(asked)}
    options = [row for row in rows if row["kind"] == "option" and row["parent_key"] in place]
    options.sort(key=lambda row: place[row["parent_key"]])
    option_place = {row["category_key"]: o for o, row in enumerate(options)}
    owner = np.array([place[row["parent_key"]] for row in options], np.int64)
    kind = np.array([KINDS.index(row["answer_type"]) for row in asked], np.int64)
    key = np.array([row["category_key"] for row in asked], np.int64)
    option_key = np.array([row["category_key"] for row in options], np.int64)
    question_of, option_of = np.full((2, max(by_key, default=0) + 2), -1, np.int64)
    question_of[key[kind == TEXT]] = np.flatnonzero(kind == TEXT)
    question_of[option_key], option_of[option_key] = owner, np.arange(len(options))
    return Questions(
        key,
        tuple(row["name"] for row in asked),
        kind,
        np.array([_about_objects(row, by_key) for row in asked], bool),
        np.array([option_place.get(row["parent_key"], -1) for row in asked], np.int64),
        option_key,
        tuple(row["name"] for row in options),
        owner,
        np.searchsorted(owner, np.arange(len(asked) + 1)).astype(np.int64),
        question_of,
        option_of,
    )
