"""The work of `tasks.images.child`, but that some files end the process, as a fault of a decoder may."""

import os
import signal

from tasks.images import child
from tasks.images.child import prepare, serve

__all__ = ["prepare", "serve"]
FATAL = b"fatal"
_decode = child.decode


def _ending(data: bytes, width_px: int, height_px: int) -> object:
    if data == FATAL:
        os.kill(os.getpid(), signal.SIGSEGV)
    return _decode(data, width_px, height_px)


child.decode = _ending  # type: ignore[assignment]
