"""The flow evaluate with buckets of few rows that take seconds each: whatever kills it does so in the middle.

A worker of a test is told this module's name as entrypoint. What is matched is noted in the file that NOTES names.
"""

import os
import time
from dataclasses import replace
from pathlib import Path

from flows.evaluate import evaluate as evaluate
from tasks import imports, plan
from tasks.engine import Done, Shard

NOTES = "BOXSCORE_TEST_NOTES"
SECONDS = 2.0
BUCKETS = 8
"""Of the sample's boxes, 25 kB."""

_ENGINE = plan.ENGINES["objects"]


def _slowly(shard: Shard) -> Done:
    begun_s = time.time()
    done = _ENGINE.match(shard)
    time.sleep(SECONDS)
    with Path(os.environ[NOTES]).open("a") as notes:
        notes.write(f"{shard.labels['prediction_set']} {shard.bucket} {begun_s} {time.time()}\n")
    return done


if NOTES in os.environ:  # a test that imports this module for its numbers must not slow down all others
    imports._BUCKET_BYTES = 4096
    plan.ENGINES["objects"] = replace(_ENGINE, match=_slowly)
