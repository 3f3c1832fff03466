"""Tables and their columns: declared once, with what the design promises in them."""

import pyarrow as pa
import pytest

from schemas.fields import FIELDS
from schemas.tables import SCHEMA_VERSION, STAGED, TABLES, Table

PROMISED = {
    "data_units": "unit_key data_hash frame title kind sequence_hash width height source_order",
    "categories": "category_key feature_hash attribute_hash option_hash name kind shape parent_key",
    "ground_truth": "annotation_key unit_key category_key track_id shape bbox area iscrowd ignore",
    "predictions": "prediction_set prediction_key unit_key category_key score track_id shape bbox area source_file "
    "source_row",
    "matches": "prediction_set protocol rules prediction_key",
    "ground_truth_matches": "prediction_set protocol rules annotation_key",
    "metrics": "prediction_set protocol rules metric category area_range similarity threshold max_detections slice "
    "value null_reason n_ground_truth n_predictions",
    "curves": "category similarity threshold area_range recall precision score",
    "classifications_ground_truth": "unit_key category_key text score first_frame last_frame",
    "classifications_predictions": "prediction_set unit_key category_key text score first_frame last_frame",
    "point_errors": "prediction_set protocol rules prediction_key annotation_key category_key point error_px",
    "pixel_confusion": "unit_key annotated predicted n_pixels",
    "tracks": "sequence_hash category matching threshold matched_boxes false_boxes missed_boxes similarity_sum "
    "association_sum association_recall_sum association_precision_sum id_switches fragments mostly_tracked "
    "partly_tracked mostly_lost",
    "classification_results": "prediction_set protocol rules unit_key question annotated_options predicted_options "
    "first_frame last_frame outcome",
    "calibration_bins": "prediction_set protocol rules category similarity threshold bin_low bin_high n_counted "
    "mean_score share_true",
    "confusion": "prediction_set protocol rules similarity threshold score_threshold ground_truth_category "
    "predicted_category n",
    "unit_scores": "unit_key tp fp fn mean_iou",
    "evaluated_units": "prediction_set protocol rules unit_key",
    "metric_performance": "prediction_set protocol rules metric_of metric category bin precision recall "
    "fn_rate mean_iou",
    "metric_importance": "prediction_set protocol rules metric_of metric n_samples mutual_information "
    "correlation p_value",
    "failure_slices": "prediction_set protocol rules rank rate metric category words n_objects n_failed rate_inside "
    "rate_overall sure_drop worst_units",
    "label_error_candidates": "protocol rules rank kind score unit_key annotation_key prediction_key agreeing_sets",
    "quality": "prediction_set of prediction_key annotation_key unit_key category_key",
    "rejects": "source_file source_row stage reason_code reason record",
    "runs": "run_id rows_in rows_accepted rows_rejected",
}
EVERY = (*TABLES, *STAGED)


@pytest.mark.parametrize("table", EVERY, ids=lambda table: table.name)
def test_a_table_is_a_list_of_known_columns_and_has_its_key(table: Table) -> None:
    """Each once; the Arrow schema has them in order, with the version of the schemas."""
    assert len(set(table.fields)) == len(table.fields)
    assert set(table.fields) <= set(FIELDS) | {field.name for field in table.own}
    assert [field.name for field in table.columns] == list(table.fields)
    assert set(table.key) <= set(table.fields)
    assert table.schema.names == list(table.fields)
    metadata = {b"boxscore.table": table.name.encode(), b"boxscore.schema_version": str(SCHEMA_VERSION).encode()}
    assert table.schema.metadata == metadata


def test_tables_have_the_columns_that_users_were_promised() -> None:
    """More is fine; names are the contract."""
    fields = {table.name: set(table.fields) for table in TABLES}
    assert fields.keys() == PROMISED.keys()
    for name, columns in PROMISED.items():
        assert set(columns.split()) <= fields[name], name


def test_no_name_stands_for_two_tables() -> None:
    """Stored or staged."""
    assert len({table.name for table in EVERY}) == len(EVERY)
    assert {table.stored for table in TABLES} == {True}
    assert {table.stored for table in STAGED} == {False}


def test_every_column_is_used_and_says_what_it_means() -> None:
    """A column that no table has is dead."""
    own = [field for table in EVERY for field in table.own]
    assert [field.name for field in own if FIELDS.get(field.name, field).type != field.type] == []
    assert {name for table in EVERY for name in table.fields} == set(FIELDS) | {field.name for field in own}
    assert all(field.name == name and len(field.meaning) > 4 for name, field in FIELDS.items())


def test_geometry_is_in_float64() -> None:
    """float32 would move overlaps across thresholds."""

    def leaves(kind: pa.DataType) -> list[pa.DataType]:
        inner = [kind.field(k).type for k in range(kind.num_fields)]
        return [leaf for part in inner for leaf in leaves(part)] if inner else [kind]

    names = ("bbox", "rotated_bbox", "polygons", "polyline", "bbox_px", "keypoints_px", "area", "score")
    assert {leaf for name in names for leaf in leaves(FIELDS[name].type)} == {pa.float64()}
