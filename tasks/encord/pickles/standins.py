"""What the globals of a pickle are while it is loaded: classes and callables of ours that can do nothing else.

None of them calls numpy: a forged dtype over raw bytes makes numpy follow forged pointers. All are frozen: no pickle
changes what the next one finds.
"""

import pickle
import struct
from collections.abc import Callable
from typing import Any


class RefusedError(Exception):
    """The pickle asks for something that no list of predictions needs."""


class Frozen(type):
    """A class whose attributes cannot be set."""

    def __setattr__(cls, name: str, value: object) -> None:
        """Refuse."""
        raise RefusedError(f"{cls.__name__}.{name} cannot be set")


class Fields(metaclass=Frozen):
    """An object of a known class: the fields its state gave it."""

    __slots__ = ("fields",)
    fields: dict[str, Any]

    def __setstate__(self, state: Any) -> None:
        """Take the fields, of pydantic's state or of a plain object's."""
        if type(state) is not dict:
            raise RefusedError(f"the state of a {type(self).__name__} is no dictionary")
        fields = state.get("__dict__", state)
        if type(fields) is not dict:
            raise RefusedError(f"the fields of a {type(self).__name__} are no dictionary")
        self.fields = fields


class Prediction(Fields):
    """Stands in for a prediction, nested or flat."""

    __slots__ = ()


class ObjectDetection(Fields):
    """Stands in for what was detected."""

    __slots__ = ()


class FrameClassification(Fields):
    """Stands in for an answer about a frame."""

    __slots__ = ()


class BoundingBox(Fields):
    """Stands in for a box, rotated or not."""

    __slots__ = ()


class RotatableBoundingBox(BoundingBox):
    """Stands in for our own rotated box."""

    __slots__ = ()


class Polyline(Fields):
    """Stands in for our own polyline."""

    __slots__ = ()


class Keypoint(Fields):
    """Stands in for our own point."""

    __slots__ = ()


class Skeleton(Fields):
    """Stands in for our own skeleton."""

    __slots__ = ()


class Bitmask(Fields):
    """Stands in for our own run lengths."""

    __slots__ = ()


class Payload(metaclass=Frozen):
    """Texts or bytes that were left in the file, at the opcode at `at`."""

    __slots__ = ("at",)
    at: int

    def __init__(self, at: int) -> None:
        """Remember where."""
        self.at = at


class DType(metaclass=Frozen):
    """Stands in for a numpy dtype: booleans, whole numbers and floats only."""

    __slots__ = ("code", "order")
    code: str
    order: str

    def __setstate__(self, state: Any) -> None:
        """Take the byte order; anything else a dtype may carry is refused."""
        if type(state) is not tuple or len(state) != 8 or state[0] != 3 or state[2:] != (None, None, None, -1, -1, 0):
            raise RefusedError(f"numpy.dtype({self.code!r}) with fields, sizes or flags of its own")
        if state[1] not in ("<", ">", "|"):
            raise RefusedError("numpy.dtype with an unknown byte order")
        self.order = state[1]


class NDArray(metaclass=Frozen):
    """Stands in for a numpy array: its shape, its dtype, its bytes or where they lie."""

    __slots__ = ("dtype", "fortran", "raw", "shape")
    dtype: DType
    fortran: bool
    raw: Any
    shape: tuple[int, ...]

    def __setstate__(self, state: Any) -> None:
        """Take version 1 of an array's state."""
        if type(state) is not tuple or len(state) != 5 or state[0] != 1 or type(state[3]) is not bool:
            raise RefusedError("a numpy array with an unknown state")
        _, self.shape, self.dtype, self.fortran, self.raw = state
        check_array(self)


_UNPACKED = {
    "b1": "?", "i1": "b", "u1": "B", "i2": "h", "u2": "H", "i4": "i", "u4": "I", "i8": "q", "u8": "Q",
    "f2": "e", "f4": "f", "f8": "d",
}  # fmt: skip
"""Codes of the dtypes that are read, and what `struct` calls them."""
_MOST_DIMENSIONS = 8
_LONGEST_SIDE = 1 << 31


def check_array(array: NDArray) -> None:
    """RefusedError unless shape and bytes fit each other, so that nothing is read beyond them."""
    dtype, shape = array.dtype, array.shape
    if type(dtype) is not DType or not hasattr(dtype, "order"):
        raise RefusedError("a numpy array without a dtype")
    if type(shape) is not tuple or len(shape) > _MOST_DIMENSIONS:
        raise RefusedError("a numpy array without a shape")
    count = 1
    for side in shape:
        if type(side) is not int or not 0 <= side < _LONGEST_SIDE:
            raise RefusedError(f"a numpy array with a side of {side!r}"[:200])
        count *= side
    if type(array.raw) is Payload:
        return  # what lies in the file is measured where it is read
    if type(array.raw) not in (bytes, bytearray):
        raise RefusedError("a numpy array whose content is no bytes")
    if len(array.raw) != count * int(dtype.code[1]):
        raise RefusedError(f"a numpy array of shape {shape} and dtype {dtype.code} with {len(array.raw)} bytes")


