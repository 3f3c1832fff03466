"""Single points by their distance in pixels: AP at declared limits, and the percentage of correct keypoints (PCK)."""

from schemas.distance_rules import distance_numbers, distance_rules
from schemas.judging import Protocol

PROTOCOL = Protocol(
    name="points",
    title="Points, distance in pixels",
    shape="point",
    unasked=("point",),
    rules=distance_rules(5.0, 10.0, 20.0),
    numbers=distance_numbers("PCK", "px"),
)
