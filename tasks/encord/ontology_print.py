"""What `print ontology` and `print data-mapping` show: Encord Active's documents, and what those lose."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from tasks.columns import numbers

Row = dict[str, Any]


class Line(NamedTuple):
    """A class, question or option of an ontology; `depth` is how deep it is nested, `hash` is its own."""

    depth: int
    name: str
    what: str
    hash: str


class _Tree:
    """Live categories by their parents, in the official order."""

    def __init__(self, categories: pa.Table) -> None:
        live = categories.filter(pa.array(~numbers(categories["retired"], missing=False)))
        self.children: dict[int | None, list[Row]] = {}
        for row in live.sort_by("source_order").to_pylist():
            self.children.setdefault(row["parent_key"], []).append(row)

    def below(self, row: Row | None) -> list[Row]:
        """What stands right under `row`; under None the object classes and classifications."""
        return self.children.get(None if row is None else row["category_key"], [])

    def of_kind(self, kind: str) -> list[Row]:
        return [row for row in self.below(None) if row["kind"] == kind]


def _radio_options(tree: _Tree) -> Iterator[tuple[str, Row]]:
    """(value, hashes) of the options of radio questions that are not nested: all that the original prints."""
    for classification in tree.of_kind("classification"):
        for attribute in tree.below(classification):
            for option in tree.below(attribute) if attribute["answer_type"] == "radio" else ():
                hashes = {name: option[name] for name in ("feature_hash", "attribute_hash", "option_hash")}
                yield option["option_value"] or option["name"] or option["option_hash"], hashes


def _attributes(tree: _Tree, parent: Row) -> list[Row]:
    """The questions under a class, a classification or an option, with everything nested in them."""
    return [
        {
            "name": row["name"],
            "attribute_hash": row["attribute_hash"],
            "type": row["answer_type"],
            "dynamic": bool(row["dynamic"]),
            "options": [
                {
                    "name": option["name"],
                    "value": option["option_value"],
                    "option_hash": option["option_hash"],
                    "attributes": _attributes(tree, option),
                }
                for option in tree.below(row)
            ],
        }
        for row in tree.below(parent)
    ]


def ontology_document(categories: pa.Table) -> dict[str, Any]:
    """The table `categories` as a JSON document, retired classes left out.

    `objects` {name in lower case: feature hash} and `classifications` {value of a radio option: its three hashes} are
    what Encord Active prints: where names repeat, the last one stands there. `all_objects` and `all_classifications`
    are lists of everything: repeated names, checklists, texts, what is nested, shapes and points of skeletons.
    """
    tree = _Tree(categories)
    objects, classifications = tree.of_kind("object"), tree.of_kind("classification")
    return {
        "objects": {(row["name"] or row["feature_hash"]).lower(): row["feature_hash"] for row in objects},
        "classifications": dict(_radio_options(tree)),
        "all_objects": [
            {
                "name": row["name"],
                "feature_hash": row["feature_hash"],
                "shape": row["shape"],
                "points": row["keypoint_names"],
                "attributes": _attributes(tree, row),
            }
            for row in objects
        ],
        "all_classifications": [
            {"name": row["name"], "feature_hash": row["feature_hash"], "attributes": _attributes(tree, row)}
            for row in classifications
        ],
    }


def ontology_lines(categories: pa.Table) -> list[Line]:
    """The same for people, a line each, children below their parents."""
    tree = _Tree(categories)
    return [line for row in tree.below(None) for line in _lines(tree, row, 0)]


def _lines(tree: _Tree, row: Row, depth: int) -> Iterator[Line]:
    what = row["shape"] or row["answer_type"] or row["kind"]
    if row["keypoint_names"]:
        what = f"{what} of {', '.join(row['keypoint_names'])}"
    own = row["option_hash"] or row["attribute_hash"] or row["feature_hash"]
    yield Line(depth, row["name"] or "", what, own)
    for child in tree.below(row):
        yield from _lines(tree, child, depth + 1)


def data_mapping(units: pa.Table) -> dict[str, str]:
    """{data hash: file name} of the table `data_units`, retired units left out; a video once, whatever its frames."""
    live = units.filter(pa.array(~numbers(units["retired"], missing=False)))
    order = np.argsort(numbers(live["source_order"]), kind="stable")
    live = live.take(pa.array(order))
    titles = (title or "" for title in live["title"].to_pylist())
    return dict(zip(live["data_hash"].to_pylist(), titles, strict=True))
