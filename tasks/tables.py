"""Every stored table whole, with the columns that registries bring: python -m tasks.tables prints docs/tables.md."""

import sys

from schemas.tables import TABLES as DECLARED
from schemas.tables import Table
from schemas.tables_page import tables_page
from tasks.quality.table import QUALITY

TABLES: tuple[Table, ...] = tuple(QUALITY if table.name == QUALITY.name else table for table in DECLARED)

if __name__ == "__main__":
    sys.stdout.write(tables_page(TABLES))
