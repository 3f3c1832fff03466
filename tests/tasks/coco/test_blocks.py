"""Reading an array in blocks."""

import json
from itertools import pairwise

import pytest

from schemas.errors import InputError
from tasks.coco.blocks import Reader, Region, read_blocks, shards
from tasks.kernels.json_records import RESULTS
from tasks.running import serial, threaded
from tests.coco_text import Text, blocks, outcome

RECORDS = [{"image_id": k // 7, "category_id": f"c{k % 5}", "score": k / 9, "bbox": [k, 1, 2, 3]} for k in range(500)]
ARRAY = json.dumps(RECORDS).encode()


class Counted(Text):
    """A file that remembers how far it was read."""

    furthest = 0

    def read(self, start: int = 0, stop: int | None = None) -> bytes:
        """Bytes `start` to `stop`."""
        self.furthest = max(self.furthest, self.size if stop is None else stop)
        return super().read(start, stop)


def test_shards_cover_a_region_but_for_the_commas_between_them() -> None:
    """Each ends after a record, and the last at the region's end."""
    found = list(shards(Text(ARRAY), 1, len(ARRAY), 3_000))
    assert len(found) > 5
    assert (found[0].start, found[-1].stop) == (1, len(ARRAY))
    assert [shard.last for shard in found] == [False] * (len(found) - 1) + [True]
    for before, after in pairwise(found):
        assert ARRAY[before.stop : after.start] == b","
        assert ARRAY[before.stop - 1 : before.stop] == b"}"


def test_blocks_are_read_as_they_are_asked_for() -> None:
    """Memory is that of some blocks, whatever the size of the file."""
    source = Counted(json.dumps(RECORDS * 300))
    reader = Reader(source, Region(1, source.size, 1), RESULTS)
    first = next(read_blocks(reader, serial, 10_000))
    assert 0 < first.rows < 500
    assert source.furthest < source.size // 5


def test_scratch_is_used_again() -> None:
    """As many sets of columns are made as threads work at once, not one a block."""
    source = Text(ARRAY)
    reader = Reader(source, Region(1, source.size, 1), RESULTS)
    assert len(list(read_blocks(reader, threaded(2), 1_000))) > 20
    assert 1 <= len(reader.scratch) <= 4


def test_rows_are_counted_over_all_blocks() -> None:
    """Records and rejects have the positions they have in the array."""
    mixed = [record if k % 3 else None for k, record in enumerate(RECORDS)]
    records, rejects = outcome(json.dumps(mixed).encode(), True, size=500)
    assert [row["source_row"] for row in records] == [k for k in range(500) if k % 3]
    assert [row["source_row"] for row in rejects] == list(range(0, 500, 3))


def test_dictionaries_hold_what_the_rows_say() -> None:
    """Every block has a dictionary of its own; the texts are right in each, and none is there twice."""
    seen = []
    for block in blocks(ARRAY, True, size=2_000):
        names = block.records.column("source_category").dictionary.to_pylist()
        assert len(set(names)) == len(names) <= 5
        seen += block.records.column("source_category").to_pylist()
    assert seen == [record["category_id"] for record in RECORDS]


def test_many_different_identifiers_are_kept_apart() -> None:
    """The dictionary grows; ids that are prefixes of one another, or longer than a word, are different."""
    names = [*("x" * k for k in range(300)), *range(3_000), *(f"a long image name {k}.jpg" for k in range(3_000))]
    records = [{"image_id": name, "category_id": 1, "score": 1, "bbox": [1, 2, 3, 4]} for name in names] * 2
    rows, rejects = outcome(json.dumps(records).encode(), True)
    assert [row["source_unit"] for row in rows] == [str(name) for name in names] * 2
    assert rejects == []


def test_ids_as_number_and_as_text_are_one() -> None:
    """7, 7.0 and "7" name the same image."""
    records = [RECORDS[0] | {"image_id": name} for name in (7, "7", 7.0)]
    (block,) = blocks(json.dumps(records).encode(), True)
    assert block.records.column("source_unit").dictionary.to_pylist() == ["7"]


def test_accepted_records_of_both_readers_stand_in_file_order() -> None:
    """What the rules took is sorted in among what the compiled reader took."""
    records = [record | ({"image_id": f"é\n{k}"} if k % 4 == 0 else {}) for k, record in enumerate(RECORDS)]
    rows, _ = outcome(json.dumps(records).encode(), True)
    assert [row["source_row"] for row in rows] == list(range(500))
    assert [row["source_unit"] for row in rows] == [str(record["image_id"]) for record in records]


def test_a_text_without_its_quote_is_refused_before_it_fills_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """A record may be large, but not without bounds."""
    monkeypatch.setattr("tasks.coco.blocks.LARGEST_RECORD", 10_000)
    for filling in (b"{ ", b"1,", b"},{"):
        source = Text(b'[{"a":"b},' + filling * 100_000 + b"]")
        reader = Reader(source, Region(1, source.size, 1), RESULTS)
        with pytest.raises(InputError, match="byte 1: a record of more than"):
            list(read_blocks(reader, serial, 1_000))
