"""The globals that a pickle of predictions may name, exactly, and what each may be used for."""

from tasks.kernels.pickle_words import CLASS, MAKES_BYTES, MAKES_FRESH, MAKES_VALUE, NAME_ONLY

PREDICTION_MODULES = ("encord_active.app.db.predictions", "encord_active.lib.db.predictions", "boxscore")
"""Encord Active to 0.1.16, Encord Active since, and ours."""
CLASSES = ("Prediction", "ObjectDetection", "FrameClassification", "BoundingBox")
OWN_CLASSES = ("RotatableBoundingBox", "Polyline", "Keypoint", "Skeleton", "Bitmask")
"""Shapes that only `boxscore` has."""

ROLES: dict[tuple[str, str], int] = {
    **{(module, name): CLASS for module in PREDICTION_MODULES for name in CLASSES},
    **{("boxscore", name): CLASS for name in OWN_CLASSES},
    **{(module, "Format"): MAKES_VALUE for module in PREDICTION_MODULES},
    ("numpy", "ndarray"): NAME_ONLY,
    ("numpy", "dtype"): MAKES_FRESH,
    **{(f"numpy.{core}.multiarray", "_reconstruct"): MAKES_FRESH for core in ("core", "_core")},
    **{(f"numpy.{core}.multiarray", "scalar"): MAKES_VALUE for core in ("core", "_core")},
    **{(f"numpy.{core}.numeric", "_frombuffer"): MAKES_VALUE for core in ("core", "_core")},
    ("_codecs", "encode"): MAKES_BYTES,
    **{(module, "_reconstructor"): MAKES_FRESH for module in ("copy_reg", "copyreg")},
    **{(module, "object"): NAME_ONLY for module in ("__builtin__", "builtins")},
    **{(module, "set"): MAKES_VALUE for module in ("__builtin__", "builtins")},
    **{(module, "bytes"): MAKES_BYTES for module in ("__builtin__", "builtins")},
}
"""{(module, name): role}, of 30 genuine files at protocols 0 to 5 and numpy 1.23 and 2, and of our own classes."""
