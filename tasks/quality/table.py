"""The table `quality`, whole: the keys that the schemas declare, and the columns that metrics bring."""

from schemas.tables import QUALITY as KEYS
from tasks.quality.metrics import QUALITY_METRICS

QUALITY = KEYS.joined([field for metric in QUALITY_METRICS for field in metric.fields])
