"""Which classes of a project agree: under its class mapping, or each with itself."""

import numpy as np
import pyarrow as pa

from tasks.class_mapping import components, mapped_pairs, without_counterpart
from tasks.pixels.agreement import Agreement
from tasks.pixels.confusion import UNLABELLED


def agreement_of(categories: pa.Table) -> Agreement:
    """Which classes of a `categories` table agree; so do pixels that neither side labels."""
    pairs = np.vstack([mapped_pairs(categories), [[UNLABELLED, UNLABELLED]]])
    parts = [(part.annotated, part.predicted) for part in components(categories)]
    return Agreement(pairs, parts, without_counterpart(categories))
