"""Panoptic segmentation: PQ, SQ and RQ over all classes, things and stuff. Source: panopticapi's evaluation."""

from schemas.judging import Number, Protocol, Rules

NAMES = tuple(f"{name}{group}" for group in ("", "_things", "_stuff") for name in ("PQ", "SQ", "RQ"))


def numbers(_rules: Rules) -> tuple[Number, ...]:
    """The means, which the engine's metric writes."""
    return tuple(Number(name) for name in NAMES)


PROTOCOL = Protocol(
    name="panoptic",
    title="Panoptic quality",
    rules=Rules(),
    numbers=numbers,
    engine="panoptic",
    unasked=("panoptic",),
)
