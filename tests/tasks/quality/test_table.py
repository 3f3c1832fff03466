"""The table quality, whole: what the schemas declare, and what metrics bring."""

from schemas.fields import FIELDS
from schemas.tables import QUALITY as KEYS
from tasks.quality.metrics import QUALITY_METRICS
from tasks.quality.table import QUALITY
from tasks.tables import TABLES


def test_columns_are_the_keys_and_those_of_the_metrics():
    """Each metric's in the order of the registry; no name twice, none that another table has."""
    brought = [field.name for metric in QUALITY_METRICS for field in metric.fields]
    assert QUALITY.fields[: len(KEYS.fields) + len(brought)] == (*KEYS.fields, *brought)
    assert len(set(QUALITY.fields)) == len(QUALITY.fields)
    assert set(brought).isdisjoint(FIELDS)
    assert QUALITY in TABLES
    assert KEYS not in TABLES


def test_what_a_row_may_leave_out_is_nullable():
    """Keys of objects, which rows of units have not; the unit is always there."""
    may = {field.name: field.nullable for field in QUALITY.schema}
    assert [may[name] for name in ("prediction_key", "annotation_key", "category_key")] == [True] * 3
    assert not may["unit_key"]
    assert not may["of"]
    assert all(may[name] for metric in QUALITY_METRICS for name in (field.name for field in metric.fields))


def test_every_metric_tells_of_something():
    """And one that has partial states combines them."""
    for metric in QUALITY_METRICS:
        assert any((metric.of_objects, metric.of_units, metric.of_images, metric.of_pixels)), metric.name
        assert (metric.partial is None) == (metric.combine is None)
