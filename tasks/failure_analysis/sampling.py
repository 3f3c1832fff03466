"""A sample that depends on keys and a seed alone: not on the order of rows, on buckets or on threads."""

import numpy as np

from schemas.judging import Array

SEED = 42
_STEP, _FIRST, _SECOND = (np.uint64(x) for x in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))


def scattered(keys: Array, seed: int = SEED) -> Array:
    """uint64[n]: a number for each int64 key; different keys have different ones (splitmix64's finalizer)."""
    with np.errstate(over="ignore"):
        mixed = keys.astype(np.int64).view(np.uint64) + _STEP * np.uint64(seed + 1)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * _FIRST
        mixed = (mixed ^ (mixed >> np.uint64(27))) * _SECOND
    return mixed ^ (mixed >> np.uint64(31))


def lowest(keys: Array, most: int, seed: int = SEED) -> Array:
    """int64[min(n, most)]: positions of the sample, in its order: the lowest of the lowest, so that samples nest.

    The sample of a union is that of the samples of its parts.
    """
    numbers = scattered(keys, seed)
    if most >= len(keys):
        return np.argsort(numbers)
    chosen = np.argpartition(numbers, most)[:most]
    return chosen[np.argsort(numbers[chosen])]
