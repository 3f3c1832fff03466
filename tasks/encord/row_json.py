"""The text of a label row as Python values: fast where that is safe, to the letter of RFC 8259 where it is not.

orjson takes an object with the same key twice, of which the last wins. A text is read by it alone where its quotes and
colons show that no key was lost; whatever leaves a doubt is read again by `tasks.strict_json`.
"""

import re
from typing import Any, NamedTuple

import orjson

from tasks.encord.row_texts import RowText
from tasks.strict_json import Malformed, check_utf8, decode

_DOUBTFUL = re.compile(rb'\\"|\\u00(?:00|22|3[aA])')
"""Escapes of a quote, a colon or NUL."""
_SPACED = re.compile(rb'"[ \t\r\n]+:')


class Row(NamedTuple):
    """A row that was read; `clean` where it holds no number that is not finite and no text that no table can hold."""

    value: dict[str, Any]
    clean: bool
    text: bytes


def _keys(text: bytes) -> int:
    """How many keys a text holds, or more: texts that begin with a colon look alike."""
    return text.count(b'":') + len(_SPACED.findall(text))


def _lost_none(text: bytes, value: Any) -> bool:
    """Whether `value`, as orjson read it from `text`, surely has every key of it.

    Without escaped quotes every quote opens or closes a string, so a quote before a colon closes a key, or opens a
    string that begins with a colon. Those are the same in what orjson would write, less the keys that were lost.
    """
    unescaped = text.replace(b"\\\\", b"")
    if _DOUBTFUL.search(unescaped):
        return False
    return _keys(unescaped) == orjson.dumps(value).replace(b"\\\\", b"").count(b'":')


def read_row(name: str, row: RowText) -> Row:
    """The row's values. InputError, with the byte in the file, where it is no JSON or has one key twice."""
    try:
        value = orjson.loads(row.text)
        if _lost_none(row.text, value):
            return Row(value, True, row.text)
    except orjson.JSONDecodeError:
        pass  # damaged, or with NaN, which only spoils the record it stands in: the slower reader says which
    try:
        check_utf8(row.text)
        return Row(decode(row.text), False, row.text)
    except Malformed as malformed:
        raise malformed.at(name, row.start) from malformed
