"""The protocol of MOT16 and MOT17; its numbers against trackeval are in the tests of the engine."""

from tasks.mot.classes import NAMES
from tasks.protocols.motchallenge import DISTRACTORS, PROTOCOL


def test_distractors_are_the_devkits() -> None:
    """Four classes; the thresholds are those of `tracks`."""
    numbers = dict(PROTOCOL.rules.options)[DISTRACTORS]
    assert [NAMES[int(number)] for number in numbers] == [
        "person_on_vehicle", "static_person", "distractor", "reflection",
    ]  # fmt: skip


def test_it_runs_unasked_on_motchallenges_files() -> None:
    """Where the ground truth has tracks."""
    assert (PROTOCOL.unasked, PROTOCOL.unasked_on) == (("mot",), ("tracks",))
