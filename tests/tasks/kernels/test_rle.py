"""Run-length masks: what is refused, and that what is not means the same to pycocotools."""

from typing import Any, cast

import numpy as np
import pytest
from pycocotools import mask as reference

from tasks.kernels import rle
from tests.tasks.kernels.flat import flat_bytes, offsets_of, packed, random_bitmaps, rows_of


def number(value: int, characters: int = 1) -> bytes:
    """One number of a packed mask, on at least so many characters."""
    groups = []
    while not -16 <= value < 16 or characters > 1:
        groups.append(48 + 32 + (value & 31))
        value >>= 5
        characters -= 1
    return bytes([*groups, 48 + (value & 31)])


def counts(*runs: int) -> bytes:
    """A packed mask of these runs, however wrong they are."""
    return b"".join(number(run - runs[i - 2] if i > 2 else run) for i, run in enumerate(runs))


def code(characters: bytes, height: int, width: int) -> int:
    """What `check_counts` says of one mask."""
    return int(rle.check_counts(*flat_bytes([characters]), np.array([height]), np.array([width]))[0])


HOSTILE = [
    (counts(4), 0, 4, rle.SIZE),
    (counts(4), -2, -2, rle.SIZE),
    (counts(4), 65_537, 1, rle.SIZE),
    (counts(2**28 + 2**14), 2**14 + 1, 2**14, rle.SIZE),
    (counts(10**18), 10**9, 10**9, rle.SIZE),
    (b"", 2, 2, rle.EMPTY),
    (b"\x00", 2, 2, rle.CHARACTER),
    (b"/", 2, 2, rle.CHARACTER),
    (b"p", 2, 2, rle.CHARACTER),
    (b"4\xff", 2, 2, rle.CHARACTER),
    (b"o", 2, 2, rle.NUMBER),
    (counts(1, 2) + b"Q", 2, 2, rle.NUMBER),
    (b"T" + b"P" * 6 + b"0", 2, 2, rle.NUMBER),
    (b"P" * 100_000 + b"4", 2, 2, rle.NUMBER),
    (number(-3, 7) + counts(7), 2, 2, rle.NUMBER),
    (counts(-1, 5), 2, 2, rle.RUN),
    (counts(0, 2**32), 2, 2, rle.RUN),
    (counts(1, 1, 1, -1, 2), 2, 2, rle.RUN),
    (counts(3), 2, 2, rle.SUM),
    (counts(5), 2, 2, rle.SUM),
    (counts(0, 2**32 - 1), 2, 2, rle.SUM),
    (counts(2**32 - 1, 2**32 - 1, 6), 2, 2, rle.SUM),
    (counts(0, 4, 0), 2, 2, rle.EMPTY_RUN),
    (counts(1, 0, 3), 2, 2, rle.EMPTY_RUN),
    (counts(0, 0, 4), 2, 2, rle.EMPTY_RUN),
]


@pytest.mark.parametrize(("characters", "height", "width", "expected"), HOSTILE)
def test_what_crashes_or_misleads_pycocotools_is_refused(
    characters: bytes, height: int, width: int, expected: int
) -> None:
    """Each kind of damage has its own code, and a mask with a fault is not measured."""
    measured = rle.measure(*flat_bytes([characters]), np.array([height]), np.array([width]))
    assert measured.codes.tolist() == [expected]
    assert measured.area_px2.tolist() == [0]
    assert measured.box_px.tolist() == [[0, 0, 0, 0]]


@pytest.mark.parametrize("size", [(65_536, 4_096), (1, 1), (1, 65_536)])
def test_the_largest_and_smallest_images_are_taken(size: tuple[int, int]) -> None:
    """Sides up to 65536 and 2**28 pixels in all pass, and their measures agree with pycocotools."""
    height, width = size
    for characters in (counts(height * width), counts(0, height * width)):
        measured = rle.measure(*flat_bytes([characters]), np.array([height]), np.array([width]))
        mask = {"size": [height, width], "counts": characters}
        assert measured.codes.tolist() == [rle.SOUND]
        assert measured.area_px2[0] == reference.area(mask)
        assert measured.box_px[0].tolist() == reference.toBbox(mask).tolist()


