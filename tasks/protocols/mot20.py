"""Pedestrian tracks as MOT20 counts them: those of MOT17, where vehicles that are not judged are distractors too."""

from dataclasses import replace

from tasks.mot.classes import CLASSES
from tasks.protocols.motchallenge import DISTRACTORS
from tasks.protocols.motchallenge import PROTOCOL as MOTCHALLENGE

_OPTIONS = dict(MOTCHALLENGE.rules.options)
_MORE = (*_OPTIONS[DISTRACTORS], float(CLASSES["non_mot_vehicle"]))

PROTOCOL = replace(
    MOTCHALLENGE,
    name="mot20",
    title="MOT20: pedestrian tracks",
    unasked=(),
    rules=replace(MOTCHALLENGE.rules, options=tuple((_OPTIONS | {DISTRACTORS: _MORE}).items())),
)
