"""Polylines by their discrete Frechet distance over a hundred samples: AP at declared limits in pixels.

Where Chamfer's distance is a mean and blind to direction, this is the longest step that cannot be avoided on the way
from end to end; its limits are therefore wider.
"""

from schemas.distance_rules import distance_numbers, distance_rules
from schemas.judging import Protocol
from tasks.shapes.polyline import frechet_pairs

PROTOCOL = Protocol(
    name="polylines-frechet",
    title="Polylines, Frechet distance",
    shape="polyline",
    unasked=("polyline",),
    rules=distance_rules(10.0, 20.0, 40.0),
    numbers=distance_numbers("AR", "px"),
    pairs=frechet_pairs,
    similarity="frechet_distance",
)
