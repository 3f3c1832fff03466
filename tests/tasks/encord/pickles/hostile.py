"""Pickles that nobody honest writes: what each asks for, by name."""

import struct
from typing import NamedTuple

LIB = b"encord_active.lib.db.predictions"


class Hostile(NamedTuple):
    """A pickle, and words that the refusal must hold."""

    content: bytes
    words: str


def text(word: str | bytes) -> bytes:
    """A short text."""
    content = word.encode() if isinstance(word, str) else word
    return b"\x8c" + bytes([len(content)]) + content


def named(module: str | bytes, name: str | bytes) -> bytes:
    """A global of protocol 4."""
    return text(module) + text(name) + b"\x93"


def listed(item: bytes, ending: bytes = b".") -> bytes:
    """A list of one item."""
    return b"\x80\x04](" + item + b"e" + ending


PREDICTION = named(LIB, "Prediction")
CALLS = {
    "os.system": (b"cos\nsystem\n", text("touch {0}")),
    "posix.system": (named("posix", "system"), text("touch {0}")),
    "builtins.eval": (named("builtins", "eval"), text("open('{0}', 'w')")),
    "builtins.exec": (named("builtins", "exec"), text("open('{0}', 'w')")),
    "builtins.getattr": (named("builtins", "getattr"), text("x")),
    "builtins.__import__": (named("builtins", "__import__"), text("antigravity")),
    "builtins.open": (named("builtins", "open"), text("{0}")),
    "__builtin__.apply": (b"c__builtin__\napply\n", text("x")),
    "subprocess.Popen": (named("subprocess", "Popen"), text("touch {0}")),
    "shutil.rmtree": (named("shutil", "rmtree"), text("{0}")),
    "importlib.import_module": (named("importlib", "import_module"), text("this")),
    "runpy._run_code": (named("runpy", "_run_code"), text("x")),
    "numpy.load": (named("numpy", "load"), text("{0}")),
    "numpy.fromfile": (named("numpy", "fromfile"), text("/etc/passwd")),
    "numpy.core.numeric.fromfile": (named("numpy.core.numeric", "fromfile"), text("/etc/passwd")),
    "numpy.testing._private.utils.runstring": (named("numpy.testing._private.utils", "runstring"), text("x")),
    "numpy.f2py.capi_maps.eval": (named("numpy.f2py.capi_maps", "eval"), text("x")),
    "numpy.ndarray.tofile": (named("numpy", "ndarray.tofile"), text("{0}")),
    "numpy.core.multiarray._reconstruct.__globals__": (
        named("numpy.core.multiarray", "_reconstruct.__globals__"), text("x")
    ),
    "encord_active.lib.db.predictions.Prediction.__init__": (named(LIB, "Prediction.__init__"), text("x")),
    "encord_active.lib.db.predictions.os": (named(LIB, "os"), text("x")),
    "boxscore.PredictionWriter": (named("boxscore", "PredictionWriter"), text("{0}")),
    "functools.partial": (named("functools", "partial"), text("x")),
    "operator.attrgetter": (named("operator", "attrgetter"), text("x")),
    "_codecs.lookup": (named("_codecs", "lookup"), text("x")),
    "copyreg.__reduce_ex__": (named("copyreg", "__reduce_ex__"), text("x")),
    "builtins.bytearray": (named("builtins", "bytearray"), b"J\xff\xff\xff\x7f"),
    "webbrowser.open": (named("webbrowser", "open"), text("http://localhost")),
    "socket.create_connection": (named("socket", "create_connection"), text("localhost")),
    "ctypes.CDLL": (named("ctypes", "CDLL"), text("libc.so.6")),
    "pickle.loads": (named("pickle", "loads"), b"C\x01."),
    "sys.exit": (named("sys", "exit"), text("x")),
}  # fmt: skip
"""{global: (opcodes that push it, opcodes that push its argument)}; {0} stands for a file that must not be touched."""


def calls(touched: str) -> dict[str, Hostile]:
    """Each global called with an argument, as an item of a list."""
    found = {}
    for name, (function, argument) in CALLS.items():
        given = argument.replace(b"{0}", touched.encode())
        if given[:1] == b"\x8c":
            given = text(given[2:])
        found[name] = Hostile(listed(function + given + b"\x85R"), name)
    return found


