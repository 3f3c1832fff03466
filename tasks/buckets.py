"""Which part files of a table hold the units of a bucket, where tables have different numbers of buckets."""

from tasks.storage import Partition


def parts_sharing(table: Partition, bucket: int, buckets: int) -> tuple[str, ...]:
    """Part files of a table's buckets that share units with a bucket; both counts are powers of two."""
    parts = table.buckets
    smaller = min(buckets, len(parts))
    return tuple(str(path) for number, paths in parts.items() if number % smaller == bucket % smaller for path in paths)
