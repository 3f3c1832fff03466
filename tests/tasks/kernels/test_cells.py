"""Sets of cells as bits."""

import numpy as np
import pytest

from tasks.kernels.cells import all_cells, cells_inside


def members(words: np.ndarray, n_cells: int) -> list[int]:
    """The cells in a set."""
    return [c for c in range(n_cells) if int(words[c // 64]) >> (c % 64) & 1]


@pytest.mark.parametrize(("n_ranges", "n_thresholds"), [(1, 1), (4, 10), (8, 8), (5, 13), (64, 3)])
def test_reached_cells_are_those_of_the_lowest_thresholds(n_ranges: int, n_thresholds: int) -> None:
    """A similarity that reaches l thresholds reaches their cells in every range, whatever order they come in."""
    limits = np.random.default_rng(0).permutation(n_thresholds) / n_thresholds
    cells = all_cells(limits, n_ranges)
    for level in range(n_thresholds + 1):
        expected = [
            a * n_thresholds + t for a in range(n_ranges) for t in np.flatnonzero(limits < level / n_thresholds)
        ]
        assert members(cells.reached[level], n_ranges * n_thresholds) == expected


def test_inside_cells_are_those_of_the_ranges_without_a_bit() -> None:
    """Bit a of `outside` takes away all cells of range a."""
    cells = all_cells(np.array([0.5, 0.75]), 3)
    inside = cells_inside(np.array([0b000, 0b101, 0b111], np.uint64), cells)
    assert [members(words, 6) for words in inside] == [[0, 1, 2, 3, 4, 5], [2, 3], []]
