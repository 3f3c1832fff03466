"""Which classes of a project agree: under its class mapping, or each with itself."""

import pyarrow as pa

from tasks.class_mapping import components, mapped_pairs, without_counterpart
from tasks.pixels.agreement import Agreement


def agreement_of(categories: pa.Table) -> Agreement:
    """Which classes of a `categories` table agree."""
    parts = [(part.annotated, part.predicted) for part in components(categories)]
    return Agreement(mapped_pairs(categories), parts, without_counterpart(categories))