def test_numbers_on_more_characters_than_needed_mean_the_same_to_pycocotools() -> None:
    """Up to 6 characters with a sign and 7 without one, pycocotools reads what we read."""
    for characters in range(1, 8):
        row = b"".join(number(run, characters) for run in (3, 40, 5)) + number(-30, min(characters, 6)) + number(-3)
        assert code(row, 6, 10) == rle.SOUND
        runs, _ = rle.decode_runs(*flat_bytes([row]))
        assert runs.tolist() == [3, 40, 5, 10, 2]
        bitmap = np.repeat([0, 1, 0, 1, 0], runs).reshape(6, 10, order="F")
        assert np.array_equal(reference.decode({"size": [6, 10], "counts": row}), bitmap)


def test_measures_equal_pycocotools() -> None:
    """Codes are 0 and areas and boxes are pycocotools' own on noise, blobs, stripes, empty and full images."""
    bitmaps = random_bitmaps(np.random.default_rng(1), 500)
    rows = [packed(bitmap) for bitmap in bitmaps]
    masks = [{"size": list(bitmap.shape), "counts": row} for bitmap, row in zip(bitmaps, rows, strict=True)]
    height, width = (np.array([bitmap.shape[axis] for bitmap in bitmaps]) for axis in (0, 1))
    measured = rle.measure(*flat_bytes(rows), height, width)
    assert not measured.codes.any()
    assert measured.area_px2.tolist() == [reference.area(mask) for mask in masks]
    assert np.array_equal(measured.box_px, reference.toBbox(masks))


