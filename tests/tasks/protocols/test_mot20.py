"""The protocol of MOT20; its numbers against trackeval are in the tests of the engine."""

from tasks.mot.classes import CLASSES
from tasks.protocols.mot20 import PROTOCOL
from tasks.protocols.motchallenge import DISTRACTORS
from tasks.protocols.motchallenge import PROTOCOL as MOTCHALLENGE


def test_vehicles_are_distractors_too() -> None:
    """All else is as in MOT17."""
    ours, theirs = dict(PROTOCOL.rules.options), dict(MOTCHALLENGE.rules.options)
    assert set(ours.pop(DISTRACTORS)) - set(theirs.pop(DISTRACTORS)) == {float(CLASSES["non_mot_vehicle"])}
    assert ours == theirs


def test_it_runs_when_asked() -> None:
    """Files do not say which benchmark they are of."""
    assert PROTOCOL.unasked == ()
