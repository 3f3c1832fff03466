"""Imports that are refused, as if the module were not installed."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


class _Refusing:
    """Finds no module of these names, as a finder of `sys.meta_path`."""

    def __init__(self, names: frozenset[str]) -> None:
        self._names = names

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> None:
        """Refuse, or leave the name to the finders that follow."""
        if name in self._names:
            raise ModuleNotFoundError(name, name=name)


@contextmanager
def without(*names: str) -> Iterator[None]:
    """Refuse to import modules of these names within the block, in all threads; those that are imported stay."""
    refusing = _Refusing(frozenset(names))
    sys.meta_path.insert(0, refusing)
    try:
        yield
    finally:
        sys.meta_path.remove(refusing)
