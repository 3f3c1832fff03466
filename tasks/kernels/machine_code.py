"""Machine code that an earlier process has stored, loaded without what only a compiler needs.

Imports numba: only `compile` imports this module, and only once a kernel is called.
"""

from typing import Any

from numba.core.caching import FunctionCache
from numba.core.runtime.nrt import rtsys


class StoredCode(FunctionCache):
    """numba's cache of a function, which loads from it before any type or operation is made known.

    numba makes known all of them first, a third of a second in every process. Code that is loaded needs none of it
    but the runtime, which counts references to arrays. A compiler that is started later makes them known itself.
    """

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """What was compiled for argument types; None where nothing was, or not by this version, for this machine."""
        rtsys.initialize(target_context)
        with self._guard_against_spurious_io_errors():
            return self._load_overload(sig, target_context)  # type: ignore[no-untyped-call]
