"""Sources of which only the name and the size matter."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Named:
    """A file that nothing may read."""

    name: str
    size: int = 100

    def read(self, start: int = 0, stop: int | None = None) -> bytes:
        """Nothing here reads it."""
        raise AssertionError

    def read_into(self, buffer: memoryview, start: int) -> None:
        """Nothing here reads it."""
        raise AssertionError
