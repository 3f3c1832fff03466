"""The protocol of semantic masks."""

from tasks.metrics.class_iou import BACKGROUND
from tasks.protocols.semantic import PROTOCOL


def test_it_prints_the_means() -> None:
    """In this order."""
    names = [number.name for number in PROTOCOL.numbers(PROTOCOL.rules)]
    assert names == ["mean_iou", "frequency_weighted_iou", "pixel_accuracy", "mean_accuracy"]


def test_it_runs_unasked_on_semantic_masks() -> None:
    """With what is not labelled as background."""
    assert (PROTOCOL.engine, PROTOCOL.unasked) == ("pixels", ("segmentation",))
    assert dict(PROTOCOL.rules.options) == {"unlabelled": (float(BACKGROUND),)}
