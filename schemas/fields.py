"""Every column once: its type, its unit, its meaning. Tables (`schemas.tables`) are lists of these names."""

from dataclasses import dataclass

import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Field:
    """A column: `unit` is empty where the value has none, `nullable` says whether a row may leave it out."""

    name: str
    type: pa.DataType
    meaning: str
    unit: str = ""
    nullable: bool = True


POINT = pa.struct([("x", pa.float64()), ("y", pa.float64())])
BOX = pa.struct([("x", pa.float64()), ("y", pa.float64()), ("w", pa.float64()), ("h", pa.float64())])
ROTATED_BOX = pa.struct([*((name, pa.float64()) for name in ("x", "y", "w", "h", "theta"))])
POLYGONS = pa.list_(pa.list_(pa.list_(POINT)))
KEYPOINT = pa.struct([("x", pa.float64()), ("y", pa.float64()), ("visibility", pa.int8()), ("name", pa.string())])
MASK = pa.struct([("height", pa.int32()), ("width", pa.int32()), ("counts", pa.binary())])
PROBABILITIES = pa.list_(pa.struct([("name", pa.string()), ("probability", pa.float64())]))
OUTCOMES = pa.list_(pa.string())
KEYS = pa.list_(pa.int64())
CATEGORY_KEYS = pa.list_(pa.int32())
TEXT = pa.string()


def _field(name: str, type: pa.DataType, meaning: str, unit: str = "") -> Field:
    return Field(name, type, meaning, unit)


def _required(name: str, type: pa.DataType, meaning: str, unit: str = "") -> Field:
    return Field(name, type, meaning, unit, nullable=False)