class Made(metaclass=Frozen):
    """A function of ours under a name that a pickle may call."""

    __slots__ = ("_call",)
    _call: Callable[..., Any]

    def __init__(self, call: Callable[..., Any]) -> None:
        """Keep the function where a pickle cannot reach it."""
        object.__setattr__(self, "_call", call)

    def __call__(self, *given: Any) -> Any:
        """Call it; wrong arguments are refused."""
        try:
            return self._call(*given)
        except (TypeError, ValueError, struct.error) as error:
            raise RefusedError(f"wrong arguments: {error}") from error

    def __setattr__(self, name: str, value: object) -> None:
        """Refuse."""
        raise RefusedError(f"{name} cannot be set")


class Name(metaclass=Frozen):
    """A class that is named as an argument and never made."""

    __slots__ = ()


NDARRAY, OBJECT = Name(), Name()


def _format(word: Any) -> str:
    if type(word) is not str:
        raise RefusedError("Format of something that is no text")
    return word


def _dtype(code: Any, align: Any = False, copy: Any = True) -> DType:
    if type(code) is not str or code not in _UNPACKED:
        raise RefusedError(f"numpy.dtype({code!r}); arrays of {', '.join(_UNPACKED)} are read"[:300])
    made = DType()
    made.code = code
    return made


def _array(kind: Any, shape: Any, code: Any) -> NDArray:
    if kind is not NDARRAY:
        raise RefusedError("a numpy array of another class")
    return NDArray()


def _scalar(dtype: Any, raw: Any) -> Any:
    if type(dtype) is not DType or not hasattr(dtype, "order") or type(raw) is not bytes:
        raise RefusedError("a numpy number without dtype or bytes")
    order = ">" if dtype.order == ">" else "<"
    return struct.unpack(order + _UNPACKED[dtype.code], raw)[0]


def _from_buffer(raw: Any, dtype: Any, shape: Any, order: Any, axis_order: Any = None) -> NDArray:
    array = NDArray()
    array.raw, array.dtype, array.shape, array.fortran = raw, dtype, shape, order == "F"
    check_array(array)
    if axis_order is not None:  # a transposed array: its bytes lie in the order of `shape`, its axes are exchanged
        if type(axis_order) is not tuple or len(shape) != 2 or axis_order not in ((0, 1), (1, 0)):
            raise RefusedError("a numpy array with an unknown order of axes")
        if axis_order == (1, 0):
            array.shape, array.fortran = (shape[1], shape[0]), True
    return array


def _encode(text: Any, coding: Any) -> bytes | Payload:
    if coding != "latin1" or type(text) not in (str, Payload):
        raise RefusedError("_codecs.encode of something that is no bytes of protocols 0 to 2")
    return text if type(text) is Payload else text.encode("latin-1")


def _new(kind: Any, base: Any, state: Any) -> Any:
    if type(kind) is not Frozen or not issubclass(kind, Fields) or base is not OBJECT or state is not None:
        raise RefusedError("copyreg._reconstructor of another class")
    return object.__new__(kind)


def _nothing(*members: Any) -> None:
    """A set says only which fields were given: it is not kept."""


def _no_bytes() -> bytes:
    return b""


_PREDICTION_CLASSES = (Prediction, ObjectDetection, FrameClassification, BoundingBox)
_OWN_CLASSES = (RotatableBoundingBox, Polyline, Keypoint, Skeleton, Bitmask)
_PREDICTION_MODULES = ("encord_active.app.db.predictions", "encord_active.lib.db.predictions", "boxscore")

STANDINS: dict[tuple[str, str], Any] = {
    **{(module, kind.__name__): kind for module in _PREDICTION_MODULES for kind in _PREDICTION_CLASSES},
    **{("boxscore", kind.__name__): kind for kind in _OWN_CLASSES},
    **{(module, "Format"): Made(_format) for module in _PREDICTION_MODULES},
    ("numpy", "ndarray"): NDARRAY,
    ("numpy", "dtype"): Made(_dtype),
    **{(f"numpy.{core}.multiarray", "_reconstruct"): Made(_array) for core in ("core", "_core")},
    **{(f"numpy.{core}.multiarray", "scalar"): Made(_scalar) for core in ("core", "_core")},
    **{(f"numpy.{core}.numeric", "_frombuffer"): Made(_from_buffer) for core in ("core", "_core")},
    ("_codecs", "encode"): Made(_encode),
    **{(module, "_reconstructor"): Made(_new) for module in ("copy_reg", "copyreg")},
    **{(module, "object"): OBJECT for module in ("__builtin__", "builtins")},
    **{(module, "set"): Made(_nothing) for module in ("__builtin__", "builtins")},
    **{(module, "bytes"): Made(_no_bytes) for module in ("__builtin__", "builtins")},
}
"""{(module, name): stand-in}; the same names as `tasks.encord.pickles.names.ROLES`."""


class Loader(pickle.Unpickler):
    """Loads the parts of a `PickleStream`: nothing but stand-ins can come of it."""

    def find_class(self, module: str, name: str) -> Any:
        """Return the stand-in of exactly this name. RefusedError for any other."""
        try:
            return STANDINS[module, name]
        except KeyError:
            raise RefusedError(f"the pickle asks for {module}.{name}") from None

    def persistent_load(self, at: Any) -> Payload:
        """Stand in for what the stream left in the file."""
        if type(at) is not int:
            raise RefusedError("a reference that is no offset")
        return Payload(at)
