"""What lies between two stages, on an object store."""

import pyarrow as pa

from tasks.storage import Project, clear, has_scratch, read_scratch, scratch_files, write_scratch


def test_rows_come_back_until_they_are_cleared(project: Project) -> None:
    """With the columns they have, dictionaries among them, also where there are none."""
    rows = pa.table({"score": [0.5, None], "category": pa.array(["cat", "dog"]).dictionary_encode()})
    folder = project.folder / "_meta" / "scratch" / "run"
    for name, written in (("00000000.rows", rows), ("00000001.rows", rows.schema.empty_table())):
        assert not has_scratch(folder / name)
        write_scratch(folder / name, written)
        assert has_scratch(folder / name)
        assert read_scratch(folder / name).equals(written)
    assert [path.name for path in scratch_files(folder, ".rows")] == ["00000000.rows", "00000001.rows"]
    clear(folder)
    assert scratch_files(folder, ".rows") == []
