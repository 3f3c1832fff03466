"""Numbers read back from the store: a set's metrics over all classes."""

import pyarrow as pa
import pyarrow.compute as pc

from schemas.parameters import ProtocolSettings
from schemas.records import Number
from tasks.catalog import Entry
from tasks.protocols import BY_NAME
from tasks.rules import rules_of


def number_list(evaluation: Entry) -> tuple[Number, ...]:
    """The numbers an evaluation's protocol has under the rules it was run with, in their order."""
    protocol = BY_NAME[evaluation.record["protocol"]]
    return protocol.numbers(rules_of(protocol, ProtocolSettings.model_validate(evaluation.record["settings"])))


def overall_numbers(evaluation: Entry) -> dict[str, float | None]:
    """Value by name over all classes; None where it is undefined."""
    wanted = [number.name for number in number_list(evaluation)]
    table = evaluation.partitions["metrics"].read(["metric", "category", "value"])
    rows = table.filter(pc.and_(pc.is_null(table["category"]), pc.is_in(table["metric"], pa.array(wanted))))
    found = dict(zip(rows["metric"].to_pylist(), rows["value"].to_pylist(), strict=True))
    return {name: found.get(name) for name in wanted}
