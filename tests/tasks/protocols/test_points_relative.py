"""points-relative: distances by the diagonal."""

import numpy as np

from tasks.protocols.points_relative import PROTOCOL
from tests.tasks.shapes.sides import as_matrix, side


def test_a_distance_is_divided_by_the_diagonal_of_its_unit() -> None:
    """A tenth of the reach of twice the largest limit: 5 px of a unit of 500 px across are 0.01 of 0.1."""
    found, truth = (
        side({"shape": ["point"], "keypoints_px": [[{"x": x, "y": y}]]}, [1]) for x, y in ((3.0, 4.0), (0.0, 0.0))
    )
    assert PROTOCOL.pairs is not None
    pairs = PROTOCOL.pairs(found, truth, 0.1, dict(PROTOCOL.rules.options))
    assert np.allclose(as_matrix(pairs, 1), [[0.9]])


def test_it_is_asked_for_by_name() -> None:
    """Pixels are the default for points."""
    assert PROTOCOL.unasked == ()