def _array(code: str, shape: bytes, raw: bytes, state: bytes = b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00") -> bytes:
    """A numpy array as protocol 4 has it; `state` is what follows the byte order in the dtype's."""
    dtype = named("numpy", "dtype") + text(code) + b"\x89\x88\x87R" + b"(K\x03" + text("<") + state + b"tb"
    made = named("numpy.core.multiarray", "_reconstruct") + named("numpy", "ndarray") + b"K\x00\x85" + b"C\x01b\x87R"
    return made + b"(K\x01" + shape + dtype + b"\x89" + b"C" + bytes([len(raw)]) + raw + b"tb"


def _laughs(depth: int, unit: bytes, double: bytes) -> bytes:
    """Values that each hold the one before twice."""
    opcodes = unit + b"\x94"
    for level in range(depth):
        opcodes += b"h" + bytes([level]) + b"h" + bytes([level]) + double + b"\x94"
    return opcodes


FORGED = {
    "object array": Hostile(listed(_array("O8", b"K\x01\x85", b"A" * 8)), "O8"),
    "object array without its flag": Hostile(listed(_array("O", b"K\x01\x85", b"A" * 8)), "numpy.dtype"),
    "void array": Hostile(listed(_array("V8", b"K\x01\x85", b"A" * 8)), "V8"),
    "text array": Hostile(listed(_array("U2", b"K\x01\x85", b"A" * 8)), "U2"),
    "date array": Hostile(listed(_array("M8", b"K\x01\x85", b"A" * 8)), "M8"),
    "dtype with flags": Hostile(
        listed(_array("f8", b"K\x01\x85", b"A" * 8, b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK?")), "of its own"
    ),
    "dtype with fields": Hostile(
        listed(_array("f8", b"K\x01\x85", b"A" * 8, b"N" + text("a") + b"\x85}J\x08\x00\x00\x00K\x01K\x00")),
        "of its own",
    ),
    "array of fewer bytes than its shape": Hostile(listed(_array("f8", b"K\x09\x85", b"A" * 8)), "with 8 bytes"),
    "array of a negative side": Hostile(listed(_array("f8", b"J\xff\xff\xff\xff\x85", b"")), "side of -1"),
    "array of an overflowing shape": Hostile(
        listed(_array("f8", b"\x8a\x08" + struct.pack("<q", 2**61) + b"K\x08\x86", b"A" * 8)), "side"
    ),
    "array of many dimensions": Hostile(listed(_array("f8", b"(" + b"K\x01" * 60 + b"t", b"A" * 8)), "without a shape"),
}
"""Arrays that make numpy read memory that is not theirs."""

DAMAGED = {
    "nothing": Hostile(b"", "cut off"),
    "text": Hostile(b"hello, I am no pickle", "read before"),
    "cut off": Hostile(listed(PREDICTION + b")\x81")[:-20], "cut off"),
    "no list": Hostile(b"\x80\x04}.", "not a list"),
    "a number": Hostile(b"\x80\x04K\x07.", "not a list"),
    "a tuple": Hostile(b"\x80\x04).", "not a list"),
    "two pickles": Hostile(listed(b"N") + listed(b"N"), "bytes after the end"),
    "bytes behind": Hostile(listed(b"N", b".x"), "bytes after the end"),
    "protocol 6": Hostile(b"\x80\x06].", "PROTO"),
    "stack underflow": Hostile(b"\x80\x04](e\x85.", "not a list"),
    "no mark": Hostile(b"\x80\x04]e.", "finds nothing"),
    "mark left": Hostile(b"\x80\x04](.", "not a list"),
    "two values": Hostile(b"\x80\x04]].", "not a list"),
    "memo not written": Hostile(listed(b"h\x07"), "read before"),
    "memo far away": Hostile(listed(b"Nr\xff\xff\xff\x7f"), "beyond the number"),
    "memo written twice": Hostile(listed(b"Nq\x01q\x01"), "twice"),
    "memo index no number": Hostile(listed(b"Npx\n"), "beyond the number"),
    "list in itself": Hostile(b"\x80\x04]\x94(h\x00e.", "holds itself"),
    "dictionary in itself": Hostile(listed(b"}\x94" + text("a") + b"h\x00s"), "holds itself"),
    "list that grows later": Hostile(listed(b"]\x94\x85\x94h\x00Na"), "grows"),
    "object built twice": Hostile(listed(PREDICTION + b")\x81}b}b"), "opcode BUILD"),
    "deep tuples": Hostile(listed(b"N" + b"\x85" * 1_000), "deeper"),
    "deep lists": Hostile(listed(b"]" * 1_000 + b"a" * 999), "deeper"),
    "a billion laughs": Hostile(listed(_laughs(30, b"N\x85", b"\x86")), "multiply"),
    "a tuple as key": Hostile(listed(b"}N\x85Ns"), "no text"),
    "a number in a set": Hostile(listed(b"\x8f(K\x01\x90"), "no text"),
    "an integer of 65 bits": Hostile(listed(b"\x8a\x09" + b"\xff" * 9), "64 bits"),
    "an integer of 10,000 digits": Hostile(listed(b"I" + b"9" * 10_000 + b"\n"), "too long"),
    "a long of 30 digits": Hostile(listed(b"L" + b"9" * 30 + b"L\n"), "64 bits"),
    "a text of 4 GB": Hostile(listed(b"X\xff\xff\xff\xffabc"), "cut off"),
    "bytes of 2**63": Hostile(listed(b"\x8e" + b"\xff" * 8 + b"abc"), "cut off"),
    "a line without end": Hostile(b"\x80\x04](Vabc", "cut off"),
    "a name without end": Hostile(b"\x80\x04](c" + b"a" * 10_000, "too long"),
    "calls a number": Hostile(listed(b"K\x01)R"), "opcode REDUCE"),
    "calls a class": Hostile(listed(PREDICTION + text("x") + b"\x85R"), "opcode REDUCE"),
    "calls without a tuple": Hostile(listed(named("numpy", "dtype") + b"]R"), "opcode REDUCE"),
    "a class with arguments": Hostile(listed(PREDICTION + b"K\x01\x85\x81"), "opcode NEWOBJ"),
    "makes an array": Hostile(listed(named("numpy", "ndarray") + b")\x81"), "opcode NEWOBJ"),
    "builds a class": Hostile(listed(PREDICTION + b"}b"), "opcode BUILD"),
    "builds a list": Hostile(listed(b"]}b"), "opcode BUILD"),
    "builds with a number": Hostile(listed(PREDICTION + b")\x81K\x01b"), "opcode BUILD"),
    "appends to a dictionary": Hostile(listed(b"}Na"), "opcode APPEND"),
    "sets an item of a list": Hostile(listed(b"]" + text("a") + b"Ns"), "opcode SETITEM"),
    "odd items": Hostile(listed(b"}(" + text("a") + b"u"), "finds nothing"),
    "names without texts": Hostile(listed(b"K\x01K\x02\x93"), "opcode STACK_GLOBAL"),
    "a name that is no text": Hostile(b"\x80\x04](c\xff\xff\nsystem\n)Re.", "asks for"),
    "a name of signs": Hostile(listed(named("os\x1b[2J", "x")), "asks for 'os\\x1b[2J.x'"),
    "slots of a class": Hostile(listed(PREDICTION + b")\x81N}" + text("__class__") + b"Ns\x86b"), "no dictionary"),
    "a state of numbers": Hostile(listed(PREDICTION + b")\x81}" + text("__dict__") + b"K\x01sb"), "no dictionary"),
    "half a character": Hostile(listed(b"\x8c\x01\xff"), "cannot be loaded"),
    "a float that is none": Hostile(listed(b"Fabc\n"), "cannot be loaded"),
    "an integer that is none": Hostile(listed(b"Iabc\n"), "cannot be loaded"),
    "a dtype with 9 arguments": Hostile(listed(named("numpy", "dtype") + b"(" + b"N" * 9 + b"tR"), "wrong arguments"),
    "another class reconstructed": Hostile(
        listed(
            named("copyreg", "_reconstructor") + named("numpy", "ndarray") + named("builtins", "object") + b"N\x87R"
        ),
        "another class",
    ),
    "a codec of another kind": Hostile(
        listed(named("_codecs", "encode") + text("x") + text("rot13") + b"\x86R"), "encode"
    ),
}
"""Files that are broken, or made to break what reads them."""
