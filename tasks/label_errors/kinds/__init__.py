"""Kinds of label errors: a file each, and one entry in this tuple."""

from collections.abc import Callable
from typing import NamedTuple

from tasks.label_errors.candidates import Candidates
from tasks.label_errors.evidence import Evidence, Standing
from tasks.label_errors.kinds import (
    bad_geometry,
    duplicate_annotation,
    missing_annotation,
    spurious_annotation,
    wrong_class,
)


class Kind(NamedTuple):
    """A way in which a label can be wrong."""

    name: str
    candidates: Callable[[Evidence, Standing], Candidates]
    """What of a bucket looks so, scores from 0 to 1."""


KINDS: tuple[Kind, ...] = (
    Kind("missing annotation", missing_annotation.candidates_of),
    Kind("wrong class", wrong_class.candidates_of),
    Kind("bad geometry", bad_geometry.candidates_of),
    Kind("duplicate annotation", duplicate_annotation.candidates_of),
    Kind("spurious annotation", spurious_annotation.candidates_of),
)
