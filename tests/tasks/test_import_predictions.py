"""Imports of predictions: units and classes found by their words, keys, and what stands under a name."""

from pathlib import Path
from typing import Any

import pytest

from schemas.errors import InputError
from tasks.catalog import catalog
from tests.chain import PROJECT, SET, Chain, box, image, truth_of


def _truth() -> dict[str, Any]:
    truth = truth_of(images=0)
    truth["images"] = [
        image(1, file_name="left/street.jpg"),
        image(2, file_name="right/street.jpg"),
        image(3, file_name="kitchen.jpg"),
        image(4, file_name="5"),
        image(5, file_name="hall.png"),
    ]
    return truth


WORDS = [
    (3, "kitchen.jpg"),
    ("3", "kitchen.jpg"),
    (3.0, "kitchen.jpg"),
    ("kitchen.jpg", "kitchen.jpg"),
    ("kitchen", "kitchen.jpg"),
    ("left/street.jpg", "left/street.jpg"),
    ("hall", "hall.png"),
    (5, "hall.png"),
    ("5", "hall.png"),
]


@pytest.mark.parametrize(("word", "title"), WORDS)
def test_images_are_found_by_id_file_name_and_stem(tmp_path: Path, word: Any, title: str) -> None:
    """An id wins over another image's file name."""
    chain = Chain(tmp_path)
    chain.truth(_truth())
    chain.predictions([box(word, [1, 2, 3, 4], score=0.5)])
    (row,) = chain.rows("predictions")
    titles = {unit["unit_key"]: unit["title"] for unit in chain.rows("data_units")}
    assert titles[row["unit_key"]] == title


REFUSED = {
    "street.jpg": ("ambiguous_unit", "'street.jpg' names several data units; use their ids"),
    "street": ("ambiguous_unit", "'street' names several data units; use their ids"),
    "cellar": ("unknown_unit", "no data unit of the project is called 'cellar'"),
    "": ("unknown_unit", "no data unit of the project is called ''"),
    7: ("unknown_unit", "no data unit of the project is called '7'"),
}


@pytest.mark.parametrize(("word", "why"), REFUSED.items())
def test_names_of_several_units_or_of_none_are_rejected(tmp_path: Path, word: Any, why: tuple[str, str]) -> None:
    """With the word that was looked up."""
    chain = Chain(tmp_path)
    chain.truth(_truth())
    chain.predictions([box(word, [1, 2, 3, 4], score=0.5)])
    (reject,) = chain.rows("rejects")
    assert (reject["reason_code"], reject["reason"]) == why


def test_classes_are_found_by_id_written_as_number_or_text(tmp_path: Path) -> None:
    """Another class is rejected with its word."""
    chain = Chain(tmp_path)
    chain.truth(_truth())
    chain.predictions([{**box(1, [1, 2, 3, 4], score=0.5), "category_id": word} for word in (2, "2", 2.0, "class 2")])
    assert len(set(chain.table("predictions")["category_key"])) == 1
    (reject,) = chain.rows("rejects")
    assert (reject["source_row"], reject["reason"]) == (3, "no category of the project is called 'class 2'")


def test_prediction_keys_ascend_in_file_order_and_are_unique_in_the_project(tmp_path: Path) -> None:
    """Also over rows that were rejected, and over sets."""
    chain = Chain(tmp_path)
    chain.truth(_truth())
    rows = [box(number, [1, 2, 3, 4], score=0.5) for number in (3, 1, 77, 3, 1)]
    for name in ("a", "b"):
        chain.predictions(rows, name=name)
    table = chain.table("predictions").sort("prediction_key")
    assert table["prediction_set"].to_list() == ["a"] * 4 + ["b"] * 4
    assert table["source_row"].to_list() == [0, 1, 3, 4] * 2
    assert table["prediction_key"].n_unique() == 8


def test_a_name_that_stands_for_others_is_refused_and_names_replace(tmp_path: Path) -> None:
    """The set stays as it was; with `replace` it is exchanged, and its numbers with it."""
    chain = Chain(tmp_path).chain(_truth(), [box(1, [1, 2, 3, 4], score=0.5)], "coco-bbox")
    before = chain.bytes_of("predictions", "metrics")
    other = [box(3, [1, 2, 3, 4], score=0.25)]
    with pytest.raises(InputError, match=r"already holds other.*results\.json") as error:
        chain.predictions(other)
    assert "--replace" in str(error.value.hint)
    assert chain.bytes_of("predictions", "metrics") == before
    assert chain.predictions(other, replace=True).status == "completed"
    assert chain.table("predictions")["score"].to_list() == [0.25]
    assert not chain.bytes_of("metrics")


def test_the_same_bytes_again_are_no_work(tmp_path: Path) -> None:
    """Under the same name, and in the same project, whatever the file is called."""
    chain = Chain(tmp_path)
    chain.truth(_truth())
    rows = [box(1, [1, 2, 3, 4], score=0.5)]
    assert [chain.predictions(rows).status for _ in range(2)] == ["completed", "unchanged"]
    assert chain.predictions(chain.write("other.json", rows)).status == "unchanged"


def test_a_set_stays_in_its_group_until_another_is_named(tmp_path: Path) -> None:
    """Without a group the same bytes are no work, and others put in their place go where they were."""
    chain = Chain(tmp_path)
    chain.truth(truth_of())
    first = [box(1, [1, 2, 3, 4], score=0.5)]
    assert chain.predictions(first, group="nightly").status == "completed"
    assert chain.predictions(first).status == "unchanged"
    chain.predictions([box(2, [1, 2, 3, 4], score=0.5)], add=True)
    assert catalog(chain.project).sets[SET].record["group"] == "nightly"
    chain.predictions(first, replace=True)
    assert catalog(chain.project).sets[SET].record["group"] == "nightly"
    assert chain.predictions(first, group="weekly").status == "completed"
    assert catalog(chain.project).sets[SET].record["group"] == "weekly"


def test_predictions_need_a_ground_truth(tmp_path: Path) -> None:
    """A project that is not there is an error of the call, and is not made."""
    chain = Chain(tmp_path)
    with pytest.raises(InputError, match=PROJECT):
        chain.predictions([box(1, [1, 2, 3, 4], score=0.5)])
    assert not chain.store.exists()
