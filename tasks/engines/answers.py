"""Answers: what both sides say to a question on the same frames is compared, and counted."""

from schemas.tables import CLASSIFICATION_RESULTS, CONFUSION, METRICS
from tasks.engine import SEQUENCE, Engine
from tasks.pieces import SEQUENCES
from tasks.questions.judging import columns_of, match_answers
from tasks.questions.measured import measure_answers, misfit

ENGINE = Engine(
    name="answers",
    reads=("predictions", "ground_truth", "classifications_predictions", "classifications_ground_truth"),
    matched=(CLASSIFICATION_RESULTS,),
    measured=(METRICS, CONFUSION),
    match=match_answers,
    measure=measure_answers,
    misfit=misfit,
    columns=columns_of,
    pieces=SEQUENCES,
    judges=("classifications_predictions", "classifications_ground_truth"),
    grain=SEQUENCE,
)
