"""Classes that hold other classes: a dog is an animal. From the groups that classes name, or from a file of a tree."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from schemas.errors import InputError
from schemas.fields import FIELDS
from schemas.records import Source
from tasks.json_files import read_json

LABEL, CHILDREN = "LabelName", "Subcategory"
"""Keys of Open Images' hierarchy: a node's class, and the nodes below it."""
_HINT = f'a hierarchy is {{"{LABEL}": CLASS, "{CHILDREN}": [...]}} with further such nodes in the list'

Parents = Mapping[str, Sequence[str]]
"""The classes directly above each class."""


def read_hierarchy(source: Source) -> dict[str, list[str]]:
    """Parents by class, of a tree as in Open Images; a class may stand under several. InputError where it is none."""
    parents: dict[str, list[str]] = {}
    for parent, child in _edges(read_json(source, "a class hierarchy"), source.name):
        if parent not in parents.setdefault(child, []):
            parents[child].append(parent)
    return parents


def _edges(node: Any, where: str) -> Iterator[tuple[str, str]]:
    """(parent, child) of a node and all below it."""
    if not isinstance(node, dict) or not isinstance(node.get(LABEL), str):
        raise InputError(f"a node of the class hierarchy has no {LABEL}", where=where, hint=_HINT)
    children = node.get(CHILDREN, [])
    if not isinstance(children, list):
        raise InputError(f"{CHILDREN} of {node[LABEL]!r} is no list", where=where, hint=_HINT)
    for child in children:
        yield from _edges(child, where)
        yield node[LABEL], child[LABEL]


def parents_by_group(categories: pa.Table) -> dict[str, list[str]]:
    """The class that each class names as its supercategory; groups that are no classes are above nothing."""
    names = categories["name"].to_pylist()
    pairs = zip(names, categories["supercategory"].to_pylist(), strict=True)
    held = set(names)
    return {name: [group] for name, group in pairs if group in held and group != name}


def ancestors_of(name: str, parents: Parents, where: str) -> list[str]:
    """All classes above one, the nearest first. InputError where it is above itself."""
    found: list[str] = []
    layer = list(parents.get(name, ()))
    while layer:
        if name in layer:
            raise InputError(f"the class {name!r} is above itself", where=where, hint="classes form a tree")
        found += layer
        above = (parent for each in layer for parent in parents.get(each, ()))
        layer = [each for each in dict.fromkeys(above) if each not in found]
    return found


def with_ancestors(categories: pa.Table, parents: Parents, where: str) -> pa.Table:
    """CATEGORY_RECORDS with `ancestors` filled: of classes that have some; those that are no classes are passed over.

    `parents` go by name or by feature hash.
    """
    hashes, names = (categories[column].to_pylist() for column in ("feature_hash", "name"))
    hash_of = {**dict(zip(hashes, hashes, strict=True)), **dict(zip(names, hashes, strict=True))}
    lists = []
    for feature_hash, name in zip(hashes, names, strict=True):
        word = name if name in parents else feature_hash
        above = dict.fromkeys(hash_of[each] for each in ancestors_of(word, parents, where) if each in hash_of)
        lists.append([each for each in above if each != feature_hash] or None)
    at = categories.column_names.index("ancestors")
    return categories.set_column(at, "ancestors", pa.array(lists, FIELDS["ancestors"].type))
