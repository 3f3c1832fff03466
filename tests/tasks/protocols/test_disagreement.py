"""The protocol of disagreement."""

from tasks.protocols.disagreement import PROTOCOL


def test_it_prints_shares_and_means() -> None:
    """By the words that Kognic's users know."""
    assert [number.name for number in PROTOCOL.numbers(PROTOCOL.rules)] == [
        "disagreement",
        "disagreement_ignoring_unmapped",
        "mean_of_image_disagreement",
        "mean_iou",
        "mean_iou_ignoring_unmapped",
    ]


def test_it_runs_unasked_under_a_class_mapping() -> None:
    """On the engine of its name."""
    assert (PROTOCOL.engine, PROTOCOL.unasked) == ("disagreement", ("class_mapping",))
