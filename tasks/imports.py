"""What imports share: inputs and their digests, how many buckets, and the books that must balance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from schemas.errors import RejectLimitError
from schemas.tables import REJECTS, Table
from tasks.intake import Counts, RejectWriter
from tasks.runs import RunLog
from tasks.storage import FileSource, StagedPartition, Transaction, tagged
from tasks.versions import STAGE_VERSIONS, digest

_BUCKET_BYTES = 64 * 2**20
_MOST_BUCKETS = 64


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import came to; `unchanged` where the project already held just this."""

    what: str
    status: str
    format: str
    rows: int
    accepted: int
    rejected: int
    reasons: Mapping[str, int] = field(default_factory=dict)
    """Rejected records per reason code."""


def buckets_for(source_bytes: int) -> int:
    """Shares to work on side by side: a power of two, one per 64 MB of input, 64 at most."""
    wanted = min(max(1, -(-source_bytes // _BUCKET_BYTES)), _MOST_BUCKETS)
    return 1 << (wanted - 1).bit_length()


def describe(sources: Sequence[FileSource]) -> list[dict[str, Any]]:
    """Name, bytes and sha256 of each input."""
    return [{"file": source.name, "bytes": source.size, "sha256": source.sha256()} for source in sources]


def input_digests(record: Mapping[str, Any]) -> list[str]:
    """The sha256 of the inputs a commit was made from."""
    return [item["sha256"] for item in record["inputs"]]


def import_stages() -> dict[str, int]:
    """Versions of the stages whose rows an import consists of."""
    return {name: STAGE_VERSIONS[name] for name in ("ingest", "normalize", "resolve")}


def write_whole(staged: StagedPartition, table: Table, rows: pa.Table) -> None:
    """Write a table that is not split by units."""
    with staged.writer() as writer:
        writer.write(rows.select([name for name in rows.column_names if name in table.fields]))


def recorded(counts: Counts, reasons: Mapping[str, int], log: RunLog) -> dict[str, Any]:
    """The part of a commit record that every import has."""
    return {
        "inputs": log.inputs,
        "rows": counts.rows,
        "accepted": counts.accepted,
        "rejected": counts.rejected,
        "reasons": dict(reasons),
        "given": counts.given,
        "stages": import_stages(),
    }


def unchanged(what: str, record: Mapping[str, Any]) -> Imported:
    """What is said of an import whose bytes are already there."""
    counts = (record[name] for name in ("rows", "accepted", "rejected"))
    return Imported(what, "unchanged", record["format"], *counts, record["reasons"])


class Books:
    """The rejects and the run's row of one import."""

    def __init__(self, transaction: Transaction, log: RunLog, kind: str) -> None:
        """`kind` tells the imports of one run apart."""
        self._transaction, self._log = transaction, log
        version = tagged(f"{transaction.run_id}.{kind}", digest(transaction.run_id))
        self._staged = transaction.partition(REJECTS, version)
        self.rejects = RejectWriter(self._staged, transaction.run_id, log.prediction_set)

    def close(self, counts: Counts, limit: float, data: Sequence[StagedPartition]) -> None:
        """Balance the books. Over the limit, `data` is not published, rejects and run are, and RejectLimitError tells."""
        self.rejects.close()
        log = self._log
        log.rows_in, log.rows_accepted, log.rows_rejected = counts.rows, counts.accepted, counts.rejected
        log.details["rejects"] = self.rejects.reasons
        share = counts.rejected / counts.rows if counts.rows else 0.0
        if share <= limit:
            log.stage_row(self._transaction)
            return
        message = f"{counts.rejected} of {counts.rows} records were rejected ({share:.1%}); allowed are {limit:.1%}"
        for staged in data:
            self._transaction.discard(staged)
        log.stage_row(self._transaction, "failed", message)
        self._transaction.commit({"kind": "failed"})
        raise RejectLimitError(message, hint="nothing was imported; the reasons are in the table rejects")
