"""Polylines by their symmetric Chamfer distance over a hundred samples: AP at declared limits in pixels."""

from schemas.distance_rules import distance_numbers, distance_rules
from schemas.judging import Protocol

PROTOCOL = Protocol(
    name="polylines-chamfer",
    title="Polylines, Chamfer distance",
    shape="polyline",
    unasked=("polyline",),
    rules=distance_rules(5.0, 10.0, 20.0),
    numbers=distance_numbers("AR", "px"),
)
