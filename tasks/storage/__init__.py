"""The store: the only package that lists, opens, writes and renames."""

from tasks.storage.arrivals import Arrival, arrivals, look_at
from tasks.storage.checks import check_files
from tasks.storage.commits import Commit, FileEntry
from tasks.storage.layout import Place, bucket_folder, check_name, tagged
from tasks.storage.partitions import Partition
from tasks.storage.reading import read_parts
from tasks.storage.reuse import reuse_parts
from tasks.storage.scratch import (
    clear,
    has_scratch,
    read_bytes,
    read_scratch,
    scratch_files,
    write_bytes,
    write_scratch,
)
from tasks.storage.sources import FileSource, input_files
from tasks.storage.state import State
from tasks.storage.store import Project, Store
from tasks.storage.transactions import StagedPartition, Transaction
from tasks.storage.trash import Trashed
from tasks.storage.verify import Report
from tasks.storage.whole_tables import forget_whole, read_whole
from tasks.storage.writers import PartWriter

__all__ = [
    "Arrival",
    "Commit",
    "FileEntry",
    "FileSource",
    "PartWriter",
    "Partition",
    "Place",
    "Project",
    "Report",
    "StagedPartition",
    "State",
    "Store",
    "Transaction",
    "Trashed",
    "arrivals",
    "bucket_folder",
    "check_files",
    "check_name",
    "clear",
    "forget_whole",
    "has_scratch",
    "input_files",
    "look_at",
    "read_bytes",
    "read_parts",
    "read_scratch",
    "read_whole",
    "reuse_parts",
    "scratch_files",
    "tagged",
    "write_bytes",
    "write_scratch",
]
