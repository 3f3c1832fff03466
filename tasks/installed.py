"""Which versions of packages are installed."""

import os
import sys
from contextlib import suppress
from functools import cache


@cache
def installed_version(package: str) -> str:
    """What `importlib.metadata.version` says, for which it reads a file and imports 40 modules, in 25 ms.

    The folder of that file has the version in its name. Packages that are installed otherwise, or in two places, are
    looked up the long way. Raises importlib's PackageNotFoundError where it is not installed.
    """
    begins, ends = package.replace("-", "_") + "-", ".dist-info"
    found = {name for name in _beside_modules() if name.startswith(begins) and name.endswith(ends)}
    if len(found) == 1:
        return found.pop().removeprefix(begins).removesuffix(ends)
    from importlib.metadata import version

    return version(package)


@cache
def _beside_modules() -> frozenset[str]:
    """Names of all files and folders where modules are looked for."""
    found = set[str]()
    for folder in sys.path:
        with suppress(OSError):
            found.update(os.listdir(folder or "."))
    return frozenset(found)
