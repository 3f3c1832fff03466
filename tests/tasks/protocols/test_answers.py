"""The protocol `answers`: its numbers, under its own rules and others."""

from tasks.protocols.answers import NAMES, PROTOCOL
from tests.chain import rules_used


def test_numbers_are_named_in_the_order_they_are_printed() -> None:
    """Each once, whatever the rules."""
    assert tuple(number.name for number in PROTOCOL.numbers(PROTOCOL.rules)) == NAMES
    assert len(set(NAMES)) == len(NAMES)


def test_thresholds_of_temporal_iou_may_be_others() -> None:
    """The options stay."""
    rules = rules_used("answers", iou_thresholds=[0.75, 0.5])
    assert rules.iou_thresholds == (0.5, 0.75)
    assert dict(rules.options) == {"object_iou": (0.5,), "top_k": (3.0,), "calibration_bins": (15.0,)}
