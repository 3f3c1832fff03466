"""What an earlier boxscore imported: called stale, and refused where columns that are read today are missing."""

from schemas.errors import StoreError
from schemas.tables import (
    CATEGORIES,
    CLASSIFICATIONS_GROUND_TRUTH,
    CLASSIFICATIONS_PREDICTIONS,
    DATA_UNITS,
    GROUND_TRUTH,
    PREDICTIONS,
    Table,
)
from tasks.catalog import PREDICTION_SET, Catalog, Entry
from tasks.versions import STAGE_VERSIONS, digest

_STAGES = ("ingest", "normalize", "resolve")
_OF_TRUTH = (DATA_UNITS, CATEGORIES, GROUND_TRUTH, CLASSIFICATIONS_GROUND_TRUTH)
_OF_SETS = (PREDICTIONS, CLASSIFICATIONS_PREDICTIONS)


def import_stages(predictions: bool) -> dict[str, int | str]:
    """Versions of the stages whose rows an import consists of, and a digest of the columns that it stores."""
    versions = {name: STAGE_VERSIONS[name] for name in _STAGES}
    return {**versions, "columns": digest([[table.name, table.fields] for table in _tables(predictions)])}


def _tables(predictions: bool) -> tuple[Table, ...]:
    return _OF_SETS if predictions else _OF_TRUTH


def stale_import(entry: Entry) -> str | None:
    """Why what was imported is not what an import would give today; None where it is."""
    current = entry.record.get("stages") == import_stages(entry.kind == PREDICTION_SET)
    return None if current else "an earlier boxscore imported it"


def check_readable(known: Catalog, *names: str) -> None:
    """StoreError where the ground truth or one of these sets lacks columns: an earlier boxscore stored it without.

    Files are looked into only where they are stale. InputError where there is no such set, or no ground truth.
    """
    for entry in (known.require_ground_truth(), *map(known.set_named, names)):
        lacking = _lacking(entry) if stale_import(entry) else []
        if lacking:
            what = f"the set {entry.name!r}" if entry.kind == PREDICTION_SET else "the ground truth"
            text = f"an earlier boxscore stored {what}, without the column(s) {', '.join(lacking)}"
            hint = f"import it again: {import_call(known, entry)}"
            raise StoreError(text, where=f"project {known.project}", hint=hint)


def import_call(known: Catalog, entry: Entry) -> str:
    """The command that imports it again."""
    file = entry.record["inputs"][0]["file"]
    if entry.kind == PREDICTION_SET:
        return f"boxscore import predictions {file} --project {known.project} --name {entry.name}"
    return f"boxscore import ground-truth {file} --project {known.project}"


def _lacking(entry: Entry) -> list[str]:
    tables = [table for table in _tables(entry.kind == PREDICTION_SET) if table.name in entry.partitions]
    return [
        f"{table.name}.{name}"
        for table in tables
        for name in sorted(set(table.fields) - set(entry.partitions[table.name].columns))
    ]
