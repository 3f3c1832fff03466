"""Single points by their distance as a share of the image's diagonal: AP at declared limits, and PCK."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from schemas.distance_rules import distance_numbers, distance_rules
from schemas.judging import Pairs, Protocol, Side
from tasks.shapes.point import pairs_at


def pairs(detections: Side, annotations: Side, floor: float, options: Mapping[str, Any]) -> Pairs:
    """As the shape's own, of distances divided by the diagonal of their unit."""
    limits = np.array(options["limits"])
    return pairs_at(detections, annotations, np.hypot(detections.width_px, detections.height_px), limits, floor)


PROTOCOL = Protocol(
    name="points-relative",
    title="Points, distance by diagonal",
    shape="point",
    rules=distance_rules(0.01, 0.02, 0.05),
    numbers=distance_numbers("PCK", ""),
    pairs=pairs,
    similarity="relative_point_distance",
)
