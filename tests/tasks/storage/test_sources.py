"""Input files."""

import hashlib
import os
from pathlib import Path

import pytest

from schemas.errors import InputError
from tasks.storage.sources import FileSource, input_files


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file of ten bytes."""
    file = tmp_path / "ten.json"
    file.write_bytes(b"0123456789")
    return file


def test_a_file_has_a_name_a_size_and_bytes(path: Path) -> None:
    """Any stretch can be read, also beyond the end."""
    source = FileSource(path)
    assert (source.name, source.size) == ("ten.json", 10)
    assert source.read() == b"0123456789"
    assert [source.read(3, 5), source.read(8), source.read(8, 20), source.read(10), source.read(5, 5)] == [
        b"34", b"89", b"89", b"", b"",
    ]  # fmt: skip


def test_the_digest_is_that_of_the_whole_file(tmp_path: Path) -> None:
    """Larger files are digested in pieces, an empty one too."""
    for content in (b"", b"x", os.urandom(3_000_000)):
        file = tmp_path / "file"
        file.write_bytes(content)
        assert FileSource(file).sha256() == hashlib.sha256(content).hexdigest()


def test_what_is_no_readable_file_is_refused(tmp_path: Path) -> None:
    """A missing file, a directory and a pipe are named with what is wrong."""
    os.mkfifo(tmp_path / "pipe")
    for name, message in (("nothing", "no such file"), (".", "is a directory"), ("pipe", "is no regular file")):
        with pytest.raises(InputError, match=message) as refused:
            FileSource(tmp_path / name)
        assert str(tmp_path) in str(refused.value)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_refused(path: Path) -> None:
    """Permissions are the system's to say."""
    path.chmod(0)
    with pytest.raises(InputError, match="Permission denied"):
        FileSource(path)


def test_a_file_that_shrinks_while_it_is_read_is_refused(path: Path) -> None:
    """Half a file is not taken for a whole one."""
    source = FileSource(path)
    path.write_bytes(b"0123")
    with pytest.raises(InputError, match="shrank to 4 bytes"):
        source.read()
    with pytest.raises(InputError, match="shrank to 4 bytes"):
        source.read_into(memoryview(bytearray(6)), 0)


@pytest.mark.parametrize("hold", [True, False])
def test_a_buffer_is_filled_from_any_byte_on(path: Path, hold: bool) -> None:
    """Held open between two reads or not; an empty buffer takes nothing."""
    content, buffer = path.read_bytes(), bytearray(5)
    source = FileSource(path, hold=hold)
    source.read_into(memoryview(buffer), 2)
    assert buffer == content[2:7]
    source.read_into(memoryview(buffer)[:0], 0)
    assert buffer == content[2:7]


def test_a_file_that_is_replaced_stays_the_one_that_was_opened(path: Path) -> None:
    """Another file of the same name is not mixed in."""
    source = FileSource(path)
    (path.parent / "new").write_bytes(b"abcdefghij")
    os.replace(path.parent / "new", path)
    assert source.read(0, 3) == b"012"


def test_closing_gives_the_file_back(path: Path) -> None:
    """Closing twice is no error, reading afterwards is."""
    source = FileSource(path)
    source.close()
    source.close()
    with pytest.raises(InputError, match="cannot be read"):
        source.read()


def test_a_name_that_is_no_text_is_written_so_that_tables_can_hold_it(tmp_path: Path) -> None:
    """Linux allows any bytes; the file is read all the same."""
    path = tmp_path / os.fsdecode(b"a\xff\xc3\xa9.txt")
    path.write_text("x")
    ((file, name),) = input_files(tmp_path)
    source = FileSource(file, name)
    assert (source.name, source.read()) == ("a\\xffé.txt", b"x")