_IDENTITY = (
    _required("unit_key", pa.int64(), "the data unit; assigned once per project, in the official image order"),
    _field("data_hash", TEXT, "the unit's hash, or its file name where that is unique, else its id as text"),
    _required("frame", pa.int32(), "frame of a video, from 0; 0 for images"),
    _field("title", TEXT, "file name as the source gives it"),
    _field(
        "kind",
        TEXT,
        "of data units: image, group image, video frame or audio; of classes: object, predicted class, classification, "
        "attribute or option",
    ),
    _field("sequence_hash", TEXT, "the video or image group the unit belongs to; the unit itself for single images"),
    _required("width", pa.int32(), "width of the unit", "px"),
    _required("height", pa.int32(), "height of the unit", "px"),
    _required(
        "source_order",
        pa.int64(),
        "position in the official order: of images, by which ties fall; of classes, by which means are taken",
    ),
    _field("source_id", TEXT, "the identifier in the source file"),
    _field("neg_categories", pa.list_(TEXT), "feature hashes of classes that are known not to be there (LVIS)"),
    _field("not_exhaustive_categories", pa.list_(TEXT), "of those of which not every object is annotated (LVIS)"),
    _field("retired", pa.bool_(), "no longer in the ground truth: kept for its key, not measured"),
)
_CATEGORY = (
    _field("parent_row", pa.int32(), "row of the parent among the records of the file; null: none"),
    _field("answer_type", TEXT, "of attributes: radio, checklist or text"),
    _field("dynamic", pa.bool_(), "of attributes of objects: may change from frame to frame"),
    _field("option_value", TEXT, "of options: the value by which code names it"),
    _required("category_key", pa.int32(), "the object class or classification option; assigned once per project"),
    _field("feature_hash", TEXT, "hash of the class in the ontology, or the source's category id as text"),
    _field("attribute_hash", TEXT, "hash of the attribute, for classification options"),
    _field("option_hash", TEXT, "hash of the option, for classification options"),
    _field("name", TEXT, "name of the class or option"),
    _field("supercategory", TEXT, "the group the source puts the class in"),
    _field("ancestors", pa.list_(TEXT), "feature hashes of the classes that hold this one too, the nearest first"),
    _field("frequency", TEXT, "of LVIS' classes: r rare, c common, f frequent"),
    _field("is_thing", pa.bool_(), "of classes of a panoptic project: things can be counted, stuff cannot"),
    _field("keypoint_names", pa.list_(TEXT), "names of the skeleton's points, in the order of `keypoints`"),
    _field("parent_key", pa.int32(), "the class or option this one is nested under"),
    _field(
        "counterparts",
        pa.list_(pa.int32()),
        "category_keys of the predicted classes that agree with an annotated one; empty: none; null: no class mapping",
    ),
)
_GEOMETRY = (
    _field("shape", TEXT, "bounding_box, rotatable_bounding_box, polygon, polyline, point, bitmask or skeleton"),
    _field("bbox", BOX, "axis-parallel hull, top-left corner and size, divided by the unit's width and height", "1"),
    _field(
        "rotated_bbox", ROTATED_BOX, "unrotated box, relative; theta clockwise on screen about the centre", "1, deg"
    ),
    _field(
        "polygons", POLYGONS, "polygons, rings (the first is the shell, the rest are holes), vertices; relative", "1"
    ),
    _field("polyline", pa.list_(POINT), "vertices, relative", "1"),
    _field("keypoints", pa.list_(KEYPOINT), "points, relative; visibility 0 absent, 1 hidden, 2 visible", "1"),
    _field("mask", MASK, "raster mask of bitmasks and polygons: COCO compressed run lengths, column-major", "px"),
    _field("bbox_px", BOX, "the source's box, exactly; where it gave none, the hull of mask or keypoints", "px"),
    _field("bbox_given", pa.bool_(), "whether the source gave a box"),
    _field(
        "keypoints_px",
        pa.list_(POINT),
        "the source's points, exactly: keypoints, vertices of a polyline, corners of a rotatable box",
        "px",
    ),
    _field("area", pa.float64(), "the source's area; else box area, else mask area, else hull of the keypoints", "px²"),
    _field("num_keypoints", pa.int32(), "labelled points, as the source counts them"),
)
_ORIGIN = (
    _field("source_file", TEXT, "name of the file the record came from"),
    _field("source_row", pa.int64(), "position of the record in its file, from 0"),
    _field("unit_position", pa.int64(), "row of the unit in the run's `data_units`; -1 unknown, -2 several fit"),
    _field("source_unit", TEXT, "the unit's identifier as the source gave it"),
    _field("source_category", TEXT, "the class's identifier as the source gave it"),
    _field("coordinates", TEXT, "what the source's coordinates are counted in: pixel or relative"),
)
_ANSWER = (
    _required("answer_key", pa.int64(), "the answer; unique in its table"),
    _field("text", TEXT, "what was written, of attributes of type text"),
    _field("first_frame", pa.int32(), "first frame (index in an image group, ms in audio) the answer holds for"),
    _field("last_frame", pa.int32(), "last frame it holds for, inclusive"),
)
_PREDICTION = (
    _field("prediction_set", TEXT, "name of the prediction set"),
    _required("prediction_key", pa.int64(), "the prediction; unique in the project, ascending in file order"),
    _field("score", pa.float64(), "confidence; nothing but its order matters to most protocols"),
    _field("track_id", TEXT, "the object's identity over the frames of a video"),
    _field(
        "class_probabilities",
        PROBABILITIES,
        "how probable each class is, as far as the model says: its feature hash, of answers the option's hash",
        "1",
    ),
)
_EXTRA = (
    _field("task", TEXT, "object, segmentation (a class on all its pixels) or panoptic (a segment)"),
    _field("truncated", pa.float64(), "share of the object that leaves the image, as KITTI states it", "1"),
    _field("occluded", pa.int32(), "0 visible, 1 partly hidden, 2 largely hidden, 3 unknown, as KITTI states it"),
    _field("difficult", pa.bool_(), "marked difficult (VOC): not counted, whether found or not"),
    _field("group_of", pa.bool_(), "stands for a group of objects (Open Images)"),
    _field("alpha", pa.float64(), "observation angle, as KITTI states it", "rad"),
    _field("box_3d", pa.list_(pa.float64()), "KITTI's 3D box: height, width, length, x, y, z, rotation_y", "m, rad"),
)
_ANNOTATION = (
    _required("annotation_key", pa.int64(), "the annotation: from its unit and the source's id"),
    _field("iscrowd", pa.bool_(), "a region of many objects: may match any number of predictions"),
    _field("ignore", pa.bool_(), "not counted, whether found or not"),
)
_RESULT = (
    _required("protocol", TEXT, "the matching and metric rules the number was made under"),
    _required("rules", TEXT, "protocol and short digest of its parameters"),
)
_RANGES = pa.list_(pa.struct([("area_range", TEXT), ("keys", KEYS), ("outcomes", OUTCOMES)]))
_MATCH = (
    _field("rank", pa.int32(), "position by score among the predictions of this unit and class, from 0"),
    _field("ranges_outside", pa.int64(), "bit a is set where the prediction's area lies outside area range a"),
    _field("annotation_keys", KEYS, "per threshold, range `all`: the matched annotation or null; null: none at any"),
    _field(
        "outcomes",
        OUTCOMES,
        "per threshold, range `all`: of predictions TP, FP or ignored, null where nothing matched at any; of "
        "annotations TP, FN or ignored, never null",
    ),
    _field(
        "ranges",
        _RANGES,
        "the same for other area ranges. Of predictions: where they say other than `all` does of what lies inside, and "
        "ignored of what lies outside; of annotations: but for those where all is ignored",
    ),
    _field("matched_similarity", pa.float64(), "similarity with the annotation matched at the lowest threshold"),
    _field("best_similarity", pa.float64(), "highest similarity with an annotation of the class; null below 0.1"),
    _field("best_annotation_key", pa.int64(), "that annotation"),
    _field("best_other_similarity", pa.float64(), "highest similarity with another class's annotation; null below 0.1"),
    _field("best_other_annotation_key", pa.int64(), "that annotation"),
    _field("error", TEXT, "why it is a false positive at the lowest threshold: Cls, Loc, Both, Dupe or Bkg"),
    _field("prediction_keys", KEYS, "per threshold, range `all`: the prediction that found the annotation, or null"),
    _field("near_similarity", pa.float64(), "highest similarity of a prediction of the class; null below 0.1"),
    _field("near_prediction_key", pa.int64(), "that prediction"),
    _field("found_score", pa.float64(), "score of the prediction that found it at the lowest threshold; null: none"),
    _field("confused_category", pa.int32(), "class of the best scored Cls error that is most alike to it; null: none"),
    _field("confused_score", pa.float64(), "score of that prediction"),
    _field(
        "mended_category",
        pa.int32(),
        "where nobody found it: class of the best scored Cls or Loc error, ignored ones too, that is most alike to it",
    ),
    _field("mended_score", pa.float64(), "score of that prediction"),
)
_POINT_ERROR = (
    _required("point", pa.int32(), "place of the point in `keypoints`, from 0"),
    _field("point_name", TEXT, "its name, where the class names its points"),
    _required("error_px", pa.float64(), "distance of the predicted point from the annotated one", "px"),
    _field("relative_error", pa.float64(), "by the longer side of the annotation's box; null where that is 0", "1"),
)
_NUMBER = (
    _required("metric", TEXT, "name of the number, in the protocol's own words"),
    _field("category", pa.int32(), "category_key; null: over all classes"),
    _field("category_name", TEXT, "name of that class"),
    _field(
        "area_range",
        TEXT,
        "annotations and predictions counted: all, small, medium, large, KITTI's easy, moderate, hard, or the caller's "
        "own; null: the protocol has none",
    ),
    _field(
        "similarity",
        TEXT,
        "what is compared with the threshold, as bbox_iou, mask_iou, oks, rotated_iou or chamfer_distance",
    ),
    _field("threshold", pa.float64(), "lowest similarity of a match; null: mean over the protocol's thresholds"),
    _field("max_detections", pa.int32(), "predictions counted per unit and class, best first"),
    _field("slice", TEXT, "part of the data; null: all of it"),
    _field("value", pa.float64(), "the number; null where it is undefined"),
    _field("null_reason", TEXT, "why there is no number"),
    _field("n_ground_truth", pa.int64(), "annotations counted"),
    _field("n_predictions", pa.int64(), "predictions counted"),
    _required("recall", pa.float64(), "recall point"),
    _required("precision", pa.float64(), "highest precision at this recall or more; 0 where it is never reached"),
)
_SCORES = (
    _required("of", TEXT, "what the row tells of: prediction, annotation, unit (its objects) or image"),
    _field("tp", pa.int64(), "predictions that found an annotation, at the lowest threshold"),
    _field("fp", pa.int64(), "predictions that found none"),
    _field("fn", pa.int64(), "annotations that were not found"),
    _field("ignored", pa.int64(), "predictions that do not count"),
    _field("mean_iou", pa.float64(), "mean similarity of the true positives; null where there is none"),
    _field(
        "disagreement",
        pa.float64(),
        "share of the unit's pixels on which annotation and prediction differ, or of its objects false or missed",
        "1",
    ),
)
_EVALUATED = (
    _required("sequence_digest", pa.int64(), "digest of `sequence_hash`: of the video, group or image it was part of"),
    _required("unit_digest", pa.int64(), "digest of its row of `data_units`, as far as matching reads it"),
    _required("annotations_digest", pa.int64(), "digest of its ground truth, as far as matching reads it; 0: none"),
    _required("predictions_digest", pa.int64(), "the same of its predictions"),
    _required("judged_annotations", pa.int64(), "annotations (or answers) on it that the protocol judges"),
    _required("other_annotations", pa.int64(), "those that it does not"),
    _required("judged_predictions", pa.int64(), "predictions (or answers) on it that the protocol judges"),
    _required("other_predictions", pa.int64(), "those that it does not"),
)
_PIXELS = (
    _required("annotated", pa.int32(), "category_key of the annotated class; -1: unlabelled, background"),
    _required("predicted", pa.int32(), "category_key of the predicted class; -1: unlabelled, background"),
    _required("n_pixels", pa.int64(), "pixels of the unit that have both", "px"),
)
_ANSWERED = (
    _required("question", pa.int32(), "category_key of the attribute that was asked"),
    _field("predicted_track_id", TEXT, "the predicted object that was found to be the annotated one, of `track_id`"),
    _field("annotated_options", CATEGORY_KEYS, "category_keys of annotated options, in the order of the ontology"),
    _field("predicted_options", CATEGORY_KEYS, "category_keys of predicted options, best first"),
    _field("answer_scores", pa.list_(pa.float64()), "score of each predicted option, or of the predicted text"),
    _field("annotated_text", TEXT, "what was written"),
    _field("predicted_text", TEXT, "what the model wrote"),
    _field("text_similarity", pa.float64(), "1 - edit distance / length of the longer text; null: one has none", "1"),
    _field(
        "outcome",
        TEXT,
        "right, wrong, missing (not predicted), unannotated (only predicted) or unmatched (its object was not found)",
    ),
)
_CONFUSION = (
    _field("score_threshold", pa.float64(), "lowest score of what is counted; null: any"),
    _required("ground_truth_category", pa.int32(), "category_key of the annotated class or option; -1: none"),
    _required("predicted_category", pa.int32(), "category_key of the predicted class or option; -1: none"),
    _required("n", pa.int64(), "how often they met: objects, or frames of answers"),
)
_CALIBRATION = (
    _required("bin_low", pa.float64(), "scores of the bin are above this; 0 belongs to the first"),
    _required("bin_high", pa.float64(), "and no higher than this"),
    _required("n_counted", pa.int64(), "predictions of the bin that are true or false, not ignored"),
    _required("mean_score", pa.float64(), "their mean score"),
    _required("share_true", pa.float64(), "the share of them that found an annotation", "1"),
)
_TRACKS = (
    _required("matching", TEXT, "how boxes were matched: hota, clear or identity"),
    _required("matched_boxes", pa.int64(), "pairs of an annotated and a predicted box of the sequence"),
    _required("false_boxes", pa.int64(), "predicted boxes without partner"),
    _required("missed_boxes", pa.int64(), "annotated boxes without partner"),
    _field("similarity_sum", pa.float64(), "sum of the IoU of the pairs; null under identity"),
    _field("association_sum", pa.float64(), "sum over pairs of the share of the boxes of both tracks that are pairs"),
    _field("association_recall_sum", pa.float64(), "the same as a share of the boxes of the annotated track"),
    _field("association_precision_sum", pa.float64(), "the same as a share of the boxes of the predicted track"),
    _field("id_switches", pa.int64(), "pairs of an annotated track whose pair before was of another predicted track"),
    _field("fragments", pa.int64(), "interruptions of annotated tracks"),
    _field("mostly_tracked", pa.int64(), "annotated tracks with more than .8 of their boxes in pairs"),
    _field("partly_tracked", pa.int64(), "those from .2 to .8"),
    _field("mostly_lost", pa.int64(), "those with less than .2"),
)
_REJECT = (
    _field("stage", TEXT, "where the record was refused: ingest, normalize or resolve"),
    _field("reason_code", TEXT, "from a closed list"),
    _field("reason", TEXT, "what was found and what is allowed; of runs: why one failed"),
    _field("record", TEXT, "the record as it came (JSON, capped); at resolve the whole normalized row"),
)
_RUN = (
    _required("run_id", TEXT, "the run"),
    _field("command", TEXT, "what was asked for"),
    _field("status", TEXT, "completed, failed or unchanged"),
    _field("started_at", pa.timestamp("us", "UTC"), "when it began"),
    _field("seconds", pa.float64(), "how long it took", "s"),
    _field("parameters", TEXT, "parameters, as JSON"),
    _field("inputs", TEXT, "names, bytes and digests of the inputs, as JSON"),
    _field("versions", TEXT, "versions of code and libraries, as JSON"),
    _field("stage_seconds", TEXT, "seconds per stage, as JSON"),
    _field("details", TEXT, "what was reused, skipped or left out, as JSON"),
    _field("rows_in", pa.int64(), "records read"),
    _field("rows_accepted", pa.int64(), "records taken"),
    _field("rows_rejected", pa.int64(), "records refused, each a row of `rejects`"),
)

_GROUPS = (
    _IDENTITY, _CATEGORY, _GEOMETRY, _ORIGIN, _ANSWER, _PREDICTION, _EXTRA, _ANNOTATION,
    _RESULT, _MATCH, _POINT_ERROR, _NUMBER, _SCORES, _EVALUATED, _PIXELS, _ANSWERED, _CONFUSION,
    _CALIBRATION, _TRACKS, _REJECT, _RUN,
)  # fmt: skip
FIELDS: dict[str, Field] = {field.name: field for group in _GROUPS for field in group}
