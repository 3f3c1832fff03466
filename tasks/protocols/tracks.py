"""Tracks: HOTA, CLEAR and identity over the IoU of boxes, class by class. Equal to trackeval 1.3.0.

Annotations that do not count (`ignore`, crowds) are left out; nothing else is taken away beforehand.
"""

import numpy as np

from schemas.judging import Number, Protocol, Rules

MATCH_IOU = "match_iou"
"""Option: the lowest IoU of a match in CLEAR and identity."""
HOTA = ("HOTA", "DetA", "AssA", "DetRe", "DetPr", "AssRe", "AssPr", "LocA")
CLEAR = ("MOTA", "MOTP")
IDENTITY = ("IDF1", "IDP", "IDR")
COUNTS = ("IDSW", "Frag", "MT", "PT", "ML")
MEANS = ("mean_HOTA", "mean_MOTA", "mean_IDF1")
_THRESHOLDS = tuple(np.arange(0.05, 0.99, 0.05).tolist())
"""As trackeval makes them: at a threshold every bit counts."""


def numbers(_rules: Rules) -> tuple[Number, ...]:
    """Numbers over all classes, which the engine's metric writes."""
    return tuple(Number(name, whole=name in COUNTS) for name in (*HOTA, *CLEAR, *IDENTITY, *COUNTS, *MEANS))


PROTOCOL = Protocol(
    name="tracks",
    title="Tracks: HOTA, MOTA, IDF1",
    rules=Rules(iou_thresholds=_THRESHOLDS, options=((MATCH_IOU, (0.5,)),)),
    numbers=numbers,
    engine="tracks",
    unasked=("tracks",),
    unasked_on=("tracks",),
)
