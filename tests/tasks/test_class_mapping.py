"""A class mapping in `categories`: keys, counterparts, components, and which classes are measured."""

from typing import Any

import pyarrow as pa
import pytest

from schemas.errors import InputError
from schemas.tables import CATEGORY_RECORDS
from tasks.class_mapping import (
    ClassMapping,
    check_same_mapping,
    class_pairs,
    class_positions,
    components,
    is_mapped,
    mapped_categories,
    mapped_pairs,
    measured_classes,
    predicted_classes,
    without_counterpart,
)
from tasks.columns import completed
from tasks.units import category_index, keyed_categories

MANY_TO_ONE = ClassMapping((("oak", "tree"), ("birch", "tree"), ("road", "road"), ("hood", None)))
ONE_TO_MANY = ClassMapping((("oak", "tree"), ("vehicle", "car"), ("vehicle", "truck"), ("lorry", "truck")))


def records(*names: str) -> pa.Table:
    """CATEGORY_RECORDS of object classes."""
    columns = {"feature_hash": list(names), "name": list(names), "kind": ["object"] * len(names)}
    return completed(columns, CATEGORY_RECORDS.schema, len(names))


def categories(mapping: ClassMapping | None, old: pa.Table | None = None) -> pa.Table:
    """A project's categories under a mapping."""
    if mapping is None:
        return keyed_categories(old, records("birch", "oak"))
    return keyed_categories(old, mapped_categories(records(*sorted(mapping.annotated)), mapping))


def named(table: pa.Table, name: str) -> dict[str, Any]:
    """A column by feature hash."""
    return dict(zip(table["feature_hash"].to_pylist(), table[name].to_pylist(), strict=True))


def test_predicted_classes_are_categories_of_their_own() -> None:
    """`road` is annotated and predicted: two rows, told apart by kind and hash, with counterparts by key."""
    table = categories(MANY_TO_ONE)
    keys, counterparts = named(table, "category_key"), named(table, "counterparts")
    assert named(table, "kind")["predicted:road"] == "predicted class"
    assert counterparts["oak"] == counterparts["birch"] == [keys["predicted:tree"]]
    assert counterparts["road"] == [keys["predicted:road"]]
    assert (counterparts["hood"], counterparts["predicted:tree"]) == ([], None)


def test_classes_that_no_file_holds_are_added() -> None:
    """An annotated class of the mapping has a key even where no file speaks of it."""
    table = keyed_categories(None, mapped_categories(records("oak"), MANY_TO_ONE))
    assert {"oak", "birch", "road", "hood", "predicted:tree", "predicted:road"} == set(named(table, "category_key"))


def test_a_class_the_mapping_lacks_is_an_error() -> None:
    """Every class of the files needs an entry."""
    with pytest.raises(InputError, match="'ash'"):
        mapped_categories(records("ash", "oak"), MANY_TO_ONE)


def test_without_a_mapping_nothing_changes() -> None:
    """`counterparts` is null, every class agrees with itself and is measured by itself."""
    table = categories(None)
    keys = named(table, "category_key")
    assert not is_mapped(table)
    assert named(table, "counterparts") == {"birch": None, "oak": None}
    assert mapped_pairs(table).tolist() == [[keys["birch"]] * 2, [keys["oak"]] * 2]
    assert [part.name for part in components(table)] == ["birch", "oak"]
    assert measured_classes(table)["name"].to_pylist() == ["birch", "oak"]
    assert class_positions(table)[[keys["birch"], keys["oak"]]].tolist() == [0, 1]
    assert without_counterpart(table) == []
    assert predicted_classes(table) == keys


def test_annotated_classes_lead_to_their_counterpart() -> None:
    """Oak and birch are measured as tree; the hood, without counterpart, is not measured at all."""
    table = categories(MANY_TO_ONE)
    keys, positions = named(table, "category_key"), class_positions(table)
    assert measured_classes(table)["name"].to_pylist() == ["tree", "road"]
    assert measured_classes(table)["category_key"].to_pylist() == [keys["predicted:tree"], keys["predicted:road"]]
    words = ("oak", "birch", "predicted:tree", "road", "predicted:road", "hood")
    assert positions[[keys[word] for word in words]].tolist() == [0, 0, 0, 1, 1, -1]
    assert without_counterpart(table) == [keys["hood"]]


def test_classes_that_hang_together_are_one_component() -> None:
    """A vehicle may be a car or a truck, and a lorry is a truck: one class `car|truck` under the first one's key."""
    table = categories(ONE_TO_MANY)
    keys = named(table, "category_key")
    tree, cars = components(table)
    assert (tree.name, cars.name) == ("tree", "car|truck")
    assert set(cars.annotated) == {keys["vehicle"], keys["lorry"]}
    assert cars.predicted == (keys["predicted:car"], keys["predicted:truck"])
    assert measured_classes(table)["category_key"].to_pylist()[1] == keys["predicted:car"]
    assert {tuple(pair) for pair in mapped_pairs(table).tolist()} == {
        (keys["oak"], keys["predicted:tree"]),
        (keys["vehicle"], keys["predicted:car"]),
        (keys["vehicle"], keys["predicted:truck"]),
        (keys["lorry"], keys["predicted:truck"]),
    }


def test_words_of_predictions_are_predicted_classes() -> None:
    """Under a mapping predictions say `tree` and annotations `oak`; neither knows the other's word."""
    table = categories(MANY_TO_ONE)
    keys = named(table, "category_key")
    annotated, predicted = category_index(table), category_index(table, predictions=True)
    assert set(annotated.positions) == {"oak", "birch", "road", "hood"}
    assert {word: int(predicted.category_key[row]) for word, row in predicted.positions.items()} == {
        "tree": keys["predicted:tree"],
        "road": keys["predicted:road"],
    }


def test_another_mapping_keeps_the_keys() -> None:
    """A class keeps its key under another mapping; predicted classes that are gone are retired, and not measured."""
    first = categories(MANY_TO_ONE)
    other = ClassMapping((("oak", "tree"), ("birch", "birch"), ("road", None), ("hood", None)))
    second = categories(other, first)
    before, after = named(first, "category_key"), named(second, "category_key")
    assert {name: after[name] for name in before} == before
    assert measured_classes(second)["name"].to_pylist() == ["tree", "birch"]
    assert class_positions(second)[before["predicted:road"]] == -1
    assert class_pairs(second) == set(other.pairs)


def test_the_mapping_can_be_taken_back() -> None:
    """Imported again without a mapping, classes are measured by themselves."""
    table = categories(None, categories(MANY_TO_ONE))
    assert not is_mapped(table)
    assert measured_classes(table)["name"].to_pylist() == ["birch", "oak"]
    assert class_pairs(table) == set()


def test_predictions_may_repeat_the_mapping() -> None:
    """The same pairs in any order pass; others, and any where the project has none, are an error with a hint."""
    table = categories(MANY_TO_ONE)
    check_same_mapping(table, ClassMapping(MANY_TO_ONE.pairs[::-1]))
    for held in (table, categories(None)):
        with pytest.raises(InputError, match="import ground-truth"):
            check_same_mapping(held, ONE_TO_MANY)
