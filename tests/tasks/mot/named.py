"""Sources of which only the name matters."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Named:
    """A source without content."""

    name: str
    size: int = 0

    def read(self, start: int = 0, stop: int | None = None) -> bytes:
        """Nothing."""
        return b""
