"""Semantic segmentation: IoU of classes over all pixels, and its means.

Pixels that nobody labelled are background: predictions there count against their class, but background is no class
whose IoU enters the mean. Equal to hotcoco's `SemanticEval`, with background as its class 0.
"""

from schemas.judging import Number, Protocol, Rules

UNLABELLED = "unlabelled"
"""Option: the place, in `schemas.parameters.Unlabelled`, of what unlabelled pixels are."""
NAMES = ("mean_iou", "frequency_weighted_iou", "pixel_accuracy", "mean_accuracy")


def numbers(_rules: Rules) -> tuple[Number, ...]:
    """The means, which the engine's metric writes."""
    return tuple(Number(name) for name in NAMES)


PROTOCOL = Protocol(
    name="semantic",
    title="Semantic segmentation",
    rules=Rules(options=((UNLABELLED, (0.0,)),)),
    numbers=numbers,
    engine="pixels",
    unasked=("segmentation",),
)
