"""Disagreement of annotated and predicted pixels under a class mapping, as Kognic asks for it.

A unit that is annotated and not predicted disagrees everywhere; one that is only predicted does not count.
"""

from schemas.judging import Number, Protocol, Rules

NAMES = (
    "disagreement",
    "disagreement_ignoring_unmapped",
    "mean_of_image_disagreement",
    "mean_iou",
    "mean_iou_ignoring_unmapped",
)


def numbers(_rules: Rules) -> tuple[Number, ...]:
    """Shares and means, which the engine's metric writes."""
    return tuple(Number(name) for name in NAMES)


PROTOCOL = Protocol(
    name="disagreement",
    title="Disagreement of pixels",
    rules=Rules(),
    numbers=numbers,
    engine="disagreement",
    unasked=("class_mapping",),
)