def test_boxes_are_right_at_every_position_of_large_images() -> None:
    """Finding a column by multiplication gives the same as pycocotools' division, at both ends of every column."""
    for height, width in ((65_536, 4_096), (4_093, 65_521), (3, 65_536), (7_919, 33_000), (49, 65_536)):
        edges = (np.arange(0, width, max(1, width // 500))[:, None] * height + [0, 1, height - 1]).ravel()
        rows = [counts(int(edge), 1, height * width - int(edge) - 1) for edge in edges if edge + 1 < height * width]
        masks = [{"size": [height, width], "counts": row} for row in rows]
        sides = np.full(len(rows), height), np.full(len(rows), width)
        assert np.array_equal(rle.measure(*flat_bytes(rows), *sides).box_px, reference.toBbox(masks))


def test_decoding_and_encoding_give_back_pycocotools_characters() -> None:
    """Runs of pycocotools' masks stand for the bitmap, and packing them again gives the same bytes."""
    bitmaps = random_bitmaps(np.random.default_rng(2), 500)
    rows = [packed(bitmap) for bitmap in bitmaps]
    runs, run_offsets = rle.decode_runs(*flat_bytes(rows))
    assert rows_of(*rle.encode_runs(runs, run_offsets)) == rows
    for bitmap, start, stop in zip(bitmaps, run_offsets[:-1], run_offsets[1:], strict=True):
        values = np.arange(stop - start) % 2
        assert np.array_equal(np.repeat(values, runs[start:stop]), bitmap.ravel(order="F"))


def test_encoding_equals_pycocotools_on_lists_of_counts() -> None:
    """Lists of counts up to the largest image pack as `frPyObjects` packs them."""
    rng = np.random.default_rng(3)
    lists = [[2**28], [0, 2**28], [1, 2**28 - 2, 1], [0, 15, 16, 17, 2**14, 2**28 - 2**14 - 48]]
    lists += [rng.integers(1, 2 ** int(rng.integers(1, 20)), int(rng.integers(1, 50))).tolist() for _ in range(300)]
    data, offsets = rle.encode_runs(np.concatenate(lists), offsets_of([len(runs) for runs in lists]))
    expected = [reference.frPyObjects({"size": [1, sum(runs)], "counts": runs}, 1, sum(runs)) for runs in lists]
    assert rows_of(data, offsets) == [mask["counts"] for mask in expected]


def test_random_characters_that_pass_mean_the_same_to_pycocotools() -> None:
    """Of random changes to good masks, those found sound decode to the same pixels, and the others never reach C."""
    rng = np.random.default_rng(4)
    rows: list[bytes] = []
    shapes = []
    for bitmap in random_bitmaps(rng, 4_000):
        row = bytearray(packed(bitmap))
        for _ in range(int(rng.integers(1, 4))):
            row[int(rng.integers(len(row)))] = int(rng.integers(46, 114))
        rows.append(bytes(row))
        shapes.append(bitmap.shape)
    height, width = np.array(shapes).T
    sound = np.flatnonzero(rle.check_counts(*flat_bytes(rows), height.copy(), width.copy()) == rle.SOUND)
    assert 20 < len(sound) < 2_000
    for i in sound.tolist():
        runs, _ = rle.decode_runs(*flat_bytes([rows[i]]))
        pixels = np.repeat(np.arange(len(runs)) % 2, runs)
        mask = {"size": [int(side) for side in shapes[i]], "counts": rows[i]}
        assert np.array_equal(reference.decode(mask).ravel(order="F"), pixels)


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        ([1, 2, 1], rle.SOUND),
        ([0, 4], rle.SOUND),
        ([4], rle.SOUND),
        ([], rle.EMPTY),
        ([-1, 5], rle.RUN),
        ([2**32, 4 - 2**32], rle.RUN),
        ([2**32 - 1, 5], rle.SUM),
        ([2**62, 2**62, 2**62, 2**62, 4], rle.RUN),
        ([3], rle.SUM),
        ([2, 0, 2], rle.EMPTY_RUN),
    ],
)
def test_lists_of_counts_are_checked_like_packed_ones(runs: list[int], expected: int) -> None:
    """Lists of counts have the same codes as characters."""
    values = np.array(runs, np.int64)
    assert rle.check_runs(values, offsets_of([len(runs)]), np.array([2]), np.array([2])).tolist() == [expected]


def test_lists_of_counts_need_a_possible_size() -> None:
    """A size that no image has is refused before the counts are looked at."""
    assert rle.check_runs(np.array([0]), offsets_of([1]), np.array([0]), np.array([4])).tolist() == [rle.SIZE]


def test_no_masks_give_empty_arrays() -> None:
    """No masks in, none out, everywhere."""
    none = np.zeros(0, np.int64)
    measured = rle.measure(*flat_bytes([]), none, none)
    assert [array.shape for array in measured] == [(0,), (0,), (0, 4)]
    runs, run_offsets = rle.decode_runs(*flat_bytes([]))
    assert (len(runs), run_offsets.tolist()) == (0, [0])
    data, offsets = rle.encode_runs(runs, run_offsets)
    assert (len(data), offsets.tolist()) == (0, [0])
    assert len(rle.check_runs(none, offsets_of([]), none, none)) == 0


def test_bytes_that_cannot_be_written_to_are_one_kind_of_array() -> None:
    """Arrow's bytes and our own run the same compiled code: none is compiled for the other kind."""
    rows = flat_bytes([counts(4)])
    for data in (rows[0].copy(), rows[0]):
        assert rle.measure(data, rows[1], np.array([2]), np.array([2])).codes.tolist() == [rle.SOUND]
    assert len(cast(Any, rle._measure)._made) == 1


def test_every_code_has_a_text() -> None:
    """The texts go with the codes one to one."""
    assert len(set(rle.FAULTS)) == len(rle.FAULTS) == rle.EMPTY_RUN + 1
