"""The protocol of panoptic segments."""

from tasks.protocols.panoptic import PROTOCOL


def test_it_prints_quality_of_all_things_and_stuff() -> None:
    """Three numbers each."""
    names = [number.name for number in PROTOCOL.numbers(PROTOCOL.rules)]
    assert names == [
        "PQ", "SQ", "RQ", "PQ_things", "SQ_things", "RQ_things", "PQ_stuff", "SQ_stuff", "RQ_stuff",
    ]  # fmt: skip


def test_it_runs_unasked_on_segments() -> None:
    """On the engine of its name."""
    assert (PROTOCOL.engine, PROTOCOL.unasked) == ("panoptic", ("panoptic",))
