"""The branch of label rows: predictions are written to one of their own, labels to `main`."""

import msgspec

from schemas.names import is_name
from schemas.records import Source
from tasks.encord.row_texts import row_texts

MAIN = "main"


class _Head(msgspec.Struct):
    branch_name: str | None = None


_HEAD = msgspec.json.Decoder(_Head)


def branch_name(source: Source) -> str | None:
    """The branch that all rows of a file are of, if it can name a prediction set; None for `main` and for several.

    InputError where the file cannot be taken apart into rows.
    """
    found: set[str | None] = set()
    for row in row_texts(source):
        try:
            found.add(_HEAD.decode(row.text).branch_name)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None  # said, with the byte, when the row is read
        if len(found) > 1:
            return None
    name = next(iter(found), None)
    return name if name is not None and name != MAIN and is_name(name) else None
