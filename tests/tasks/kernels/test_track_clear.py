"""CLEAR's sums; against trackeval in the tests of the engine."""

from tasks.kernels.track_clear import clear_sums
from tests.tasks.tracks.made_boxes import Row, scene

TRUTH = [(0, frame, "x", 0.0) for frame in range(6)]


def sums(found: list[Row], truth: list[Row] = TRUTH) -> list[int]:
    """Matches, switches, fragments, and annotated tracks mostly and partly tracked, mostly lost."""
    clear = clear_sums(scene(truth, found), 0.5)
    return [int(column[0]) for k, column in enumerate(clear) if k != 1]


def test_a_match_goes_on_from_the_frame_before() -> None:
    """Where another box fits better by now."""
    found: list[Row] = [(0, frame, "p", 2.0) for frame in range(6)] + [(0, 3, "q", 0.0)]
    assert sums(found) == [6, 0, 0, 1, 0, 0]


def test_another_predicted_track_is_a_switch() -> None:
    """Also after frames without a match, which end a fragment."""
    found: list[Row] = [(0, 0, "p", 0.0), (0, 1, "p", 0.0), (0, 2, "r", 90.0), (0, 3, "r", 90.0), (0, 4, "q", 0.0)]
    assert sums(found) == [3, 1, 1, 0, 1, 0]


def test_a_frame_without_predictions_interrupts_nothing() -> None:
    """As trackeval has it: the frame before it is the one that matches go on from."""
    assert sums([(0, frame, "p", 0.0) for frame in (0, 1, 3, 4, 5)]) == [5, 0, 0, 1, 0, 0]


def test_tracks_are_lost_below_a_fifth() -> None:
    """A sixth of x is matched; of y nothing."""
    truth = [*TRUTH, (0, 0, "y", 50.0)]
    assert sums([(0, 0, "p", 0.0)], truth) == [1, 0, 0, 0, 0, 2]
    assert sums([], truth) == [0, 0, 0, 0, 0, 2]
    assert sums([(0, 0, "p", 0.0)], []) == [0] * 6
