"""Registries: what a folder of modules offers, imported when it is asked for."""

from collections.abc import Iterator, MutableMapping
from importlib import import_module
from typing import Any, Protocol, TypeVar


class Named(Protocol):
    """A record of a registry."""

    @property
    def name(self) -> str:
        """By which it is asked for; its module is called as it is, with underscores for hyphens."""
        ...


R = TypeVar("R", bound=Named)


class Registry(MutableMapping[str, R]):
    """The records of a package's modules by name, in the order given; a run imports those that it uses.

    A record that is put in stands before the others, and in the place of one that is called as it is.
    """

    def __init__(self, package: str, attribute: str, *modules: str) -> None:
        """Each of `modules` in `package` has a record, called `attribute`."""
        self._package, self._attribute, self._modules = package, attribute, modules
        self._put_in = dict[str, R]()

    def __getitem__(self, name: str) -> R:
        """The record called `name`; KeyError where there is none."""
        if name in self._put_in:
            return self._put_in[name]
        module = name.replace("-", "_")
        if module in self._modules and self._of(module).name == name:
            return self._of(module)
        raise KeyError(name)

    def __setitem__(self, name: str, record: R) -> None:
        """Put a record in."""
        self._put_in[name] = record

    def __delitem__(self, name: str) -> None:
        """Take out what was put in."""
        del self._put_in[name]

    def __iter__(self) -> Iterator[str]:
        """Names; each module is imported as its turn comes."""
        yield from self._put_in
        for module in self._modules:
            name = self._of(module).name
            if name not in self._put_in:
                yield name

    def __len__(self) -> int:
        """How many there are."""
        return sum(1 for _ in self)

    def _of(self, module: str) -> R:
        record: Any = getattr(import_module(f"{self._package}.{module}"), self._attribute)
        return record
