"""Errors a person may see."""

import pytest

from schemas.errors import BoxscoreError, InputError, RejectLimitError, StoreError


def test_an_error_says_where_what_and_what_next() -> None:
    """Each part may be left out."""
    assert str(InputError("it is a list", where="a.json", hint="give an object")) == (
        "a.json: it is a list\n  hint: give an object"
    )
    assert str(InputError("it is a list")) == "it is a list"


CODES = [(InputError, 2), (StoreError, 1), (RejectLimitError, 1), (BoxscoreError, 1)]


@pytest.mark.parametrize(("kind", "code"), CODES)
def test_the_exit_code_tells_a_wrong_call_from_a_failed_run(kind: type[BoxscoreError], code: int) -> None:
    """2 for what the caller can mend, 1 for the rest."""
    assert kind("x").exit_code == code
    assert issubclass(kind, BoxscoreError)
