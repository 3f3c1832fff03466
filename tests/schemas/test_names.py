"""Tests of `schemas.names`."""

import os
from pathlib import Path

import pytest

from schemas.names import checked_path, is_name


@pytest.mark.parametrize("name", ["a", "007", "v1.2_x-Y", "...", "x" * 100])
def test_names_may_stand_in_a_path(name: str) -> None:
    """Letters, digits, dots, underscores and hyphens, up to 100 of them."""
    assert is_name(name)


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a b", "é", "x" * 101, "a\n"])
def test_other_texts_are_no_names(name: str) -> None:
    """Nothing that leaves its folder, is empty, or is too long."""
    assert not is_name(name)


@pytest.mark.parametrize("path", ["", "a/b.json", "é/€.json", "a\nb"])
def test_paths_that_are_text_stay_as_they_are(path: str) -> None:
    """Whatever its letters."""
    assert checked_path(Path(path)) == Path(path)


@pytest.mark.parametrize("path", [b"\xff", b"a/\xff\xfe.json", b"\xe9/b"])
def test_paths_that_are_not_utf8_are_refused(path: bytes) -> None:
    """With what to do about it."""
    with pytest.raises(ValueError, match="not UTF-8; rename"):
        checked_path(Path(os.fsdecode(path)))
