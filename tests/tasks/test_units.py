"""Units and categories as look-up tables, and the keys they keep."""

from typing import Any

import numpy as np
import pyarrow as pa

from schemas.tables import CATEGORY_RECORDS, UNIT_RECORDS
from tasks.units import (
    AMBIGUOUS,
    UnitNames,
    category_index,
    keyed_categories,
    keyed_units,
    live_categories,
    mix,
    unit_index,
)


def _units(*titles: str | None, ids: list[str] | None = None) -> pa.Table:
    names = ids or [str(k) for k in range(1, len(titles) + 1)]
    rows: list[dict[str, Any]] = [
        {
            "source_id": name, "data_hash": title or name, "frame": 0, "title": title, "kind": "image",
            "sequence_hash": title or name, "width": 20, "height": 10, "source_order": order,
        }
        for order, (name, title) in enumerate(zip(names, titles, strict=True))
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, schema=UNIT_RECORDS.schema)


def _categories(*hashes: str) -> pa.Table:
    rows = [{"feature_hash": name, "name": f"class {name}", "kind": "object"} for name in hashes]
    return pa.Table.from_pylist(rows, schema=CATEGORY_RECORDS.schema)


def test_names_are_ids_then_titles_then_file_names_then_stems() -> None:
    """Each only where it names one unit; the earlier kind of name wins."""
    names = UnitNames(keyed_units(None, _units("a/x.jpg", "b/x.jpg", "y.tar.gz", "1", None)))
    words = ["1", "a/x.jpg", "x.jpg", "x", "y.tar.gz", "y.tar", "y", "", "5"]
    assert [names[word] for word in words] == [0, 0, AMBIGUOUS, AMBIGUOUS, 2, 2, -1, -1, 4]


def test_retired_units_cannot_be_found() -> None:
    """Neither by id nor by title."""
    before = keyed_units(None, _units("a.jpg", "b.jpg"))
    names = UnitNames(keyed_units(before, _units("b.jpg", ids=["2"])))
    assert [names[word] for word in ("1", "a.jpg", "a", "2", "b")] == [-1, -1, -1, 0, 0]


def test_keys_are_appended_and_never_reused() -> None:
    """A unit that comes after one was retired gets a key of its own."""
    first = keyed_units(None, _units("a.jpg", "b.jpg", "c.jpg"))
    assert first["unit_key"].to_pylist() == [1, 2, 3]
    second = keyed_units(first, _units("a.jpg", "b.jpg"))
    third = keyed_units(second, _units("d.jpg", "a.jpg", "c.jpg"))
    keys = dict(zip(third["title"].to_pylist(), third["unit_key"].to_pylist(), strict=True))
    assert keys == {"d.jpg": 4, "a.jpg": 1, "c.jpg": 3, "b.jpg": 2}
    assert third.filter(third["retired"])["title"].to_pylist() == ["b.jpg"]


def test_categories_keep_keys_and_take_the_official_order_of_the_newest_file() -> None:
    """Positions are those of the live classes in that order; retired ones have none."""
    first = keyed_categories(None, _categories("3", "5", "9"))
    second = keyed_categories(first, _categories("4", "9", "3"))
    assert live_categories(second)["feature_hash"].to_pylist() == ["4", "9", "3"]
    index = category_index(second)
    keys = {name: int(index.category_key[place]) for name, place in index.positions.items()}
    assert keys == {"3": 1, "9": 3, "4": 4}
    assert index.retired.sum() == 1


def test_an_empty_table_has_an_empty_index() -> None:
    """No units, no categories, no rows."""
    index = unit_index(keyed_units(None, _units()))
    assert (index.unit_key.tolist(), index.bucket(4).tolist()) == ([], [])
    assert category_index(keyed_categories(None, _categories())).positions == {}


def test_shares_of_more_buckets_nest_in_those_of_fewer() -> None:
    """A unit of bucket b of 2 n lies in bucket b mod n of n; all are used in turn."""
    index = unit_index(keyed_units(None, _units(*(f"{k}.jpg" for k in range(500)))))
    for buckets in (1, 2, 8, 32):
        shares = index.bucket(buckets)
        assert np.array_equal(index.bucket(2 * buckets) % buckets, shares)
        counts = np.bincount(shares, minlength=buckets)
        assert counts.min() > 0.4 * 500 / buckets


def test_mixed_words_tell_columns_and_their_order_apart() -> None:
    """(1, 2) and (2, 1) differ, as do a column and two."""
    one, two = np.array([1, 2]), np.array([2, 1])
    words = [*mix([one, two], 2), *mix([one], 2), *mix([], 1)]
    assert len(set(map(int, words))) == 5
    assert np.array_equal(mix([one, two], 2), mix([two, one], 2)[::-1])
