"""Columns of the tables that tell what failure depends on, and which labels look wrong."""

import pyarrow as pa

from schemas.fields import BOX, TEXT, Field

_I64, _F64 = pa.int64(), pa.float64()
WORST_UNITS = pa.list_(
    pa.struct([("unit_key", _I64), ("data_hash", TEXT), ("title", TEXT), ("frame", pa.int32()), ("n_failed", _I64)])
)


def _field(name: str, type: pa.DataType, meaning: str, unit: str = "") -> Field:
    return Field(name, type, meaning, unit)


def _required(name: str, type: pa.DataType, meaning: str, unit: str = "") -> Field:
    return Field(name, type, meaning, unit, nullable=False)


_METRIC_OF = "what has the metric: prediction, annotation, predicted unit (by its predictions), annotated unit or image"
_OF = _required("metric_of", TEXT, _METRIC_OF)
_METRIC = _required("metric", TEXT, "a quality metric, as its column in `quality` is called")
_LOW = _field("value_low", _F64, "lowest value of the metric, inclusive")
_HIGH = _field("value_high", _F64, "highest value of the metric, inclusive")

PERFORMANCE_FIELDS = (
    _OF,
    _METRIC,
    _field("bin", pa.int32(), "quantile bin of the metric, from 0; null: the metric is null"),
    _LOW,
    _HIGH,
    _field("found", _I64, "annotations that were found"),
    _field("precision", _F64, "share of the predictions that are true", "1"),
    _field("precision_low", _F64, "lower bound of it, 95 % (Wilson)", "1"),
    _field("precision_high", _F64, "upper bound", "1"),
    _field("recall", _F64, "share of the annotations that were found", "1"),
    _field("recall_low", _F64, "lower bound of it, 95 % (Wilson)", "1"),
    _field("recall_high", _F64, "upper bound", "1"),
    _field("fn_rate", _F64, "share of the annotations that were missed", "1"),
    _field("fn_rate_low", _F64, "lower bound of it, 95 % (Wilson)", "1"),
    _field("fn_rate_high", _F64, "upper bound", "1"),
)
IMPORTANCE_FIELDS = (
    _OF,
    _METRIC,
    _required("n_samples", _I64, "objects of the sample, chosen by key, of which the metric is not null"),
    _required("n_true_positives", _I64, "those of them that are true, or found"),
    _field("mutual_information", _F64, "of the metric with IoU x TP, by three nearest neighbours", "nat"),
    _field("n_permuted", _I64, "objects of the sample whose outcomes were dealt out anew, 200 times"),
    _field("permuted_information", _F64, "mutual information of those objects as they are", "nat"),
    _field("permuted_95", _F64, "95 % of the permutations have less", "nat"),
    _field("p_value", _F64, "share of pairings, the true one among them, with as much information"),
    _field("correlation", _F64, "Pearson's, of the metric with IoU x TP; null: the metric does not vary"),
)
SLICE_FIELDS = (
    _required("rank", pa.int32(), "place among the slices, from 1: by falling `sure_drop`"),
    _required("rate", TEXT, "what falls: precision (of predictions) or recall (of annotations)"),
    _field("metric_of", TEXT, f"{_METRIC_OF}; null: the slice is a class"),
    _field("metric", TEXT, "a quality metric, as its column in `quality` is called"),
    _LOW,
    _HIGH,
    _field("other_metric_of", TEXT, "the same of the second metric; null: there is none"),
    _field("other_metric", TEXT, "a second quality metric that must be met as well"),
    _field("other_low", _F64, "its lowest value, inclusive"),
    _field("other_high", _F64, "its highest value, inclusive"),
    _required("words", TEXT, "the slice in words"),
    _required("n_objects", _I64, "predictions or annotations in the slice"),
    _required("n_failed", _I64, "those of them that are false, or missed"),
    _required("rate_inside", _F64, "precision or recall in the slice", "1"),
    _required("rate_overall", _F64, "the same over all", "1"),
    _required("rate_inside_high", _F64, "upper bound of it, 95 % for all slices looked at together", "1"),
    _required("drop", _F64, "`rate_overall` - `rate_inside`", "1"),
    _required("sure_drop", _F64, "`rate_overall` - `rate_inside_high`: the drop that the counts support", "1"),
    _required("excess_failures", _F64, "failures beyond those that as many objects have on average"),
    _required("n_slices", _I64, "slices that were looked at"),
    _field("worst_units", WORST_UNITS, "data units with most failures of the slice, worst first"),
)
LABEL_ERROR_FIELDS = (
    _required("rank", pa.int32(), "place among all candidates, from 1: by falling `score`"),
    _required("kind", TEXT, "what looks wrong: see docs/failures.md"),
    _required("score", _F64, "how much speaks for it, 0 to 1: see docs/failures.md", "1"),
    _field("title", TEXT, "file name of the data unit as the source gives it"),
    _field("annotation_key", _I64, "the annotation; null: none is there"),
    _field("other_annotation_key", _I64, "the one it doubles"),
    _field("prediction_key", _I64, "the prediction that speaks loudest; null: none does"),
    _field("annotated_category", pa.int32(), "category_key of the annotated class"),
    _field("annotated_name", TEXT, "its name"),
    _field("predicted_category", pa.int32(), "category_key of the predicted class"),
    _field("predicted_name", TEXT, "its name"),
    _field("overlap", _F64, "similarity of annotation and predictions, or of both annotations", "1"),
    _field("expected_bbox", BOX, "where the predictions that agree see it, relative", "1"),
    _field("agreeing_sets", pa.list_(TEXT), "prediction sets that speak for it"),
    _required("n_sets", pa.int32(), "prediction sets that were asked"),
)
