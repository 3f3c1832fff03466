"""Further files for a set: what it held stays as it was, and what is added goes on from there."""

from pathlib import Path

import pytest

from schemas.errors import InputError
from tests.chain import Chain, box, truth_of

FIRST = [box(1, [0, 0, 10, 10], score=0.9), box(1, [5, 5, 10, 10], score=0.8), box(9, [0, 0, 1, 1], score=0.1)]
SECOND = [box(2, [0, 0, 10, 10], score=0.7)]


def _chain(tmp_path: Path) -> Chain:
    chain = Chain(tmp_path)
    chain.truth(truth_of(box(1, [0, 0, 10, 10]), box(2, [0, 0, 10, 10]), images=3))
    chain.predictions(chain.write("first.json", FIRST))
    return chain


def test_added_rows_stand_beside_the_old_ones(tmp_path: Path) -> None:
    """Whose keys and places stay; books and inputs are those of both files."""
    chain = _chain(tmp_path)
    before = chain.rows("predictions")
    taken = chain.predictions(chain.write("second.json", SECOND), add=True)
    after = chain.rows("predictions")
    assert (taken.rows, taken.accepted, taken.rejected) == (4, 3, 1)
    assert [row for row in after if row["source_file"] == "first.json"] == before
    keys = [row["prediction_key"] for row in after]
    assert keys == sorted(set(keys))
    assert [row["source_file"] for row in after] == ["first.json", "first.json", "second.json"]


def test_the_numbers_are_those_of_one_import(tmp_path: Path) -> None:
    """Of both files in one."""
    added, whole = _chain(tmp_path / "added"), Chain(tmp_path / "whole")
    added.predictions(added.write("second.json", SECOND), add=True)
    whole.truth(truth_of(box(1, [0, 0, 10, 10]), box(2, [0, 0, 10, 10]), images=3))
    whole.predictions([*FIRST, *SECOND])
    numbers = []
    for chain in (added, whole):
        chain.evaluate("coco-bbox")
        numbers.append(chain.table("metrics").select("metric", "category", "area_range", "value").rows())
    assert numbers[0] == numbers[1]


def test_the_same_file_again_changes_nothing(tmp_path: Path) -> None:
    """Whether it was the set's first or added later."""
    chain = _chain(tmp_path)
    second = chain.write("second.json", SECOND)
    chain.predictions(second, add=True)
    assert chain.predictions(second, add=True).status == "unchanged"
    assert chain.predictions(chain.folder / "first.json", add=True).status == "unchanged"
    assert len(chain.rows("predictions")) == 3


def test_units_that_are_there_already_are_refused(tmp_path: Path) -> None:
    """With file, record and hint; the set stays as it was."""
    chain = _chain(tmp_path)
    both = chain.write("both.json", [*SECOND, box(1, [1, 1, 5, 5], score=0.5)])
    with pytest.raises(InputError, match="predictions on '1' already") as raised:
        chain.predictions(both, add=True)
    assert "both.json, record 1" in str(raised.value.where)
    assert len(chain.rows("predictions")) == 2


def test_added_to_no_set_the_files_are_the_set(tmp_path: Path) -> None:
    """So that a script need not tell the first from the rest."""
    chain = _chain(tmp_path)
    assert chain.predictions(chain.write("second.json", SECOND), name="other", add=True).accepted == 1
