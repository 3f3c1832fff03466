"""What a run did: timed stages, counts, and its row in the table `runs`."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson
import pyarrow as pa

from schemas.tables import RUNS
from tasks.storage import Transaction, tagged
from tasks.versions import digest, versions


@dataclass(slots=True)
class RunLog:
    """Kept while a run works; `row` is what is left of it."""

    command: str
    parameters: Mapping[str, Any]
    prediction_set: str | None = None
    inputs: list[Mapping[str, Any]] = field(default_factory=list)
    rows_in: int = 0
    rows_accepted: int = 0
    rows_rejected: int = 0
    details: dict[str, Any] = field(default_factory=dict)
    stage_seconds: dict[str, float] = field(default_factory=dict)
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    _clock: float = field(default_factory=time.perf_counter)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count the seconds of a block to the stage `name`."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.stage_seconds[name] = self.stage_seconds.get(name, 0.0) + time.perf_counter() - start

    def _row(self, run_id: str, status: str, reason: str | None) -> dict[str, Any]:
        def text(value: Any) -> str:
            return orjson.dumps(value, default=str, option=orjson.OPT_SORT_KEYS).decode()

        return {
            "run_id": run_id,
            "command": self.command,
            "prediction_set": self.prediction_set,
            "status": status,
            "started_at": self.started_at,
            "seconds": time.perf_counter() - self._clock,
            "parameters": text(self.parameters),
            "inputs": text(self.inputs),
            "versions": text(versions()),
            "stage_seconds": text({name: round(seconds, 4) for name, seconds in self.stage_seconds.items()}),
            "details": text(self.details),
            "rows_in": self.rows_in,
            "rows_accepted": self.rows_accepted,
            "rows_rejected": self.rows_rejected,
            "reason": reason,
        }

    def stage_row(self, transaction: Transaction, status: str = "completed", reason: str | None = None) -> None:
        """Stage the row, to be published with the rest of the transaction."""
        run_id = transaction.run_id
        with transaction.partition(RUNS, version=tagged(run_id, digest(run_id))).writer() as writer:
            writer.write(pa.Table.from_pylist([self._row(run_id, status, reason)], schema=RUNS.schema))
