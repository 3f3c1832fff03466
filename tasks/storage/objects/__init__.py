"""The store on an S3-compatible object store: what has no rename is decided by one conditional put."""
