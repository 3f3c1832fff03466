"""What the name of a mask file says: `<unit>[__<frame>].png`.

Where a file is one object, its class follows, and a number where there are several:
`<unit>[__<frame>]__<class>[__<n>].png`.
"""

from typing import NamedTuple

from schemas.rejects import Reason
from tasks.file_names import FileNames
from tasks.refusals import Refused

_SEPARATOR = "__"


class Said(NamedTuple):
    """The unit's own word, a frame where there is one, and the class where a file is one object."""

    unit: str
    frame: int | None
    category: str | None = None


def is_mask_file(name: str) -> bool:
    """Whether a file of this name may be a mask."""
    return name.lower().endswith(".png")


def said_by(name: str, names: FileNames, one_per_file: bool) -> Said:
    """What a file name says. Refused where it says no unit, or, with `one_per_file`, no class.

    The class is the last part that is no number; a number behind it tells objects of a class apart. A word that is a
    number is never taken for a class: it could as well be a frame.
    """
    stem = name.rpartition(".")[0]
    if not stem.rpartition("/")[2]:
        raise Refused(Reason.MISSING_FIELD, "the file name says no data unit; expected is <unit>[__<frame>].png")
    if not one_per_file:
        return Said(*names(name))
    unit, separator, category = _without_number(stem).rpartition(_SEPARATOR)
    if not separator or not unit.rpartition("/")[2] or not category or category.isdecimal():
        allowed = "<unit>[__<frame>]__<class>[__<number>].png"
        raise Refused(Reason.MISSING_FIELD, f"the file name says no class; expected is {allowed}")
    return Said(*names(f"{unit}.png"), category)


def _without_number(stem: str) -> str:
    """The name without a number at its end, unless a number is all that follows the unit."""
    head, _, last = stem.rpartition(_SEPARATOR)
    return head if last.isdecimal() and _SEPARATOR in head else stem
